"""A process that answers SPARQL, one query at a time, until it is stopped: `python -m whereas.worker`.

It reads one JSON object a line: query, formats, default and named graphs. It writes one JSON object
a line, and after it as many bytes of content as the line says. It opens the store for reading only, and holds a
small one in memory.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from whereas.errors import ArgumentError, WhereasError
from whereas.i18n import Localized, Message, to_data
from whereas.rdf.results import rows_in
from whereas.rdf.store import Graph
from whereas.server.sparql.federation import ServiceProxy
from whereas.server.sparql.limits import Limits

MOST_HELD = 64_000_000  # bytes of a store that is held in memory, some 200,000 triples
_MEMORY = Message("the query needs more memory than is allowed")


class _TooMuch(WhereasError):
    """The answer is larger than is allowed."""


def too_large(limits: Limits) -> _TooMuch:
    most = limits.result_bytes
    return _TooMuch(Message("the answer has more than {most:,} bytes: ask for less with LIMIT", most=most))


def too_many(limits: Limits) -> _TooMuch:
    most = limits.rows
    return _TooMuch(Message("the answer has more than {most:,} rows: ask for fewer with LIMIT", most=most))


class _Unsure(Exception):
    """The answer may have more rows than are allowed: only as TSV are they counted exactly."""


class _Sink(io.BytesIO):
    """Bytes up to a limit."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.limits = limits

    def write(self, chunk: Any) -> int:
        if self.tell() + len(chunk) > self.limits.result_bytes:
            raise too_large(self.limits)
        return super().write(chunk)


# What stands between two rows, and what to add to how often it does. A value may hold it too, but in TSV.
_BETWEEN = {"json": (b"},{", 1), "xml": (b"<result>", 0), "csv": (b"\n", -1), "tsv": (b"\n", -1)}


class _Rows(_Sink):
    """Rows up to a limit too."""

    def __init__(self, limits: Limits, suffix: str) -> None:
        super().__init__(limits)
        self.is_exact, self.end = suffix == "tsv", b""
        self.between, self.rows = _BETWEEN[suffix]

    def write(self, chunk: Any) -> int:
        told = self.end + chunk
        self.rows += told.count(self.between)
        self.end = told[len(told) - len(self.between) + 1 :]
        if self.rows > self.limits.rows:
            raise too_many(self.limits) if self.is_exact else _Unsure
        return super().write(chunk)


def answer(graph: Graph, asked: dict[str, Any], limits: Limits, relay: ServiceProxy) -> tuple[dict[str, Any], bytes]:
    """What is told of the answer (`kind` and `suffix`, or `status` and `problem` in both languages), and its content."""
    formats: dict[str, str] = asked["formats"]
    try:
        query = relay.rewrite_allowed(asked["query"])
        try:
            kind, content = _written(graph, query, asked, formats, limits)
        except _Unsure:
            kind, content = _written(graph, query, asked, {**formats, "rows": "tsv"}, limits)
            content = rows_in(content, formats[kind])
        if kind not in formats:
            return {"status": 406, "kind": kind}, b""
        if len(content) > limits.result_bytes:
            raise too_large(limits)
    except (ArgumentError, _TooMuch, OSError) as problem:
        if relay.problem:
            return _refusal(502, relay.problem), b""
        told = problem.message if isinstance(problem, WhereasError) else Message(str(problem))
        return _refusal(400, told), b""
    except MemoryError:
        return _refusal(503, _MEMORY), b""
    return {"status": 200, "kind": kind, "suffix": formats[kind]}, content


def _written(
    graph: Graph, query: str, asked: dict[str, Any], formats: dict[str, str], limits: Limits
) -> tuple[str, bytes]:
    sinks: dict[str, _Sink] = {kind: _Sink(limits) for kind in formats}
    if "rows" in formats:
        sinks["rows"] = _Rows(limits, formats["rows"])
    kind = graph.write_answer(query, sinks, formats, limits.rows, asked["default_graphs"], asked["named_graphs"])
    return kind, sinks[kind].getvalue() if kind in sinks else b""


def _refusal(status: int, problem: Localized) -> dict[str, Any]:
    return {"status": status, "problem": to_data(problem)}


def main(folder: str, told: str) -> None:
    """Answer until standard input ends, giving way to the process that serves pages."""
    limits = Limits(**json.loads(told))
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory, limits.memory))
    graph, relay = Graph(Path(folder), read_only=True), ServiceProxy(limits.services, limits.result_bytes)
    if sum(path.stat().st_size for path in Path(folder).iterdir()) <= MOST_HELD:
        graph = graph.in_memory()
    for line in sys.stdin.buffer:
        head, content = answer(graph, json.loads(line), limits, relay)
        sys.stdout.buffer.write(json.dumps({**head, "size": len(content)}).encode() + b"\n" + content)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
