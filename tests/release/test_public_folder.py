"""Where a release is published: links, mount points, other file systems; and the files of others, which are kept."""

import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

import whereas
from whereas.errors import WhereasError
from whereas.release import staging

OTHERS = {"CNAME": "example.org\n", ".git/HEAD": "ref\n", ".well-known/acme/token": "t", "doc/mine.txt": "mine\n"}
SHM = Path("/dev/shm")  # a file system in memory
IN_MEMORY = pytest.mark.skipif(not os.access(SHM, os.W_OK), reason="no file system in memory at /dev/shm")


@pytest.fixture(scope="module")
def new(tmp_path_factory):
    """Projects as `whereas new` writes them, of two names."""
    folder = tmp_path_factory.mktemp("new")
    for name in ("one", "two"):
        run = [sys.executable, "-m", "whereas", "new", str(folder / name)]
        subprocess.run(run, check=True, stdout=subprocess.DEVNULL)
    return folder


@pytest.fixture
def folder(tmp_path, new):
    return shutil.copytree(new / "one", tmp_path / "project")


@pytest.fixture
def elsewhere(tmp_path):
    """A folder on another file system."""
    folder = SHM / f"whereas-{tmp_path.name}-{os.getpid()}"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


@contextmanager
def mounted(target: Path, *source: str):
    """Mount a file system in memory, or a folder, or skip the test."""
    target.mkdir(parents=True, exist_ok=True)
    how = ("--bind", *source) if source else ("-t", "tmpfs", "-o", "size=16m", "tmpfs")
    if os.geteuid():
        pytest.skip("only root mounts file systems")
    run = subprocess.run(["mount", *how, str(target)], capture_output=True, text=True, check=False)
    if run.returncode:
        pytest.skip(f"mounting is not permitted: {run.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(target)], check=True)


def build(folder: Path) -> None:
    whereas.write_release(whereas.check(whereas.read_project(folder)), pages=False)


def rename(folder: Path, name: str) -> None:
    """Change the project, so that the next build writes."""
    path = folder / "data/entities/entities.yaml"
    path.write_text(re.sub("Ada Brook[a-z ]*", f"Ada Brook {name}", path.read_text("utf-8"), count=1), "utf-8")


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def put_others(folder: Path) -> None:
    for name, text in OTHERS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "empty/inner").mkdir(parents=True)
    (folder / "latest").symlink_to("nowhere")
    (folder / "linked").symlink_to(folder.parent)


def assert_complete(folder: Path, others: bool = True) -> dict[str, bytes]:
    """Check that a folder is a whole release and what others have there; return the release."""
    files = files_in(folder)
    sums = dict(reversed(line.split("  ")) for line in files["SHA256SUMS"].decode().splitlines())
    expected = {name: text.encode() for name, text in OTHERS.items()} if others else {}
    assert files.keys() == {*sums, "SHA256SUMS", *expected}
    assert {name: files[name] for name in expected} == expected
    assert all(hashlib.sha256(files[name]).hexdigest() == digest for name, digest in sums.items())
    assert others == (folder / "empty/inner").is_dir() == (folder / "latest").is_symlink()
    return {name: content for name, content in files.items() if name not in expected}


@contextmanager
def place(kind: str, folder: Path, tmp_path: Path, elsewhere: Path):
    """Make `public`, or the cache, of a kind; yield the folder that is published."""
    public = folder / "public"
    if kind == "folder":
        public.mkdir()
        yield public
    elif kind in ("link", "link to another disk", "relative link"):
        target = (tmp_path if kind != "link to another disk" else elsewhere) / "www"
        target.mkdir()
        public.symlink_to("../www" if kind == "relative link" else target)
        yield target
    elif kind == "cache on another disk":
        (folder / ".whereas").symlink_to(elsewhere)
        public.mkdir()
        yield public
    elif kind == "mount point":
        with mounted(public):
            yield public
    elif kind == "mounted folder":
        (tmp_path / "www").mkdir()
        with mounted(public, str(tmp_path / "www")):
            yield public
    elif kind == "mount inside":
        public.mkdir()
        with mounted(public / "volume"):
            yield public


