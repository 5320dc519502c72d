"""A worker process that answers SPARQL, one query at a time: `python -m whereas.server.sparql.worker FOLDER LIMITS`.

It reads one JSON object a line: query, formats, default and named graphs. For each it writes one JSON object on a
line, and then as many bytes of content as `size` in that line says. It opens the store read-only, and copies a small
one into memory.
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

MAX_IN_MEMORY = 64_000_000  # bytes of a store that is copied into memory, some 200,000 triples
_OUT_OF_MEMORY = Message("the query needs more memory than is allowed")


class _LimitExceeded(WhereasError):
    """The result is larger than is allowed."""


def too_many_bytes(limits: Limits) -> _LimitExceeded:
    """Return the error for a result with more bytes than are allowed."""
    most = limits.result_bytes
    return _LimitExceeded(Message("the answer has more than {most:,} bytes: ask for less with LIMIT", most=most))


def too_many_rows(limits: Limits) -> _LimitExceeded:
    """Return the error for a result with more rows than are allowed."""
    most = limits.rows
    return _LimitExceeded(Message("the answer has more than {most:,} rows: ask for fewer with LIMIT", most=most))


class _UncertainCount(Exception):
    """The result may have more rows than are allowed: only as TSV are they counted exactly."""


class _Sink(io.BytesIO):
    """A buffer that takes bytes up to a limit."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.limits = limits

    def write(self, chunk: Any) -> int:
        if self.tell() + len(chunk) > self.limits.result_bytes:
            raise too_many_bytes(self.limits)
        return super().write(chunk)


# What separates two rows, and what to add to the number of its occurrences. A value may hold it too, except in TSV.
_SEPARATORS = {"json": (b"},{", 1), "xml": (b"<result>", 0), "csv": (b"\n", -1), "tsv": (b"\n", -1)}


class _Rows(_Sink):
    """A buffer that takes rows up to a limit too."""

    def __init__(self, limits: Limits, suffix: str) -> None:
        super().__init__(limits)
        self.is_exact, self.end = suffix == "tsv", b""
        self.separator, self.rows = _SEPARATORS[suffix]

    def write(self, chunk: Any) -> int:
        text = self.end + chunk  # a separator may lie in two chunks
        self.rows += text.count(self.separator)
        self.end = text[len(text) - len(self.separator) + 1 :]
        if self.rows > self.limits.rows:
            raise too_many_rows(self.limits) if self.is_exact else _UncertainCount
        return super().write(chunk)


def answer(graph: Graph, job: dict[str, Any], limits: Limits, proxy: ServiceProxy) -> tuple[dict[str, Any], bytes]:
    """Return head and content of the answer: `status` 200, `kind` and `suffix`, or another `status` and `problem`."""
    formats: dict[str, str] = job["formats"]
    try:
        query = proxy.rewrite_allowed(job["query"])
        try:
            kind, content = _write(graph, query, job, formats, limits)
        except _UncertainCount:
            kind, content = _write(graph, query, job, {**formats, "rows": "tsv"}, limits)
            content = rows_in(content, formats[kind])
        if kind not in formats:
            return {"status": 406, "kind": kind}, b""
        if len(content) > limits.result_bytes:
            raise too_many_bytes(limits)
    except (ArgumentError, _LimitExceeded, OSError) as error:
        if proxy.problem:
            return _error(502, proxy.problem), b""
        message = error.message if isinstance(error, WhereasError) else Message(str(error))
        return _error(400, message), b""
    except MemoryError:
        return _error(503, _OUT_OF_MEMORY), b""
    return {"status": 200, "kind": kind, "suffix": formats[kind]}, content


def _write(graph: Graph, query: str, job: dict[str, Any], formats: dict[str, str], limits: Limits) -> tuple[str, bytes]:
    sinks: dict[str, _Sink] = {kind: _Sink(limits) for kind in formats}
    if "rows" in formats:
        sinks["rows"] = _Rows(limits, formats["rows"])
    kind = graph.write_answer(query, sinks, formats, limits.rows, job["default_graphs"], job["named_graphs"])
    return kind, sinks[kind].getvalue() if kind in sinks else b""


def _error(status: int, problem: Localized) -> dict[str, Any]:
    return {"status": status, "problem": to_data(problem)}


def main(folder: str, limits_json: str) -> None:
    """Answer until standard input ends."""
    limits = Limits(**json.loads(limits_json))
    os.nice(10)  # the process that serves pages comes first
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory, limits.memory))
    graph, proxy = Graph(Path(folder), read_only=True), ServiceProxy(limits.services, limits.result_bytes)
    if sum(path.stat().st_size for path in Path(folder).iterdir()) <= MAX_IN_MEMORY:
        graph = graph.in_memory()
    for line in sys.stdin.buffer:
        head, content = answer(graph, json.loads(line), limits, proxy)
        sys.stdout.buffer.write(json.dumps({**head, "size": len(content)}).encode() + b"\n" + content)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
