"""SPARQL endpoints of others, by the SPARQL 1.1 Protocol."""

from __future__ import annotations

from urllib.error import HTTPError, URLError

from SPARQLWrapper import JSON, POST, TURTLE, SPARQLExceptions, SPARQLWrapper

from whereas import __version__
from whereas.errors import ArgumentError, RemoteError
from whereas.graph import Answer, parse, read_answer

TIMEOUT = 60  # seconds


def ask_endpoint(address: str, query: str) -> Answer:
    """The answer of the endpoint at `address`.

    Raises `ArgumentError` when it refuses the query, `RemoteError` when it does not answer within
    `TIMEOUT` seconds, or not with SPARQL results.
    """
    if not address.startswith(("http://", "https://")):
        raise ArgumentError(f"endpoint: expected an http or https address, got '{address}'")
    wrapper = SPARQLWrapper(address, agent=f"whereas/{__version__} (https://w3id.org/whereas/)")
    wrapper.setQuery(query)
    wrapper.setMethod(POST)
    wrapper.setTimeout(TIMEOUT)
    rows = wrapper.queryType in ("SELECT", "ASK")
    wrapper.setReturnFormat(JSON if rows else TURTLE)
    try:
        content: bytes = wrapper.query().response.read()
    except SPARQLExceptions.QueryBadFormed as problem:
        raise ArgumentError(f"{address}: refused the query: {_first_line(problem)}") from None
    except (SPARQLExceptions.SPARQLWrapperException, HTTPError) as problem:
        raise RemoteError(f"{address}: answered with an error: {_first_line(problem)}") from None
    except (URLError, TimeoutError, ConnectionError, OSError) as problem:
        reason = getattr(problem, "reason", problem)
        raise RemoteError(f"{address}: did not answer: {reason}") from None
    try:
        if rows:
            return read_answer(content)
        return Answer(triples=tuple(sorted({(s, p, o, "") for s, p, o, _ in parse(content, "ttl")})))
    except (ValueError, SyntaxError):
        start = content[:60].decode("utf-8", "replace").split("\n")[0]
        raise RemoteError(f"{address}: expected SPARQL results, got '{start}'") from None


def _first_line(problem: Exception) -> str:
    told = str(problem).replace("\\n", "\n")
    lines = [line.strip() for line in told.split("\n") if line.strip()]
    response = next((line for line in lines if line.startswith("b'")), "")
    return (response.removeprefix("b'").rstrip("'") or " ".join(lines))[:200]
