"""The store that holds every source, each in its graph, in the project's workshop."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence

from whereas.cache import Cache
from whereas.compiler.compile import Summary
from whereas.errors import WhereasError
from whereas.i18n import Message
from whereas.rdf.store import Graph

STORE = "store"  # a folder beside what is remembered


def update_store(cache: Cache, summaries: Sequence[Summary]) -> None:
    """Bring the store up to date: only graphs that changed are touched."""
    folder = cache.folder / STORE
    stored: dict[str, str] = json.loads(cache.latest("stored", "") or b"{}") if folder.is_dir() else {}
    wanted = {summary.graph: summary.digest for summary in summaries}
    if stored == wanted:
        return
    if not stored:
        shutil.rmtree(folder, ignore_errors=True)  # it was never filled to its end
    try:
        graph = Graph(folder)
    except OSError as problem:
        raise WhereasError(
            Message("{folder}: another whereas is at work in this project ({problem})", folder=folder, problem=problem)
        ) from None
    changed = [summary for summary in summaries if stored.get(summary.graph) != summary.digest]
    if stored:
        unsure = stored | dict.fromkeys((summary.graph for summary in changed), "")
        cache.put("stored", "", "", json.dumps(unsure).encode())  # should this be cut short, they are done again
        cache.commit()
        for name in stored.keys() - wanted.keys():
            graph.drop(name)
        for summary in changed:
            graph.replace(summary.graph, cache.latest("quads", summary.name))
    else:
        for start in range(0, len(changed), 500):
            graph.load(b"".join(cache.latest("quads", s.name) for s in changed[start : start + 500]))
        graph.optimize()
    graph.flush()
    cache.put("stored", "", "", json.dumps(wanted).encode())
