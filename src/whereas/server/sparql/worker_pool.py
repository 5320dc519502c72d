"""The worker processes that answer queries of one store, opened read-only: a query past its time is really stopped."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sys
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from whereas.http.errors import HTTPError
from whereas.i18n import Message, from_data
from whereas.parallel import ended_by
from whereas.server.sparql.limits import Limits
from whereas.server.sparql.protocol import SparqlRequest, not_acceptable

_BUSY = Message("server busy, retry after {seconds} s")
SHUTTING_DOWN = Message("server shutting down, retry after {seconds} s")
_OUT_OF_MEMORY = Message("the query needs more memory than is allowed, and was stopped")
# What ends a process whose memory is limited, by what the engine, its store and Python say of it.
_ALLOCATION = re.compile(rb"memory allocation of|bad_alloc|MemoryError|Cannot allocate memory")
_VOLATILE = re.compile(r"\b(NOW|RAND|UUID|STRUUID|BNODE|SERVICE)\b", re.IGNORECASE)


@dataclass(frozen=True)
class SerializedResult:
    """A result, and the suffix of its format."""

    content: bytes
    suffix: str


class WorkerPool:
    """Worker processes of one store: as many as may run at the same time, and one reserved for saved queries.

    A process whose query takes too long is killed, and another takes its place. A query waits no longer than it may
    run. Results are cached, for the store does not change.
    """

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder, self.limits = folder, limits
        self.working = 0
        self.is_shutting_down = self.is_stopped = False
        self._slots, self._reserved_slot = asyncio.Semaphore(limits.concurrent), asyncio.Semaphore(1)
        self._waiting: set[asyncio.Timeout] = set()
        self._idle: list[asyncio.subprocess.Process] = []
        self._cached: OrderedDict[tuple[SparqlRequest, str], SerializedResult] = OrderedDict()
        self._size = 0  # of what is cached, in bytes

    @property
    def waiting(self) -> int:
        """The number of queries that wait."""
        return len(self._waiting)

    async def start(self) -> None:
        """Start the processes, so that the first query need not."""
        self._idle += await asyncio.gather(*(self._start_process() for _ in range(self.limits.concurrent + 1)))

    def refuse(self) -> None:
        """Refuse the queries that wait, and new ones; those that run are answered."""
        self.is_shutting_down = True
        for timeout in self._waiting:
            if not timeout.expired():
                timeout.reschedule(0)

    async def stop(self) -> None:
        """End the idle processes; the others end with their query."""
        self.is_stopped = True
        while self._idle:
            await self._end(self._idle.pop())

    async def _start_process(self) -> asyncio.subprocess.Process:
        module = "whereas.server.sparql.worker"
        command = (sys.executable, "-m", module, str(self.folder), json.dumps(asdict(self.limits)))
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
        )

    @staticmethod
    async def _end(process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            process.kill()
        await process.wait()

    async def answer(
        self, request: SparqlRequest, formats: Mapping[str, str], *, is_saved: bool = False
    ) -> SerializedResult:
        """Return the result, in the format for its kind. Raise `HTTPError`."""
        key = request, repr(sorted(formats.items()))
        if cached := self._cached.get(key):
            self._cached.move_to_end(key)
            return cached
        slot = await self._acquire_slot(is_saved)
        self.working += 1
        try:
            result = await self._run(request, formats)
        finally:
            self.working -= 1
            slot.release()
        if key not in self._cached and not is_volatile(request.query):
            self._cached[key] = result
            self._size += _size(key, result)
            while self._size > self.limits.answers:
                self._size -= _size(*self._cached.popitem(last=False))
        return result

    async def _acquire_slot(self, is_saved: bool) -> asyncio.Semaphore:
        """Return an acquired slot, to be released. Raise `HTTPError` when none is free in time."""
        if self.is_shutting_down or self.waiting >= self.limits.waiting:
            raise self._unavailable()
        slot = self._reserved_slot if is_saved and self._slots.locked() else self._slots
        try:
            async with asyncio.timeout(self.limits.time) as timeout:
                self._waiting.add(timeout)
                await slot.acquire()
        except TimeoutError:
            raise self._unavailable() from None
        finally:
            self._waiting.discard(timeout)
        return slot

    def _unavailable(self) -> HTTPError:
        seconds = self.limits.time
        message = (SHUTTING_DOWN if self.is_shutting_down else _BUSY).filled(seconds=seconds)
        return HTTPError(503, message, {"Retry-After": str(seconds)})

    async def _run(self, request: SparqlRequest, formats: Mapping[str, str]) -> SerializedResult:
        process = self._idle.pop() if self._idle else await self._start_process()
        if process.returncode is not None:  # it was killed while it was idle
            process = await self._start_process()
        is_reusable = False
        try:
            async with asyncio.timeout(self.limits.time):
                head, content = await _exchange(process, {**asdict(request), "formats": dict(formats)})
            is_reusable = True
        except TimeoutError:
            seconds = self.limits.time
            problem = Message("the query took longer than {seconds} seconds and was stopped", seconds=seconds)
            raise HTTPError(504, problem) from None
        except (asyncio.IncompleteReadError, ConnectionError, json.JSONDecodeError):
            raise await _death(process) from None
        finally:
            if not is_reusable:
                await self._end(process)
                process = process if self.is_stopped else await self._start_process()
            if self.is_stopped:
                await self._end(process)
            else:
                self._idle.append(process)
        if head["status"] == 406:
            raise not_acceptable(str(head["kind"]))
        if head["status"] != 200:
            raise HTTPError(int(str(head["status"])), from_data(head["problem"]))
        return SerializedResult(content, str(head["suffix"]))


def is_volatile(query: str) -> bool:
    """Whether the result of a query may change from one run to the next."""
    return bool(_VOLATILE.search(query))


async def _death(process: asyncio.subprocess.Process) -> HTTPError:
    """Return what ended a process while it answered a query."""
    assert process.stderr  # a pipe
    last_words = await process.stderr.read()
    status = await process.wait()
    if _ALLOCATION.search(last_words):
        return HTTPError(503, _OUT_OF_MEMORY)
    reason = ended_by(status)
    if status == -signal.SIGSEGV:  # stack overflow
        return HTTPError(
            400, Message("the query engine stopped ({reason}): the query is nested too deeply", reason=reason)
        )
    if status == -signal.SIGABRT:
        problem = Message(
            "the query engine stopped ({reason}); if the query sorts values of several kinds, write "
            "ORDER BY STR(?variable)",
            reason=reason,
        )
        return HTTPError(500, problem)
    return HTTPError(503, Message("the query engine stopped ({reason}); ask again later", reason=reason))


def _size(key: tuple[SparqlRequest, str], result: SerializedResult) -> int:
    return len(key[0].query) + len(result.content)


async def _exchange(process: asyncio.subprocess.Process, job: Mapping[str, object]) -> tuple[dict[str, Any], bytes]:
    """Return head and content of the process's answer, in the protocol of `worker`."""
    assert process.stdin and process.stdout  # both are pipes
    process.stdin.write(json.dumps(job).encode() + b"\n")
    await process.stdin.drain()
    head: dict[str, Any] = json.loads(await process.stdout.readline())
    return head, await process.stdout.readexactly(int(str(head["size"])))