KINDS = [
    "folder",
    "link",
    "relative link",
    pytest.param("link to another disk", marks=IN_MEMORY),
    pytest.param("cache on another disk", marks=IN_MEMORY),
    pytest.param("mount point", marks=pytest.mark.system),
    pytest.param("mounted folder", marks=pytest.mark.system),
    pytest.param("mount inside", marks=pytest.mark.system),
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_build_writes_the_release_and_keeps_what_others_have(folder, tmp_path, elsewhere, kind):
    with place(kind, folder, tmp_path, elsewhere) as public:
        put_others(public)
        is_link = (folder / "public").is_symlink()
        states = []
        for name in ("warns", "exclaims", "warns", "exclaims"):
            rename(folder, name)
            if name == "warns" and states:
                shutil.rmtree(folder / ".whereas/store", ignore_errors=True)
            build(folder)
            states.append(assert_complete(public))
            assert (folder / "public").is_symlink() == is_link
            assert not list(public.glob(".whereas-*"))
        assert states[0] == states[2] != states[1] == states[3]
        for cache in (folder / ".whereas").iterdir():  # the folder itself may be a link
            shutil.rmtree(cache) if cache.is_dir() else cache.unlink()
        rename(folder, "warns")
        build(folder)  # what is ours is known by SHA256SUMS alone
        assert assert_complete(public) == states[0]
        (public / "CNAME").unlink()
        (public / "latest").unlink()
        rename(folder, "exclaims")
        build(folder)
        assert not (public / "CNAME").exists() and not (public / "latest").is_symlink()  # nor is it brought back


@pytest.mark.parametrize("kind", ["folder", "link", pytest.param("link to another disk", marks=IN_MEMORY)])
@pytest.mark.parametrize("form", ["file", "folder", "link to a file", "link to a folder", "file for a folder"])
def test_file_of_others_in_the_way_is_named_and_nothing_is_changed(folder, tmp_path, elsewhere, kind, form):
    with place(kind, folder, tmp_path, elsewhere) as public:
        (tmp_path / "target").mkdir()
        (tmp_path / "target/file").write_text("of others")
        path = public / ("doc" if form in ("link to a folder", "file for a folder") else "catalogue.ttl")
        if form == "folder":
            path.mkdir()
        elif form == "link to a file":
            path.symlink_to(tmp_path / "target/file")
        elif form == "link to a folder":
            path.symlink_to(tmp_path / "target")
        else:
            path.write_text("of others")
        before = files_in(tmp_path / "target"), files_in(public), path.lstat().st_mode
        with pytest.raises(WhereasError, match=rf"^public/{path.name}: not written by whereas, .*was not changed$"):
            build(folder)
        assert (files_in(tmp_path / "target"), files_in(public), path.lstat().st_mode) == before
        path.rmdir() if form == "folder" else path.unlink()
        build(folder)
        assert_complete(public, others=False)


def test_list_of_another_project_is_not_taken_for_ours(folder, tmp_path, new):
    other = shutil.copytree(new / "two", tmp_path / "other")
    build(other)
    before = files_in(other / "public")
    (folder / "public").symlink_to(other / "public")
    with pytest.raises(WhereasError, match="not written by whereas"):
        build(folder)
    assert files_in(other / "public") == before


def test_copy_of_a_release_is_known_by_its_sums(folder, tmp_path):
    build(folder)
    shutil.copytree(folder / "public", tmp_path / "www")
    shutil.rmtree(folder / "public")
    (folder / "public").symlink_to(tmp_path / "www")
    rename(folder, "exclaims")
    build(folder)
    assert_complete(tmp_path / "www", others=False)
    sums = tmp_path / "www/SHA256SUMS"
    sums.write_text(f"{'0' * 64}  ../../project/pyproject.toml\n{sums.read_text()}")
    shutil.rmtree(folder / ".whereas")
    rename(folder, "warns")
    build(folder)
    assert (folder / "pyproject.toml").exists()


@pytest.mark.parametrize("target", [".", "..", "data", "data/deeper", ".whereas", "shapes"])
def test_link_into_the_project_is_refused(folder, target):
    (folder / "data/deeper").mkdir()
    (folder / "shapes").mkdir()
    (folder / ".whereas").mkdir()
    (folder / "public").symlink_to(target)
    with pytest.raises(WhereasError, match="which holds the project itself; expected a folder of its own"):
        build(folder)


def test_link_that_leads_nowhere_is_followed_or_refused(folder, tmp_path):
    public = folder / "public"
    public.symlink_to(tmp_path / "new")
    build(folder)
    assert_complete(tmp_path / "new", others=False)
    public.unlink()
    public.symlink_to(tmp_path / "absent/new")
    with pytest.raises(WhereasError, match=r"public: leads to .*/absent/new, but there is no folder .*/absent$"):
        build(folder)
    public.unlink()
    public.symlink_to("public")
    with pytest.raises(WhereasError, match="public: symbolic link to itself"):
        build(folder)
    public.unlink()
    (tmp_path / "file").write_text("of others")
    public.symlink_to(tmp_path / "file")
    with pytest.raises(WhereasError, match="expected a folder, got a file"):
        build(folder)
    assert (tmp_path / "file").read_text() == "of others"


def test_file_that_others_write_while_folders_are_exchanged_is_kept(folder, monkeypatch):
    public = folder / "public"
    build(folder)
    put_others(public)
    exchange = staging._exchange

    def late(one, other):
        (public / "late").write_text("late")
        (public / "CNAME").rename(public / "CNAME.old")
        (public / "CNAME").write_text("example.com\n")
        return exchange(one, other)

    monkeypatch.setattr(staging, "_exchange", late)
    rename(folder, "exclaims")
    build(folder)
    assert (public / "late").read_text() == "late"
    assert (public / "CNAME").read_text() == "example.com\n"


def test_folders_are_renamed_where_they_cannot_be_exchanged(folder, monkeypatch):
    monkeypatch.setattr(staging, "_exchange", lambda *_: 38)
    build(folder)
    rename(folder, "exclaims")
    build(folder)
    assert_complete(folder / "public", others=False)
    put_others(folder / "public")  # now its files are replaced one by one
    node = (folder / "public").stat().st_ino
    rename(folder, "warns")
    build(folder)
    assert_complete(folder / "public")
    assert (folder / "public").stat().st_ino == node


@pytest.mark.system
@pytest.mark.parametrize("parent", [False, True], ids=["folder", "its parent"])
def test_read_only_folder_is_told_in_a_sentence_and_nothing_is_changed(folder, tmp_path, parent):
    target = tmp_path / "disk/www"
    with mounted(tmp_path / "disk"):
        target.mkdir()
        (folder / "public").symlink_to(target)
        build(folder)
        before = files_in(target)
        rename(folder, "exclaims")
        subprocess.run(["mount", "-o", "remount,ro", str(tmp_path / "disk")], check=True)
        if parent:
            shutil.rmtree(folder / ".whereas")
        run = [sys.executable, "-m", "whereas", "build", "-q", "--no-pages", "-C", str(folder)]
        failed = subprocess.run(run, capture_output=True, text=True, check=False)
        assert failed.returncode == 2
        assert failed.stderr.splitlines()[-1].endswith("cannot be written: Read-only file system")
        assert files_in(target) == before


@pytest.mark.system
def test_full_disk_changes_nothing(folder):
    public = folder / "public"
    with mounted(public):
        build(folder)
        before = files_in(public)
        with (public / "of others").open("wb") as file, suppress(OSError):
            while True:
                file.write(bytes(65536))
                file.flush()
        rename(folder, "exclaims")
        with pytest.raises(WhereasError, match="cannot be written: No space left on device"):
            build(folder)
        after = files_in(public)
        del after["of others"]
        assert after == before
        assert not list(public.glob(".whereas-*"))
        (public / "of others").unlink()
        build(folder)
        assert_complete(public, others=False)


@IN_MEMORY
@pytest.mark.parametrize("kind", ["link", "link to another disk", "cache on another disk"])
def test_build_that_is_killed_loses_nothing_and_the_next_completes_it(folder, tmp_path, elsewhere, kind):
    run = [sys.executable, "-c", SLOW_BUILD, str(folder)]
    chance = random.Random(kind)
    with place(kind, folder, tmp_path, elsewhere) as public:
        put_others(public)
        build(folder)
        for number, name in enumerate("abcdefghij"):
            rename(folder, f"the {name}")
            with subprocess.Popen(run, stdout=subprocess.PIPE, text=True) as running:
                assert running.stdout.readline() == "publishing\n"
                time.sleep(chance.uniform(0, 0.3))
                running.send_signal(signal.SIGKILL)
            files = files_in(public)
            assert {name: files[name].decode() for name in OTHERS} == OTHERS
            if number % 3 == 2:
                rename(folder, f"the {'abcdefghij'[number - 1]}")  # what was published before
            if number % 4 == 3:
                (folder / ".whereas/cache.sqlite").unlink()
            build(folder)
            assert_complete(public)
            assert not list(public.glob(".whereas-*"))


# Publishing takes long enough to be killed in the middle.
SLOW_BUILD = """
import sys, time, os, shutil
from pathlib import Path
import whereas
from whereas.release.staging import Staging
from whereas.release import public_folder
copy, move, publish = shutil.copy2, public_folder._move, Staging.publish
shutil.copy2 = lambda *names: (time.sleep(0.002), copy(*names))
public_folder._move = lambda *names: (time.sleep(0.002), move(*names))
link = os.link
os.link = lambda *names, **options: (time.sleep(0.005), link(*names, **options))
def told(self):
    print("publishing", flush=True)
    publish(self)
Staging.publish = told
whereas.write_release(whereas.check(whereas.read_project(Path(sys.argv[1]))), pages=False)
"""
