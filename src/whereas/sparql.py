"""The SPARQL 1.1 Protocol: a request becomes a question, a question is answered by a worker process.

The default graph is the union of all named graphs, unless the request or the query names its own.
Nothing here writes: the store is opened for reading, and updates are refused.
"""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sys
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from whereas.answers import NEGOTIATED, offer
from whereas.errors import Message, WhereasError
from whereas.iris import is_absolute
from whereas.limits import Limits
from whereas.media import FORMATS
from whereas.negotiation import best_type

METHODS = ("GET", "HEAD", "POST", "OPTIONS")
FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
_UNREADABLE = Message(
    "the parameters cannot be read: expected UTF-8, percent-encoded",
    "les paramètres sont illisibles : de l’UTF-8 encodé par « % » est attendu",
)
_BUSY = Message(
    "too many queries are waiting: come again later", "trop de requêtes attendent leur tour : revenir plus tard"
)
ENDING = Message("the server is stopping: come again later", "le serveur s’arrête : revenir plus tard")
_TOO_LARGE = Message(
    "the query needs more memory than is allowed, and was stopped",
    "la requête demande plus de mémoire que permis et a été arrêtée",
)
_TOO_DEEP = Message(
    "the query is nested too deeply, and was stopped", "la requête a trop de niveaux imbriqués et a été arrêtée"
)
_EACH_TIME = re.compile(r"\b(NOW|RAND|UUID|STRUUID|BNODE|SERVICE)\b", re.IGNORECASE)  # another answer each time
_OF_THE_PROTOCOL = ("query", "default-graph-uri", "named-graph-uri")
_ROWS = ("json", "xml", "csv", "tsv")
_TRIPLES = ("ttl", "jsonld", "nt", "rdf", "nq", "trig")


_SUFFIX = {FORMATS[suffix].media_type: suffix for suffix in (*_ROWS, *_TRIPLES)}
OFFERS = {
    kind: tuple(map(offer, suffixes)) for kind, suffixes in (("rows", _ROWS), ("boolean", _ROWS), ("triples", _TRIPLES))
}


