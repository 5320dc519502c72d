"""The store of the whole dataset, one graph a source, in the project's cache folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence

from whereas.cache import Cache
from whereas.compiler.compile import Summary
from whereas.errors import WhereasError
from whereas.i18n import Message
from whereas.rdf.store import Graph

STORE = "store"  # a folder in that of the cache
_BATCH = 500  # sources loaded at a time


def update_store(cache: Cache, summaries: Sequence[Summary]) -> None:
    """Bring the store up to date, changing only the graphs that differ.

    The cache records the digest of each graph in the store. Raise `WhereasError` when another process has it open.
    """
    folder = cache.folder / STORE
    stored: dict[str, str] = json.loads(cache.latest("stored", "") or b"{}") if folder.is_dir() else {}
    wanted = {summary.graph: summary.digest for summary in summaries}
    if stored == wanted:
        return
    if not stored:
        shutil.rmtree(folder, ignore_errors=True)  # a first load that was interrupted
    try:
        graph = Graph(folder)
    except OSError as problem:
        raise WhereasError(
            Message("{folder}: in use by another whereas process ({problem})", folder=folder, problem=problem)
        ) from None
    changed = [summary for summary in summaries if stored.get(summary.graph) != summary.digest]
    if stored:
        # Graphs about to change are recorded without a digest, so that an interrupted run replaces them again.
        pending = stored | dict.fromkeys((summary.graph for summary in changed), "")
        cache.put("stored", "", "", json.dumps(pending).encode())
        cache.commit()
        for name in stored.keys() - wanted.keys():
            graph.drop(name)
        for summary in changed:
            graph.replace(summary.graph, cache.latest("quads", summary.name))
    else:
        for start in range(0, len(changed), _BATCH):
            graph.load(b"".join(cache.latest("quads", s.name) for s in changed[start : start + _BATCH]))
        graph.optimize()
    graph.flush()
    cache.put("stored", "", "", json.dumps(wanted).encode())
