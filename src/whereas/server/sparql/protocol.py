"""The SPARQL 1.1 Protocol: read a request, and choose a format for each kind of result.

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
_PARAMETERS = ("query", "default-graph-uri", "named-graph-uri")
_ROWS = ("json", "xml", "csv", "tsv")
_TRIPLES = ("ttl", "jsonld", "nt", "rdf", "nq", "trig")
_SUFFIX = {FORMATS[suffix].media_type: suffix for suffix in (*_ROWS, *_TRIPLES)}
OFFERS = {
    kind: tuple(map(offer, suffixes)) for kind, suffixes in (("rows", _ROWS), ("boolean", _ROWS), ("triples", _TRIPLES))
}


@dataclass(frozen=True)
class SparqlRequest:
    """A query, and the graphs that the request names for it; without any, the query sees all."""

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


def read_request(
    method: str, query_string: str, content_type: str, body: bytes, limits: Limits
) -> SparqlRequest | None:
    """Return the query of a request; None without one, which asks for the service description.

    Raise `HTTPError`.
    """
    if method not in METHODS:
        raise wrong_method(METHODS, method)
    kind, _, parameters = (part.strip().lower() for part in content_type.partition(";"))
    if method != "POST":
        return _from_parameters(parameters_in(query_string), limits, 414)
    if "charset=" in parameters and "utf-8" not in parameters:
        raise HTTPError(415, Message("charset: expected utf-8, got '{parameters}'", parameters=parameters))
    if kind == FORM:
        if any(name in _PARAMETERS for name, _ in parameters_in(query_string)):
            raise HTTPError(400, Message("the parameters of a form belong in its body, not in the URL"))
        request = _from_parameters(parameters_in(_decode(body)), limits, 413)
        if request is None:
            raise HTTPError(400, Message("query: expected one, got none"))
        return request
    if kind == DIRECT:
        return _request([_decode(body)], parameters_in(query_string), limits, 413)
    message = Message(
        "content type: expected {DIRECT} or {FORM}, got '{kind}'; this endpoint is read-only",
        DIRECT=DIRECT,
        FORM=FORM,
        kind=kind,
    )
    raise HTTPError(415, message)


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")  # an editor may have saved the query with a byte order mark
    except UnicodeDecodeError:
        raise HTTPError(400, Message("request body: expected UTF-8")) from None


def _from_parameters(parameters: Sequence[tuple[str, str]], limits: Limits, too_long: int) -> SparqlRequest | None:
    if any(name == "update" for name, _ in parameters):
        raise HTTPError(400, Message("update: this endpoint is read-only"))
    queries = [value for name, value in parameters if name == "query"]
    return _request(queries, parameters, limits, too_long) if queries else None


def _request(queries: list[str], parameters: Sequence[tuple[str, str]], limits: Limits, too_long: int) -> SparqlRequest:
    """Return the one query with its graphs; `too_long` is the status for one that is longer than allowed."""
    if len(queries) != 1:
        raise HTTPError(400, Message("query: expected one, got {queries}", queries=len(queries)))
    if len(queries[0]) > limits.query_length:
        length, maximum = len(queries[0]), limits.query_length
        message = Message(
            "query: expected at most {maximum:,} characters, got {length:,}", maximum=maximum, length=length
        )
        raise HTTPError(too_long, message)
    graphs = {
        key: tuple(value for name, value in parameters if name == key)
        for key in ("default-graph-uri", "named-graph-uri")
    }
    for key, names in graphs.items():
        for name in names:
            if not is_absolute(name):
                raise HTTPError(400, Message("{key}: expected an IRI, got '{name}'", key=key, name=name))
    return SparqlRequest(queries[0], graphs["default-graph-uri"], graphs["named-graph-uri"])


def accepted_formats(accept: str) -> dict[str, str]:
    """Return the suffix of the best format by kind of result; kinds with no acceptable format are left out."""
    chosen = {kind: best_type(accept, offers) for kind, offers in OFFERS.items()}
    return {kind: _SUFFIX[offered.media_type] for kind, offered in chosen.items() if offered}


def not_acceptable(kind: str = "rows") -> HTTPError:
    """Return the error that lists the formats of a kind of result."""
    types = ", ".join(offered.media_type for offered in OFFERS[kind])
    return HTTPError(406, Message("accept: expected one of {types}", types=types), {"Vary": NEGOTIATED})