class Refused(WhereasError):
    """A request that is not answered: the status says why to a machine, the message to a person."""

    def __init__(self, status: int, message: Message | str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.headers = status, dict(headers or {})


@dataclass(frozen=True)
class Asked:
    """A query, and the graphs the request asks it of; none are named where it may look at all."""

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answered:
    """Content and the suffix of its format."""

    content: bytes
    suffix: str


def read_request(method: str, query_string: str, content_type: str, body: bytes, limits: Limits) -> Asked | None:
    """What is asked; None where nothing is, which is answered by the service description.

    Raises `Refused`.
    """
    if method not in METHODS:
        raise wrong_method(METHODS, method)
    kind, _, parameters = (part.strip().lower() for part in content_type.partition(";"))
    if method != "POST":
        return _from_parameters(parameters_in(query_string), limits, 414)
    if "charset=" in parameters and "utf-8" not in parameters:
        raise Refused(
            415,
            Message(
                f"charset: expected utf-8, got '{parameters}'", f"charset : utf-8 est attendu, et non « {parameters} »"
            ),
        )
    if kind == FORM:
        if any(name in _OF_THE_PROTOCOL for name, _ in parameters_in(query_string)):
            problem = Message(
                "the parameters of a form stand in its body, not in the address",
                "les paramètres d’un formulaire sont dans son corps et non dans l’adresse",
            )
            raise Refused(400, problem)
        found = _from_parameters(parameters_in(_text(body)), limits, 413)
        if found is None:
            raise Refused(
                400, Message("query: expected one, got none", "query : une est attendue, aucune n’est donnée")
            )
        return found
    if kind == DIRECT:
        return _asked([_text(body)], parameters_in(query_string), limits, 413)
    raise Refused(
        415,
        Message(
            f"content type: expected {DIRECT} or {FORM}, got '{kind}'; this endpoint only reads",
            f"type du contenu : {DIRECT} ou {FORM} est attendu, et non « {kind} » ; ici l’on ne fait que lire",
        ),
    )


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Refused(400, Message("the request is not UTF-8", "la demande n’est pas en UTF-8")) from None


def parameters_in(text: str, most: int = 1000, *, blank: bool = True) -> list[tuple[str, str]]:
    """Names and values in a query string or form, `blank` ones too. Raises `Refused`."""
    if text.count("&") >= most:
        raise Refused(400, Message(f"at most {most} parameters are read", f"{most} paramètres au plus sont lus"))
    try:
        return parse_qsl(text, keep_blank_values=blank, errors="strict")
    except ValueError:
        raise Refused(400, _UNREADABLE) from None


def _from_parameters(parameters: Sequence[tuple[str, str]], limits: Limits, too_long: int) -> Asked | None:
    if any(name == "update" for name, _ in parameters):
        raise Refused(400, Message("update: this endpoint only reads", "update : ici l’on ne fait que lire"))
    queries = [value for name, value in parameters if name == "query"]
    return _asked(queries, parameters, limits, too_long) if queries else None


def _asked(queries: list[str], parameters: Sequence[tuple[str, str]], limits: Limits, too_long: int) -> Asked:
    if len(queries) != 1:
        raise Refused(
            400,
            Message(f"query: expected one, got {len(queries)}", f"query : une est attendue, et non {len(queries)}"),
        )
    if len(queries[0]) > limits.query_length:
        most, got = limits.query_length, len(queries[0])
        problem = Message(
            f"query: at most {most:,} characters are read, got {got:,}",
            f"query : {most} caractères au plus sont lus, et non {got}",
        )
        raise Refused(too_long, problem)
    graphs = {
        key: tuple(value for name, value in parameters if name == key)
        for key in ("default-graph-uri", "named-graph-uri")
    }
    for key, names in graphs.items():
        for name in names:
            if not is_absolute(name):
                raise Refused(
                    400,
                    Message(
                        f"{key}: expected an IRI, got '{name}'", f"{key} : une IRI est attendue, et non « {name} »"
                    ),
                )
    return Asked(queries[0], graphs["default-graph-uri"], graphs["named-graph-uri"])


def formats(accept: str) -> dict[str, str]:
    """The format each kind of answer is to be written in; without those that fit no format of theirs."""
    chosen = {kind: best_type(accept, offers) for kind, offers in OFFERS.items()}
    return {kind: _SUFFIX[offered.media_type] for kind, offered in chosen.items() if offered}


def not_acceptable(kind: str = "rows") -> Refused:
    """The refusal that lists the formats there are."""
    types = ", ".join(offered.media_type for offered in OFFERS[kind])
    problem = Message(f"accept: expected one of {types}", f"accept : un de ceux-ci est attendu : {types}")
    return Refused(406, problem, {"Vary": NEGOTIATED})


def wrong_method(allowed: Sequence[str], method: str) -> Refused:
    """The refusal that lists the methods there are."""
    told = ", ".join(allowed)
    problem = Message(f"method: expected {told}, got {method}", f"méthode : {told} est attendu, et non {method}")
    return Refused(405, problem, {"Allow": told})


class Workers:
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
        self._kept: OrderedDict[tuple[Asked, str], Answered] = OrderedDict()
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
        words = (sys.executable, "-m", "whereas.worker", str(self.folder), json.dumps(asdict(self.limits)))
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            *words, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, start_new_session=True
        )

    @staticmethod
    async def _end(process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            process.kill()
        await process.wait()

    async def answer(self, asked: Asked, accepted: Mapping[str, str], *, is_saved: bool = False) -> Answered:
        """The answer, in the format accepted for its kind. Raises `Refused`."""
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
        """A place that was taken, to be released. Raises `Refused` where none comes free in time."""
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
    def _busy(self) -> Refused:
        return Refused(503, ENDING if self.ending else _BUSY, {"Retry-After": str(self.limits.time)})

    async def _ask(self, asked: Asked, accepted: Mapping[str, str]) -> Answered:
        process = self._idle.pop() if self._idle else await self._process()
        is_sound = False
        try:
            async with asyncio.timeout(self.limits.time):
                head, content = await _exchange(process, {**asdict(asked), "formats": dict(accepted)})
            is_sound = True
        except TimeoutError:
            seconds = self.limits.time
            problem = Message(
                f"the query took longer than {seconds} seconds and was stopped",
                f"la requête a duré plus de {seconds} secondes et a été arrêtée",
            )
            raise Refused(504, problem) from None
        except (asyncio.IncompleteReadError, ConnectionError, json.JSONDecodeError):
            if await process.wait() == -signal.SIGSEGV:  # its stack was full
                raise Refused(400, _TOO_DEEP) from None
            raise Refused(503, _TOO_LARGE) from None
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
            raise Refused(int(str(head["status"])), Message(*head["problem"]))
        return Answered(content, str(head["suffix"]))


def is_new_each_time(query: str) -> bool:
    """Whether the answer to a query may be another one each time it is asked."""
    return bool(_EACH_TIME.search(query))


def _size(key: tuple[Asked, str], answered: Answered) -> int:
    return len(key[0].query) + len(answered.content)


async def _exchange(process: asyncio.subprocess.Process, job: Mapping[str, object]) -> tuple[dict[str, Any], bytes]:
    assert process.stdin and process.stdout  # both are pipes
    process.stdin.write(json.dumps(job).encode() + b"\n")
    await process.stdin.drain()
    head: dict[str, Any] = json.loads(await process.stdout.readline())
    return head, await process.stdout.readexactly(int(str(head["size"])))
