"""The same work for many names, on the cores there are: in this process when they are few."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, TypeVar

Made = TypeVar("Made")
Progress = Callable[[str, int, int], None]  # what is done, how many of how many

FEW = 16  # names for which starting processes costs more than it saves
BATCH = 2  # names handed over at a time, at most: what is made of them is held until all are made

_bench: Any = None


def silent(stage: str, done: int, of: int) -> None:
    """Progress that tells nobody."""


def parallel_map(
    task: Callable[[Any, str], Made],
    names: Sequence[str],
    make_bench: Callable[..., Any],
    told: tuple[Any, ...],
    progress: Progress = silent,
    stage: str = "",
    bench: Any = None,
) -> Iterator[tuple[str, Made]]:
    """Each name with what `task(bench, name)` made of it, as they come.

    `make_bench(*told)` is called once a process; `told` and what is made cross between processes, which
    share the memory of `told` where the system lets them part from this one. A `bench` is one that this process has
    already.
    """
    cores = os.cpu_count() or 1
    if len(names) <= FEW or cores == 1:
        bench = bench or (make_bench(*told) if names else None)
        for count, name in enumerate(names, 1):
            yield name, task(bench, name)
            progress(stage, count, len(names))
        return
    from concurrent.futures import ProcessPoolExecutor  # slow to import, and seldom needed

    size = max(1, min(BATCH, len(names) // (8 * cores)))
    batches = [names[start : start + size] for start in range(0, len(names), size)]
    with ProcessPoolExecutor(cores, initializer=_start, initargs=(os.getpid(), make_bench, told)) as pool:
        done = 0
        for made in pool.map(_batch, [task] * len(batches), batches):
            yield from made
            done += len(made)
            progress(stage, done, len(names))


def _start(giver: int, make_bench: Callable[..., Any], told: tuple[Any, ...]) -> None:
    global _bench
    threading.Thread(target=_leave_with, args=(giver,), daemon=True).start()
    gc.freeze()  # looking through what is shared for what can be freed would copy it
    _bench = make_bench(*told)


def _leave_with(giver: int) -> None:
    """End this process once the one that gives it work is gone, though it was killed: its locks are held here too."""
    while os.getppid() == giver:
        time.sleep(0.2)
    os._exit(1)


def _batch(task: Callable[[Any, str], Made], names: Sequence[str]) -> list[tuple[str, Made]]:
    return [(name, task(_bench, name)) for name in names]


T = TypeVar("T")
_Task = tuple["Future[object]", Callable[..., object], tuple[object, ...]]


class DaemonThreadPool:
    """So many tasks at a time. At the end of `with`, what was begun is awaited, and what was not is left.

    Only an interruption waits for nothing: an executor of the standard library waits then too, for as long as a
    store is silent, and once more when the process ends.
    """

    def __init__(self, count: int) -> None:
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._threads = [Thread(target=self._work, daemon=True) for _ in range(count)]

    def __enter__(self) -> DaemonThreadPool:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        self.stop()
        if kind is None or issubclass(kind, Exception):
            for thread in self._threads:
                thread.join()

    def submit(self, task: Callable[..., T], *given: object) -> Future[T]:
        """What will come of the task."""
        outcome: Future[T] = Future()
        self._tasks.put((outcome, task, given))  # type: ignore[arg-type]
        return outcome

    def stop(self) -> None:
        """No task is begun any more."""
        with suppress(Empty):
            while told := self._tasks.get_nowait():
                told[0].cancel()
        for _ in self._threads:
            self._tasks.put(None)

    def _work(self) -> None:
        while told := self._tasks.get():
            outcome, task, given = told
            if outcome.set_running_or_notify_cancel():
                try:
                    outcome.set_result(task(*given))
                except BaseException as problem:  # it is raised where the outcome is asked for
                    outcome.set_exception(problem)
