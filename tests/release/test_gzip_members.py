"""A file of many pieces and its twin, made from the ones before: the same bytes as made anew."""

import gzip
import random
from pathlib import Path

import pytest

from whereas.release import gzip_members as pieces
from whereas.release.gzip_members import Layout, Pair, assemble, deflated


def made(folder: Path, contents: list[bytes], last: Path | None, layout: Layout) -> Layout:
    """A file of these contents in `folder`, from the one in the folder `last`."""
    folder.mkdir()
    packed = [deflated(content) for content in contents]
    told = [(content.hex(), len(content), len(other)) for content, other in zip(contents, packed, strict=True)]
    now = Pair((folder / "x").open("wb"), (folder / "x.gz").open("wb"))
    before = Pair((last / "x").open("rb"), (last / "x.gz").open("rb")) if last else None
    layout = assemble(now, told, lambda number: (contents[number], packed[number]), before, layout)
    for file in (now, before):
        if file:
            file.plain.close()
            file.packed.close()
    return layout


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("span", [1, 40, 1000])
def test_changed_file_is_what_a_new_one_is(tmp_path, monkeypatch, seed, span):
    monkeypatch.setattr(pieces, "SPAN", span)
    monkeypatch.setattr(pieces, "BLOCK", 7)
    chance = random.Random(seed)
    contents = [f"{number} ".encode() * chance.randint(1, 30) for number in range(40)]
    last, layout = None, Layout()
    for turn in range(6):
        folder = tmp_path / str(turn)
        layout = made(folder, contents, last, layout)
        assert (folder / "x").read_bytes() == b"".join(contents)
        assert gzip.decompress((folder / "x.gz").read_bytes()) == b"".join(contents)
        afresh = tmp_path / f"{turn}-afresh"
        made(afresh, contents, None, Layout())
        assert (folder / "x.gz").read_bytes() == (afresh / "x.gz").read_bytes()
        last, count = folder, len(contents)
        for number in chance.sample(range(count), 3):
            contents[number] = f"{turn}-{number} ".encode() * chance.randint(1, 30)
        del contents[chance.randrange(count)]
        contents.insert(chance.randrange(count), f"new {turn} ".encode() * chance.randint(1, 30))
        one, other = chance.sample(range(count), 2)
        contents[one], contents[other] = contents[other], contents[one]
