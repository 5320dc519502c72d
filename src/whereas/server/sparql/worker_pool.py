"""The processes that answer questions of one store, which is opened for reading: a query past its time is really stopped."""

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
from whereas.server.sparql.limits import Limits
from whereas.server.sparql.protocol import SparqlRequest, not_acceptable

_BUSY = Message("too many queries are waiting: come again later")
ENDING = Message("the server is stopping: come again later")
_TOO_LARGE = Message("the query needs more memory than is allowed, and was stopped")
_TOO_DEEP = Message("the query is nested too deeply, and was stopped")
_EACH_TIME = re.compile(r"\b(NOW|RAND|UUID|STRUUID|BNODE|SERVICE)\b", re.IGNORECASE)  # another answer each time


@dataclass(frozen=True)
class SerializedResult:
    """Content and the suffix of its format."""

    content: bytes
    suffix: str


class WorkerPool:
    """Processes that answer queries of one store: as many as are allowed at the same time, and one for saved queries alone.

    A process whose query takes too long is killed, and another takes its place. A query waits for its turn no longer
    than it may take. The store does not change: the last answers are kept.
    """

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder, self.limits = folder, limits
        self.working = 0
        self.ending = self.stopped = False
        self._places, self._reserved = asyncio.Semaphore(limits.concurrent), asyncio.Semaphore(1)
        self._waiting: set[asyncio.Timeout] = set()
        self._idle: list[asyncio.subprocess.Process] = []
        self._kept: OrderedDict[tuple[SparqlRequest, str], SerializedResult] = OrderedDict()
        self._size = 0  # of what is kept, in bytes

    @property
    def waiting(self) -> int:
        """How many queries wait for their turn."""
        return len(self._waiting)

    async def start(self) -> None:
        """Have the processes ready before the first query comes."""
        self._idle += await asyncio.gather(*(self._process() for _ in range(self.limits.concurrent + 1)))

    def refuse(self) -> None:
        """From here on only the queries at work are answered: those that wait are refused, and those that come."""
        self.ending = True
        for patience in self._waiting:
            if not patience.expired():
                patience.reschedule(0)

    async def stop(self) -> None:
        """End the processes that wait for work; those at work end with their query."""
        self.stopped = True
        while self._idle:
            await self._end(self._idle.pop())

    async def _process(self) -> asyncio.subprocess.Process:
        words = (
            sys.executable,
            "-m",
            "whereas.server.sparql.worker",
            str(self.folder),
            json.dumps(asdict(self.limits)),
        )
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            *words, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, start_new_session=True
        )

    @staticmethod
    async def _end(process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            process.kill()
        await process.wait()

    async def answer(
        self, asked: SparqlRequest, accepted: Mapping[str, str], *, is_saved: bool = False
    ) -> SerializedResult:
        """The answer, in the format accepted for its kind. Raises `HTTPError`."""
        key = asked, repr(sorted(accepted.items()))
        if kept := self._kept.get(key):
            self._kept.move_to_end(key)
            return kept
        place = await self._place(is_saved)
        self.working += 1
        try:
            answered = await self._ask(asked, accepted)
        finally:
            self.working -= 1
            place.release()
        if key not in self._kept and not is_new_each_time(asked.query):
            self._kept[key] = answered
            self._size += _size(key, answered)
            while self._size > self.limits.answers:
                self._size -= _size(*self._kept.popitem(last=False))
        return answered

    async def _place(self, is_saved: bool) -> asyncio.Semaphore:
        """A place that was taken, to be released. Raises `HTTPError` where none comes free in time."""
        if self.ending or self.waiting >= self.limits.waiting:
            raise self._busy
        place = self._reserved if is_saved and self._places.locked() else self._places
        try:
            async with asyncio.timeout(self.limits.time) as patience:
                self._waiting.add(patience)
                await place.acquire()
        except TimeoutError:
            raise self._busy from None
        finally:
            self._waiting.discard(patience)
        return place

    @property
    def _busy(self) -> HTTPError:
        return HTTPError(503, ENDING if self.ending else _BUSY, {"Retry-After": str(self.limits.time)})

    async def _ask(self, asked: SparqlRequest, accepted: Mapping[str, str]) -> SerializedResult:
        process = self._idle.pop() if self._idle else await self._process()
        is_sound = False
        try:
            async with asyncio.timeout(self.limits.time):
                head, content = await _exchange(process, {**asdict(asked), "formats": dict(accepted)})
            is_sound = True
        except TimeoutError:
            seconds = self.limits.time
            problem = Message("the query took longer than {seconds} seconds and was stopped", seconds=seconds)
            raise HTTPError(504, problem) from None
        except (asyncio.IncompleteReadError, ConnectionError, json.JSONDecodeError):
            if await process.wait() == -signal.SIGSEGV:  # its stack was full
                raise HTTPError(400, _TOO_DEEP) from None
            raise HTTPError(503, _TOO_LARGE) from None
        finally:
            if not is_sound:
                await self._end(process)
                process = process if self.stopped else await self._process()
            if self.stopped:
                await self._end(process)
            else:
                self._idle.append(process)
        if head["status"] == 406:
            raise not_acceptable(str(head["kind"]))
        if head["status"] != 200:
            raise HTTPError(int(str(head["status"])), from_data(head["problem"]))
        return SerializedResult(content, str(head["suffix"]))


def is_new_each_time(query: str) -> bool:
    """Whether the answer to a query may be another one each time it is asked."""
    return bool(_EACH_TIME.search(query))


def _size(key: tuple[SparqlRequest, str], answered: SerializedResult) -> int:
    return len(key[0].query) + len(answered.content)


async def _exchange(process: asyncio.subprocess.Process, job: Mapping[str, object]) -> tuple[dict[str, Any], bytes]:
    assert process.stdin and process.stdout  # both are pipes
    process.stdin.write(json.dumps(job).encode() + b"\n")
    await process.stdin.drain()
    head: dict[str, Any] = json.loads(await process.stdout.readline())
    return head, await process.stdout.readexactly(int(str(head["size"])))
