"""Tasks side by side in threads that nobody has to wait for: an interrupted command ends at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import TypeVar

T = TypeVar("T")
_Task = tuple["Future[object]", Callable[..., object], tuple[object, ...]]


class Threads:
    """So many tasks at a time. At the end of `with`, what was begun is awaited, and what was not is left.

    Only an interruption waits for nothing: an executor of the standard library waits then too, for as long as a
    store is silent, and once more when the process ends.
    """

    def __init__(self, count: int) -> None:
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._threads = [Thread(target=self._work, daemon=True) for _ in range(count)]

    def __enter__(self) -> Threads:
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
