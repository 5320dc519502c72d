"""Tables survive reading and writing: what is not changed keeps its bytes."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whereas.project.tsv import Row, Table, read_table

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
CELLS = ANY | st.text('ab"|#\t\r\n\u2028\u0085\ufeff ', max_size=6)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
COLUMNS = ("subject_id", "predicate_id", "object_id", "comment")
ROWS = st.lists(st.lists(CELLS, min_size=4, max_size=4).map(tuple), max_size=5)
ABOVE = st.sampled_from(["", "#a: b", '#a: "b"\t\t', '"#a: ""b"""\t\t', "#a:\n#  b: c", "\ufeff#a: b", "\ufeff"])


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def written(rows: list[tuple[str, ...]], end: str, above: str = "", quote: bool = False) -> str:
    """The text of a table: cells that need quotes have them, all cells where `quote` is set."""
    lines = [above.replace("\n", end)] if above.strip("\ufeff") else []
    for row in (COLUMNS, *rows):
        cells = (quoted(cell) if quote or cell.startswith("#") or set(cell) & set('\t\r\n"') else cell for cell in row)
        lines.append("\t".join(cells))
    return ("\ufeff" if above == "\ufeff" else "") + end.join(lines) + end


def records(table: Table) -> list[tuple[str, ...]]:
    return [values for _, values in table.records()]


def is_blank(row: tuple[str, ...]) -> bool:
    return not any(cell.strip() for cell in row)


@settings(max_examples=300, deadline=None)
@given(ROWS, ENDS, ABOVE, st.booleans())
def test_every_cell_is_read_as_it_was_written(rows, end, above, quote):
    text = written(rows, end, above, quote)
    table = read_table(text)
    assert table.text == text
    assert table.columns == COLUMNS
    assert [row for row in records(table) if not is_blank(row)] == [row for row in rows if not is_blank(row)]


@settings(max_examples=300, deadline=None)
@given(ROWS.filter(bool), ENDS, ABOVE, st.booleans(), st.data())
def test_change_of_one_row_leaves_the_bytes_of_all_others(rows, end, above, quote, data):
    table = read_table(written(rows, end, above, quote))
    at = data.draw(st.integers(0, len(table.rows) - 1))
    values = data.draw(st.dictionaries(st.sampled_from(COLUMNS), CELLS, max_size=4))
    changed = table.row(values, table.rows[at])
    again = read_table(Table(table.metadata, table.header, (*table.rows[:at], changed, *table.rows[at + 1 :])).text)
    assert (again.metadata, again.header) == (table.metadata, table.header)
    assert [row.text for row in again.rows] == [(changed if n == at else row).text for n, row in enumerate(table.rows)]
    new = dict(zip(COLUMNS, again.rows[at].values, strict=True))
    old = dict(zip(COLUMNS, table.rows[at].values, strict=True))
    assert new == {**old, **values}
    unchanged = [n for n, column in enumerate(COLUMNS) if values.get(column, old[column]) == old[column]]
    assert [changed.cells[n] for n in unchanged] == [table.rows[at].cells[n] for n in unchanged]


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])) | st.text('a"\t\r\n#', max_size=20))
def test_any_text_is_a_table_that_is_written_as_it_was_read(text):
    table = read_table(text)
    assert table.text == text
    assert all(row.line > table.header.line for row in table.rows)


@settings(max_examples=200, deadline=None)
@given(ROWS, st.booleans())
def test_csv_reads_the_same_cells(rows, quote):
    """The standard library's reader as oracle, on the tables that it reads as RFC 4180 says."""
    rows = [row for row in rows if not is_blank(row)]
    text = written(rows, "\r\n", quote=quote)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t", strict=True)
    assert [tuple(row) for row in reader][1:] == records(read_table(text))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a\tb\n1\t2\n3\t4\n", [2, 3]),
        ("#x\r\n#y\r\na\tb\r\n1\t2\r\n", [4]),
        ('a\tb\n1\t"two\nlines"\n3\t4\n', [2, 4]),
        ('a\tb\r\n1\t"two\r\nlines"\r\n\r\n3\t4', [2, 5]),
        ("a\tb\r1\t2\r3\t4\r", [2, 3]),
        ("a\tb\n1\t\u2028\x85\n3\t4", [2, 3]),
    ],
)
def test_rows_know_their_lines(text, lines):
    assert [row.line for row, _ in read_table(text).records()] == lines


@pytest.mark.parametrize("text", ["", "\ufeff", "#a: b\n", "\n\n", "#a: b\n\t\t\n"])
def test_table_without_a_header_has_no_columns(text):
    table = read_table(text)
    assert (table.columns, list(table.records()), table.text) == ((), [], text)


def test_traces_of_a_spreadsheet_change_nothing():
    text = "a\tb\t\t\n1\t2\t\t\n3\t\t\t\n\t\t\t\n# reviewed up to here\t\t\t\n\n"
    table = read_table(text)
    assert table.columns == ("a", "b")
    assert records(table) == [("1", "2"), ("3", "")]


def test_values_after_the_last_column_are_kept():
    assert records(read_table("a\tb\n1\t2\t3\n1\n")) == [("1", "2", "3"), ("1",)]


@pytest.mark.parametrize(
    ("cell", "unclosed"),
    [('"x"', ""), ('"x', '"x'), ('"x"y', '"x"y'), ('"x""', '"x""'), ('x"y"', ""), ('"', '"'), ('""', "")],
)
def test_quote_that_is_not_closed_is_recognized(cell, unclosed):
    (row,) = read_table(f"a\tb\n1\t{cell}\n").rows
    assert row.unclosed == unclosed


def test_columns_are_added_at_the_end_of_every_row():
    table = read_table("#m\na\tb\t\n1\t2\t\n\n3\t4\t").with_columns(["c d", '"e'])
    assert table.text == '#m\na\tb\tc d\t"""e"\n1\t2\t\t\n\n3\t4\t\t'


def test_new_row_has_the_line_end_of_the_header():
    table = read_table("a\tb\r\n")
    assert table.row({"b": "x"}) == Row(0, ("", "x"), "\r\n")
