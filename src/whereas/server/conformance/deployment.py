"""Check that a deployment of a project, server or static files, answers the table of requests as it should."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from whereas.errors import ArgumentError, RemoteError
from whereas.i18n import Message
from whereas.server.conformance.assertions import Response
from whereas.server.conformance.cases import CODINGS, Case, cases

TIMEOUT = 30  # seconds


@dataclass(frozen=True)
class Outcome:
    """How a case went; `request` and `response` are one line each, for people."""

    section: Message
    name: Message
    passed: bool
    request: str
    response: str


class Deployment:
    """A host that answers for a project.

    Requests are made by the standard library, which sends paths and headers as they are: a client that resolves
    `..` or adds an Accept header would test itself.
    """

    def __init__(self, url: str) -> None:
        """Raise `ArgumentError` unless the URL is one of http or https."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ArgumentError(Message("URL: expected one of http or https, got '{url}'", url=url))
        self.url, self.root = url, parts.path.rstrip("/")
        self._connection = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host = parts.netloc

    def request(self, path: str, headers: Mapping[str, str], method: str = "GET", body: bytes = b"") -> Response:
        """Return the response; redirects are not followed. Raise `RemoteError` when there is none."""
        connection = self._connection(self._host, timeout=TIMEOUT)
        try:
            connection.request(method, f"{self.root}/{path}", body or None, dict(headers))
            reply = connection.getresponse()
            fields: dict[str, str] = {}
            for name, value in reply.getheaders():
                fields[name.lower()] = f"{fields[name.lower()]}, {value}" if name.lower() in fields else value
            return Response(reply.status, fields, reply.read())
        except (OSError, http.client.HTTPException) as error:
            raise RemoteError(Message("{url}: no response: {error}", url=self.url, error=error)) from None
        finally:
            connection.close()


def check_deployment(
    url: str,
    document: str,
    entity: str,
    languages: Sequence[str],
    withdrawn: Sequence[str] = (),
    *,
    endpoint: bool = True,
) -> Iterator[Outcome]:
    """Check the deployment at a URL with the paths of a document and of an entity, and yield outcomes.

    The site map leads to a resource within the document. The paths of `withdrawn` must be gone. Without `endpoint`,
    SPARQL is left out: static files do not answer it.
    """
    deployment = Deployment(url)
    tags = {
        coding: deployment.request(f"{document}.ttl", {"Accept-Encoding": coding}).header("etag") for coding in CODINGS
    }
    match = re.search(
        rf"/({re.escape(document)}/(?!text\.)[^/<]+?)\.[a-z0-9-]+\.html<".encode(),
        deployment.request("sitemap.xml", {}).content,
    )
    part = match[1].decode() if match else document
    for section, case in cases(document, part, entity, languages, withdrawn, tags, endpoint=endpoint):
        response = deployment.request(case.path, case.headers, case.method, case.body)
        yield Outcome(section, case.name, case.check(response), _request_line(case), _response_line(response))


def _request_line(case: Case) -> str:
    return ", ".join([f"{case.method} /{case.path}", *(f"{name}: {value}" for name, value in case.headers.items())])


def _response_line(response: Response) -> str:
    headers = sorted(response.headers.items())
    return ", ".join([str(response.status), *(f"{name}: {value}" for name, value in headers)])
