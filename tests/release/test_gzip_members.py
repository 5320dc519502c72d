"""A file of many chunks and its compressed copy: made from the last ones, they have the bytes of new ones."""

import gzip
import random
from pathlib import Path

import pytest

from whereas.release import gzip_members
from whereas.release.gzip_members import Layout, Pair, assemble, deflated


def write(folder: Path, contents: list[bytes], last: Path | None, layout: Layout) -> Layout:
    """Write a file of these contents in `folder`, from the one in the folder `last`."""
    folder.mkdir()
    compressed = [deflated(content) for content in contents]
    chunks = [(plain.hex(), len(plain), len(packed)) for plain, packed in zip(contents, compressed, strict=True)]
    target = Pair((folder / "x").open("wb"), (folder / "x.gz").open("wb"))
    before = Pair((last / "x").open("rb"), (last / "x.gz").open("rb")) if last else None
    layout = assemble(target, chunks, lambda number: (contents[number], compressed[number]), before, layout)
    for pair in (target, before):
        if pair:
            pair.plain.close()
            pair.compressed.close()
    return layout


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("span", [1, 40, 1000])
def test_changed_file_is_what_a_new_one_is(tmp_path, monkeypatch, seed, span):
    monkeypatch.setattr(gzip_members, "SPAN", span)
    monkeypatch.setattr(gzip_members, "BLOCK", 7)
    chance = random.Random(seed)
    contents = [f"{number} ".encode() * chance.randint(1, 30) for number in range(40)]
    last, layout = None, Layout()
    for version in range(6):
        folder = tmp_path / str(version)
        layout = write(folder, contents, last, layout)
        assert (folder / "x").read_bytes() == b"".join(contents)
        assert gzip.decompress((folder / "x.gz").read_bytes()) == b"".join(contents)
        afresh = tmp_path / f"{version}-afresh"
        write(afresh, contents, None, Layout())
        assert (folder / "x.gz").read_bytes() == (afresh / "x.gz").read_bytes()
        last, count = folder, len(contents)
        for number in chance.sample(range(count), 3):
            contents[number] = f"{version}-{number} ".encode() * chance.randint(1, 30)
        del contents[chance.randrange(count)]
        contents.insert(chance.randrange(count), f"new {version} ".encode() * chance.randint(1, 30))
        one, other = chance.sample(range(count), 2)
        contents[one], contents[other] = contents[other], contents[one]
