"""Queries to SPARQL endpoints: SPARQLWrapper writes the request, the one HTTP client sends it."""

from __future__ import annotations

import json
import re
from typing import Any, cast

from SPARQLWrapper import JSON, POST, TURTLE, SPARQLWrapper

from whereas.errors import ArgumentError, RemoteError
from whereas.http.client import TIMEOUT, HTTPClient, Response, user_agent
from whereas.http.urls import web_address
from whereas.i18n import Message
from whereas.rdf.formats import FORMATS
from whereas.rdf.results import QueryResult, read_answer
from whereas.rdf.serialization import parse
from whereas.rdf.terms import nquads

_REASON = 200  # characters of why an endpoint rejects a query

# What stands before the word that says which form a query has: comments, IRIs, names of prefixes.
_FORM = re.compile(r"#[^\n]*|<[^<>]*>|[\w.-]*:|\b(SELECT|ASK|CONSTRUCT|DESCRIBE)\b", re.IGNORECASE)


class _Wrapper(SPARQLWrapper):
    """SPARQLWrapper without its own transport, which follows redirects and reads responses of any size."""

    def __init__(self, endpoint: str, client: HTTPClient, contact: str) -> None:
        super().__init__(endpoint, agent=user_agent(contact))
        self._client = client

    def _query(self) -> tuple[Any, str]:
        request = self._createRequest()
        assert isinstance(request.data, bytes)
        headers = dict(request.header_items())
        response = self._client.request(
            "POST", request.full_url, content=request.data, headers=headers, idempotent=True
        )
        return response, self.returnFormat


def ask_endpoint(address: str, query: str, seconds: float = TIMEOUT, contact: str = "") -> QueryResult:
    """Return the result of `query` at the endpoint with the URL `address`.

    Raise `ArgumentError` when the endpoint rejects the query, `RemoteError` when there is no complete response
    within `seconds`, or when it is no SPARQL result.
    """
    with HTTPClient(contact, timeout=seconds) as client:
        wrapper = _Wrapper(web_address(address, "endpoint"), client, contact)
        wrapper.setQuery(query)
        wrapper.setMethod(POST)
        wrapper.queryType = _query_form(query)  # its own guess takes a word of a comment for the query's form
        has_rows = wrapper.queryType in ("SELECT", "ASK")
        wrapper.setReturnFormat(JSON if has_rows else TURTLE)
        wrapper.setOnlyConneg(True)
        wrapper.addCustomHttpHeader("Accept", FORMATS["json" if has_rows else "ttl"].media_type)
        response = cast(Response, wrapper.query().response)
        if response.status == 400:
            reason = client.excerpt(response.content, _REASON) or Message("no reason given")
            raise ArgumentError(Message("{url}: refused the query: {reason}", url=response.url, reason=reason))
        if not response.is_success:
            raise client.error(response)
        try:
            return _read_result(response.content, has_rows)
        except json.JSONDecodeError as problem:
            if response.content.lstrip().startswith(b"{"):
                raise RemoteError(
                    Message("{url}: invalid JSON at character {position}", url=response.url, position=problem.pos)
                ) from None
        except UnicodeDecodeError as problem:
            raise RemoteError(
                Message(
                    "{url}: the results are not UTF-8, at byte {position}", url=response.url, position=problem.start
                )
            ) from None
        except RecursionError:
            raise RemoteError(Message("{url}: the JSON is too deeply nested", url=response.url)) from None
        except (ValueError, SyntaxError, KeyError, TypeError, AttributeError):
            pass
        start = client.excerpt(response.content)
        if not start:
            raise RemoteError(Message("{url}: expected SPARQL results, got an empty response", url=response.url))
        raise RemoteError(Message("{url}: expected SPARQL results, got '{start}'", url=response.url, start=start))


def _read_result(content: bytes, has_rows: bool) -> QueryResult:
    if has_rows:
        return read_answer(content)
    return QueryResult(ntriples=nquads(sorted({(*quad[:3], "") for quad in parse(content, "ttl")})).encode())


def _query_form(query: str) -> str:
    for match in _FORM.finditer(query):
        if match[1]:
            return match[1].upper()
    raise ArgumentError(
        Message("expected a query that starts with SELECT, ASK, CONSTRUCT or DESCRIBE after its prefixes")
    )
