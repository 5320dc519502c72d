"""A process that answers SPARQL, one query at a time, until it is stopped: `python -m whereas.worker`.

It reads one JSON object a line: query, formats, default and named graphs. It writes one JSON object
a line, and after it as many bytes of content as the line says. It opens the store for reading only.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from whereas.errors import ArgumentError
from whereas.graph import Graph, rows_in
from whereas.limits import Limits
from whereas.relay import Relay


class _TooMuch(Exception):
    """The answer is larger than is allowed."""


class _Sink(io.BytesIO):
    """Bytes up to a limit, and lines up to another: a row of TSV is a line."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.limits, self.lines = limits, 0

    def write(self, chunk: Any) -> int:
        self.lines += bytes(chunk).count(b"\n")
        if self.lines > self.limits.rows + 1:  # the first names the columns
            raise _TooMuch(f"the answer has more than {self.limits.rows:,} rows: ask for fewer with LIMIT")
        if self.tell() + len(chunk) > self.limits.result_bytes:
            raise _TooMuch(f"the answer has more than {self.limits.result_bytes:,} bytes: ask for less with LIMIT")
        return super().write(chunk)


def answer(graph: Graph, asked: dict[str, Any], limits: Limits, relay: Relay) -> tuple[dict[str, Any], bytes]:
    """What is told of the answer (`kind` and `suffix`, or `status` and `problem`), and its content."""
    formats: dict[str, str] = asked["formats"]
    sink = _Sink(limits)
    try:
        query = relay.guarded(asked["query"])
        written = {kind: "tsv" if kind == "rows" else suffix for kind, suffix in formats.items()}
        kind = graph.write_answer(query, sink, written, limits.rows, asked["default_graphs"], asked["named_graphs"])
        if kind not in formats:
            return {"status": 406, "problem": "", "kind": kind}, b""
        content = sink.getvalue()
        if kind == "rows" and formats[kind] != "tsv":
            content = rows_in(content, formats[kind])
        if len(content) > limits.result_bytes:
            raise _TooMuch(f"the answer has more than {limits.result_bytes:,} bytes: ask for less with LIMIT")
    except (ArgumentError, _TooMuch, OSError) as problem:
        if relay.problem:
            return {"status": 502, "problem": relay.problem}, b""
        return {"status": 400, "problem": str(problem)}, b""
    except MemoryError:
        return {"status": 503, "problem": "the query needs more memory than is allowed"}, b""
    return {"status": 200, "kind": kind, "suffix": formats[kind]}, content


def main(folder: str, told: str) -> None:
    """Answer until standard input ends, giving way to the process that serves pages."""
    limits = Limits(**json.loads(told))
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory, limits.memory))
    graph, relay = Graph(Path(folder), read_only=True), Relay(limits.services, limits.result_bytes)
    for line in sys.stdin.buffer:
        head, content = answer(graph, json.loads(line), limits, relay)
        sys.stdout.buffer.write(json.dumps({**head, "size": len(content)}).encode() + b"\n" + content)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
