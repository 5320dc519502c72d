"""Files that are not what they seem: links, pipes, line ends, what a folder may hold."""

import hashlib
import os

import pytest

from authoring import DOCUMENT, PAGE, TEXT, compiled, lines, write_project


def test_symbolic_link_out_of_the_project_is_not_followed(tmp_path):
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    (tmp_path / "project").mkdir()
    project = write_project(tmp_path / "project", PAGE)
    text = project.data / "note/text.en.txt"
    text.unlink()
    text.symlink_to(tmp_path / "secret.txt")
    assert lines(project) == [
        f"data/note/text.en.txt: violation: symbolic link leads out of the project, to {tmp_path / 'secret.txt'}"
    ]


def test_symbolic_link_to_nothing_is_reported(tmp_path):
    project = write_project(tmp_path, PAGE)
    (project.data / "note/more.txt").symlink_to("nowhere.txt")
    assert lines(project) == ["data/note/more.txt: violation: no such file"]


def test_symbolic_link_to_itself_is_reported(tmp_path):
    project = write_project(tmp_path, PAGE)
    (project.data / "note/more.txt").symlink_to("more.txt")
    assert lines(project) == ["data/note/more.txt: violation: cannot be read: symbolic link to itself"]


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_folder_or_pipe_is_not_opened(tmp_path, make):
    project = write_project(tmp_path, PAGE)
    make(project.data / "note/more.yaml")
    assert lines(project) == ["data/note/more.yaml: violation: cannot be read: not a file"]


def test_file_of_200_megabytes_is_not_read(tmp_path):
    project = write_project(tmp_path, PAGE)
    with (project.data / "note/more.txt").open("wb") as file:
        file.truncate(200_000_000)
    assert lines(project) == [
        "data/note/more.txt: violation: file too large: expected at most 16777216 bytes, got 200000000"
    ]


def test_second_text_in_a_language_is_reported(tmp_path):
    second = (
        f'- id: doc:note/copy.en\n  type: SourceText\n  sha256: "{hashlib.sha256(TEXT.encode()).hexdigest()}"\n'
        "  lang: en\n"
    )
    files = {**PAGE, "note/document.yaml": DOCUMENT + second, "note/copy.en.txt": TEXT}
    assert lines(write_project(tmp_path, files)) == [
        "data/note/document.yaml:21: violation: expected one text per language, got a second in 'en'"
    ]


@pytest.mark.parametrize("change", [lambda text: text.replace("\n", "\r\n"), lambda text: f"\ufeff{text}"])
def test_line_ends_and_byte_order_mark_make_no_difference(tmp_path, change):
    (tmp_path / "changed").mkdir()
    (tmp_path / "sound").mkdir()
    sound = compiled(write_project(tmp_path / "sound", PAGE))
    changed = {**PAGE, "note/document.yaml": change(DOCUMENT)}
    assert compiled(write_project(tmp_path / "changed", changed)) == sound


def test_list_of_one_type_is_that_type(tmp_path):
    document = DOCUMENT.replace("type: SourceText", "type: [SourceText]").replace(
        "type: Quotation", "type: [Quotation]"
    )
    (tmp_path / "listed").mkdir()
    (tmp_path / "sound").mkdir()
    assert compiled(write_project(tmp_path / "listed", {**PAGE, "note/document.yaml": document})) == compiled(
        write_project(tmp_path / "sound", PAGE)
    )


def test_all_findings_of_a_folder_are_collected_in_order(tmp_path):
    wrong = DOCUMENT.replace("ent:anna", "Anna").replace("type: Claim", "type: Clam")
    more = 'not: yaml-ld\n"!": !x 1\n'
    files = {**PAGE, "note/document.yaml": wrong, "note/more.yaml": more, "note/more.txt": b"\xff"}
    assert lines(write_project(tmp_path, files)) == [
        "data/note/document.yaml:11: violation: unknown type 'Clam', did you mean 'Claim'?",
        "data/note/document.yaml:15: violation: speaker: expected prefix:name or an IRI, got 'Anna'",
        "data/note/more.txt:1: violation: not UTF-8: byte 0xFF at offset 0; save the file as UTF-8",
        "data/note/more.yaml:2: violation: tag !x is not allowed in YAML-LD; quote the value if it starts with '!'",
    ]
