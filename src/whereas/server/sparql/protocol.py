"""The SPARQL 1.1 Protocol: a request becomes a question, in a format for each kind of answer, or is refused.

The default graph is the union of all named graphs, unless the request or the query names its own. Updates are refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from whereas.http.errors import HTTPError, wrong_method
from whereas.http.negotiation import best_type
from whereas.http.parameters import DIRECT, FORM, parameters_in
from whereas.http.policy import NEGOTIATED, offer
from whereas.i18n import Message
from whereas.iris import is_absolute
from whereas.rdf.formats import FORMATS
from whereas.server.sparql.limits import Limits

METHODS = ("GET", "HEAD", "POST", "OPTIONS")
_OF_THE_PROTOCOL = ("query", "default-graph-uri", "named-graph-uri")
_ROWS = ("json", "xml", "csv", "tsv")
_TRIPLES = ("ttl", "jsonld", "nt", "rdf", "nq", "trig")


_SUFFIX = {FORMATS[suffix].media_type: suffix for suffix in (*_ROWS, *_TRIPLES)}
OFFERS = {
    kind: tuple(map(offer, suffixes)) for kind, suffixes in (("rows", _ROWS), ("boolean", _ROWS), ("triples", _TRIPLES))
}


@dataclass(frozen=True)
class SparqlRequest:
    """A query, and the graphs the request asks it of; none are named where it may look at all."""

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


def read_request(
    method: str, query_string: str, content_type: str, body: bytes, limits: Limits
) -> SparqlRequest | None:
    """What is asked; None where nothing is, which is answered by the service description.

    Raises `HTTPError`.
    """
    if method not in METHODS:
        raise wrong_method(METHODS, method)
    kind, _, parameters = (part.strip().lower() for part in content_type.partition(";"))
    if method != "POST":
        return _from_parameters(parameters_in(query_string), limits, 414)
    if "charset=" in parameters and "utf-8" not in parameters:
        raise HTTPError(
            415,
            Message("charset: expected utf-8, got '{parameters}'", parameters=parameters),
        )
    if kind == FORM:
        if any(name in _OF_THE_PROTOCOL for name, _ in parameters_in(query_string)):
            problem = Message("the parameters of a form stand in its body, not in the address")
            raise HTTPError(400, problem)
        found = _from_parameters(parameters_in(_text(body)), limits, 413)
        if found is None:
            raise HTTPError(400, Message("query: expected one, got none"))
        return found
    if kind == DIRECT:
        return _asked([_text(body)], parameters_in(query_string), limits, 413)
    raise HTTPError(
        415,
        Message(
            "content type: expected {DIRECT} or {FORM}, got '{kind}'; this endpoint only reads",
            DIRECT=DIRECT,
            FORM=FORM,
            kind=kind,
        ),
    )


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")  # an editor may have saved the query with a byte order mark
    except UnicodeDecodeError:
        raise HTTPError(400, Message("the request is not UTF-8")) from None


def _from_parameters(parameters: Sequence[tuple[str, str]], limits: Limits, too_long: int) -> SparqlRequest | None:
    if any(name == "update" for name, _ in parameters):
        raise HTTPError(400, Message("update: this endpoint only reads"))
    queries = [value for name, value in parameters if name == "query"]
    return _asked(queries, parameters, limits, too_long) if queries else None


def _asked(queries: list[str], parameters: Sequence[tuple[str, str]], limits: Limits, too_long: int) -> SparqlRequest:
    if len(queries) != 1:
        raise HTTPError(
            400,
            Message("query: expected one, got {queries}", queries=len(queries)),
        )
    if len(queries[0]) > limits.query_length:
        most, got = limits.query_length, len(queries[0])
        problem = Message("query: at most {most:,} characters are read, got {got:,}", most=most, got=got)
        raise HTTPError(too_long, problem)
    graphs = {
        key: tuple(value for name, value in parameters if name == key)
        for key in ("default-graph-uri", "named-graph-uri")
    }
    for key, names in graphs.items():
        for name in names:
            if not is_absolute(name):
                raise HTTPError(
                    400,
                    Message("{key}: expected an IRI, got '{name}'", key=key, name=name),
                )
    return SparqlRequest(queries[0], graphs["default-graph-uri"], graphs["named-graph-uri"])


def formats(accept: str) -> dict[str, str]:
    """The format each kind of answer is to be written in; without those that fit no format of theirs."""
    chosen = {kind: best_type(accept, offers) for kind, offers in OFFERS.items()}
    return {kind: _SUFFIX[offered.media_type] for kind, offered in chosen.items() if offered}


def not_acceptable(kind: str = "rows") -> HTTPError:
    """The refusal that lists the formats there are."""
    types = ", ".join(offered.media_type for offered in OFFERS[kind])
    problem = Message("accept: expected one of {types}", types=types)
    return HTTPError(406, problem, {"Vary": NEGOTIATED})
