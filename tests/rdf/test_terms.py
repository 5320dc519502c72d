"""Terms are written as the engine writes them, and read back as they were."""

import sys

import pytest

from whereas.rdf.serialization import parse
from whereas.rdf.terms import literal, nquads, read_nquads, value_of

EVERYTHING = "".join(map(chr, (*range(0xD800), *range(0xE000, sys.maxunicode + 1))))


@pytest.mark.parametrize("qualified", [{}, {"language": "zh-Hant"}, {"datatype": "http://example.org/type"}])
def test_literal_of_every_character_is_written_as_the_engine_writes_it(qualified):
    written = [("<http://example.org/s>", "<http://example.org/p>", literal(EVERYTHING, **qualified), "<http://g>")]
    assert parse(nquads(written), "nq") == written
    assert list(read_nquads(nquads(written))) == written
    assert value_of(written[0][2]) == EVERYTHING
