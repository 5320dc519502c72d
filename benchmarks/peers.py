"""Run every saved query on the endpoints named, and compare the results with the project's own.

`python -m benchmarks.peers http://localhost:3001/sparql …`. Each endpoint serves the published files.
"""

from __future__ import annotations

import sys
import time
from collections import Counter

from benchmarks.measure import ROOT, say
from whereas.errors import WhereasError
from whereas.http.sparql_client import ask_endpoint
from whereas.project.project import read_project
from whereas.rdf.results import QueryResult
from whereas.rdf.serialization import as_kept
from whereas.rdf.terms import nquads
from whereas.validation.check import check

SECONDS = 60  # that an endpoint has for a query


def comparable(answer: QueryResult) -> object:
    """Return a value that is equal for equal results, whatever the order of rows and the form of numbers."""
    if answer.json and answer.boolean is None:
        rows = (
            {column: _same(cell.value) for column, cell in zip(answer.columns, row, strict=True) if cell}
            for row in answer.rows
        )
        return sorted(answer.columns), Counter(tuple(sorted(row.items())) for row in rows)  # fmt: skip
    return answer.boolean if answer.json else as_kept(nquads(answer.triples))


def _same(value: str) -> str:
    try:
        return f"{float(value):.9g}"
    except ValueError:
        return value


def main(addresses: list[str]) -> None:
    """Print one line per endpoint, and log the queries that give a different result, with the reason."""
    checked = check(read_project(ROOT))
    graph = checked.graph()
    queries = [query for query in checked.queries.values() if not query.federated]
    for address in addresses:
        same, start = 0, time.perf_counter()
        for query in queries:
            text = query.bind(query.example.arguments if query.example else {})
            try:
                is_same = comparable(ask_endpoint(address, text, SECONDS)) == comparable(graph.query(text))
                why = "different result"
            except WhereasError as problem:
                is_same, why = False, str(problem)
            same += is_same
            if not is_same:
                say(f"{query.name}: {why}")
        print(f"{address}: {same} of {len(queries)} the same, {time.perf_counter() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
