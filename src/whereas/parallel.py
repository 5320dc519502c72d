"""Run work in parallel: one function over many names on all cores, or tasks on a few threads."""

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

T = TypeVar("T")
Progress = Callable[[str, int, int], None]  # stage, how many are done, of how many

FEW = 16  # names for which starting processes costs more than it saves
BATCH = 2  # names handed over at a time, at most: their results are held until all of them are done

_context: Any = None  # global to a worker process: an initializer of the pool cannot hand a value to its tasks


def silent(stage: str, done: int, of: int) -> None:
    """Report no progress."""


def parallel_map(
    task: Callable[[Any, str], T],
    names: Sequence[str],
    make_context: Callable[..., Any],
    arguments: tuple[Any, ...],
    progress: Progress = silent,
    stage: str = "",
    context: Any = None,
) -> Iterator[tuple[str, T]]:
    """Iterate over each name and `task(context, name)`, in the order of the names.

    Use this process when the names are few, else one process a core; each calls `make_context(*arguments)` once.
    Arguments and results are pickled, but for arguments where processes are forked: they are shared then. A
    `context` saves making one in this process.
    """
    cores = os.cpu_count() or 1
    if len(names) <= FEW or cores == 1:
        context = context or (make_context(*arguments) if names else None)
        for count, name in enumerate(names, 1):
            yield name, task(context, name)
            progress(stage, count, len(names))
        return
    from concurrent.futures import ProcessPoolExecutor  # slow to import, and seldom needed

    size = max(1, min(BATCH, len(names) // (8 * cores)))
    batches = [names[start : start + size] for start in range(0, len(names), size)]
    with ProcessPoolExecutor(cores, initializer=_start, initargs=(os.getpid(), make_context, arguments)) as pool:
        done = 0
        for results in pool.map(_batch, [task] * len(batches), batches):
            yield from results
            done += len(results)
            progress(stage, done, len(names))


def _start(parent: int, make_context: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    global _context
    threading.Thread(target=_exit_with, args=(parent,), daemon=True).start()
    gc.freeze()  # a collection would write to shared pages, and so copy them
    _context = make_context(*arguments)


def _exit_with(parent: int) -> None:
    """End this process when its parent has ended, even if killed: a forked process holds its file locks too."""
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


def _batch(task: Callable[[Any, str], T], names: Sequence[str]) -> list[tuple[str, T]]:
    return [(name, task(_context, name)) for name in names]


_Task = tuple["Future[object]", Callable[..., object], tuple[object, ...]]


class DaemonThreadPool:
    """Run a limited number of tasks at a time; leaving `with` waits for those that have started and cancels the others.

    After an interruption (`KeyboardInterrupt`) it waits for none. `ThreadPoolExecutor` would, for as long as a store
    does not answer, and once more when the process ends.
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

    def submit(self, task: Callable[..., T], *arguments: object) -> Future[T]:
        """Queue a task and return its future."""
        future: Future[T] = Future()
        self._tasks.put((future, task, arguments))  # type: ignore[arg-type]
        return future

    def stop(self) -> None:
        """Cancel the tasks that have not started."""
        with suppress(Empty):
            while queued := self._tasks.get_nowait():
                queued[0].cancel()
        for _ in self._threads:
            self._tasks.put(None)

    def _work(self) -> None:
        while queued := self._tasks.get():
            future, task, arguments = queued
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(task(*arguments))
                except BaseException as problem:  # raised again by `future.result()`
                    future.set_exception(problem)
