"""Run work in parallel: one function over many names on all cores, or tasks on a few threads."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, TypeVar

from whereas.errors import WhereasError
from whereas.i18n import Message

T = TypeVar("T")
Progress = Callable[[str, int, int], None]  # stage, how many are done, of how many

FEW = 16  # names for which starting processes costs more than it saves
BATCH = 2  # names handed over at a time, at most: their results are held until all of them are done

# Global to a worker process: an initializer of the pool cannot hand values to its tasks.
_context: Any = None
_at_work: Any = None  # shared by all: for each worker its process and the name it is at work on, as a number
_place = 0  # of this worker in it


class WorkerDeath(WhereasError):
    """A worker process ended while it was at work on `name`; `reason` is its signal or status."""

    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason
        super().__init__(
            Message(
                "{name}: the process at work on this stopped ({reason}); nothing was changed, try again",
                name=name.partition("\n")[0],
                reason=reason,
            )
        )


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
    `context` saves making one in this process. Raise `WorkerDeath` when a process is killed or aborts.
    """
    cores = os.cpu_count() or 1
    if len(names) <= FEW or cores == 1:
        context = context or (make_context(*arguments) if names else None)
        for count, name in enumerate(names, 1):
            yield name, task(context, name)
            progress(stage, count, len(names))
        return
    yield from _in_processes(cores, task, names, (os.getpid(), make_context, arguments), progress, stage)


def _in_processes(
    cores: int,
    task: Callable[[Any, str], T],
    names: Sequence[str],
    setup: tuple[Any, ...],
    progress: Progress,
    stage: str,
) -> Iterator[tuple[str, T]]:
    import multiprocessing  # slow to import, and seldom needed
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    size = max(1, min(BATCH, len(names) // (8 * cores)))
    starts = range(0, len(names), size)
    batches = [names[start : start + size] for start in starts]
    at_work = multiprocessing.Array("q", 1 + 2 * cores)  # how many there are, then process and name of each
    others = set(multiprocessing.active_children())
    workers: set[Any] = set()
    try:
        with ProcessPoolExecutor(cores, initializer=_start, initargs=(at_work, *setup)) as pool:
            pool.submit(int)  # which starts the processes: one may end before all batches are handed over
            workers |= set(multiprocessing.active_children()) - others
            all_results = pool.map(_batch, [task] * len(batches), starts, batches)
            workers |= set(multiprocessing.active_children()) - others
            done = 0
            for results in all_results:
                yield from results
                done += len(results)
                progress(stage, done, len(names))
    except BrokenProcessPool:
        raise _death(workers, at_work, names) from None


def _death(workers: Iterable[Any], at_work: Any, names: Sequence[str]) -> WorkerDeath:
    """Return the error for the worker that ended first: the pool then ends the others by SIGTERM."""
    numbers = dict(zip(at_work[1::2], at_work[2::2], strict=True))
    ended = [(worker.exitcode, numbers.get(worker.pid, -1)) for worker in workers if worker.exitcode]
    status, number = min(ended, key=lambda one: (one[0] == -signal.SIGTERM, one[1] < 0), default=(0, -1))
    return WorkerDeath(names[number] if number >= 0 else "whereas", ended_by(status))


def ended_by(status: int) -> str:
    """Return the name of the signal that ended a process, else its status."""
    with suppress(ValueError):
        return signal.Signals(-status).name
    return str(status)


def _start(at_work: Any, parent: int, make_context: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    global _context, _at_work, _place
    threading.Thread(target=_exit_with, args=(parent,), daemon=True).start()
    with at_work.get_lock():
        _at_work, _place = at_work, 1 + 2 * at_work[0]
        at_work[0] += 1
        at_work[_place : _place + 2] = [os.getpid(), -1]
    gc.freeze()  # a collection would write to shared pages, and so copy them
    _context = make_context(*arguments)


def _exit_with(parent: int) -> None:
    """End this process when its parent has ended, even if killed: a forked process holds its file locks too."""
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


def _batch(task: Callable[[Any, str], T], start: int, names: Sequence[str]) -> list[tuple[str, T]]:
    results = []
    for number, name in enumerate(names, start):
        _at_work[_place + 1] = number
        results.append((name, task(_context, name)))
    _at_work[_place + 1] = -1
    return results


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
