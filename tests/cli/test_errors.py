"""Errors are one line and exit code 2; damaged caches are rebuilt."""

import shutil

import pytest

from command_line import copy_project, run_whereas

NO_QUERY = "whereas: no saved query 'demand-by', did you mean 'demands-by'?\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("ask", "demand-by"), NO_QUERY),
        (("ask", "demands-by", "--speaker", "nope:x"), "whereas: speaker: expected foaf:Agent, got 'nope:x'\n"),
        (
            ("ask", "evidence-pack", "--format", "csv"),
            "whereas: the result is a graph: expected --format ttl, got csv\n",
        ),
        (
            ("ask", "--sparql", "none.rq"),
            "whereas: none.rq: cannot be read: No such file or directory\n",
        ),
        (
            ("show", "nobody at all"),
            "whereas: 'nobody at all': not found; expected an IRI, a compact name such as ent:…, or a label\n",
        ),
        (("new", "/proc/none"), "whereas: /proc/none: cannot be written: No such file or directory\n"),
        (("new", "data"), "whereas: data: expected a new or empty folder\n"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_answered_is_one_message_and_exit_code_2(project, words, message):
    result = run_whereas(project, *words)
    assert (result.returncode, result.stdout, result.stderr) == (2, "", message)


def test_file_in_place_of_a_folder_is_an_error_and_left_alone(tmp_path):
    copy_project(tmp_path)
    (tmp_path / "public").write_text("mine")
    result = run_whereas(tmp_path, "build", "--no-pages")
    assert result.returncode == 2
    assert result.stderr == f"whereas: {tmp_path}/public: expected a folder, got a file\n"
    assert (tmp_path / "public").read_text() == "mine"
    (tmp_path / "public").unlink()
    shutil.rmtree(tmp_path / ".whereas")
    (tmp_path / ".whereas").write_text("mine")
    assert run_whereas(tmp_path, "check").returncode == 0  # the cache is then in another folder
    assert (tmp_path / ".whereas").read_text() == "mine"


@pytest.mark.parametrize("damage", ["zeros", "noise", "truncated"])
def test_corrupt_cache_is_rebuilt(tmp_path, damage):
    copy_project(tmp_path)
    sound = run_whereas(tmp_path, "check")
    path = tmp_path / ".whereas/cache.sqlite"
    content = path.read_bytes()
    middle = len(content) // 8192 * 4096
    corrupt = {"zeros": bytes(middle), "noise": b"noise!  " * (middle // 8), "truncated": b""}[damage]
    path.write_bytes(
        (content[: len(content) - middle] + corrupt)
        if damage != "noise"
        else content[:4096] + corrupt + content[4096 + middle :]
    )
    again = run_whereas(tmp_path, "check")
    assert (again.returncode, again.stdout, again.stderr) == (0, sound.stdout, "")


def test_cache_that_is_no_database_is_rebuilt_and_a_corrupt_store_is_an_error(tmp_path):
    copy_project(tmp_path)
    sound = run_whereas(tmp_path, "check")
    (tmp_path / ".whereas/cache.sqlite").write_bytes(b"damaged" * 1000)
    again = run_whereas(tmp_path, "check")
    assert (again.returncode, again.stdout, again.stderr) == (0, sound.stdout, "")
    (tmp_path / ".whereas/store/CURRENT").write_bytes(b"damaged")
    result = run_whereas(tmp_path, "ask", "documents")
    assert result.returncode == 2
    assert result.stderr.startswith(
        f"whereas: {tmp_path}/.whereas/store: corrupt store; delete it, it will be rebuilt ("
    )
    shutil.rmtree(tmp_path / ".whereas/store")
    assert run_whereas(tmp_path, "ask", "documents").returncode == 0
