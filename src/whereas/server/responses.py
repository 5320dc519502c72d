"""How an answer is sent: conditional requests, ranges, codings, and the headers that keep readers safe."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from starlette.requests import Request
from starlette.responses import Response

from whereas.http.errors import HTTPError
from whereas.http.negotiation import best_coding, byte_range, entity_tags
from whereas.http.policy import FRESH
from whereas.http.representation import Content, Representation
from whereas.i18n import Message


def sentence(status: int, told: str, headers: Mapping[str, str] | None = None) -> Response:
    """A sentence for the person who asked; plain text, so that nothing in it is markup."""
    content = "" if status == 304 else f"{told}\n"
    return Response(content.encode("utf-8", "replace"), status, dict(headers or {}), "text/plain; charset=utf-8")


def noticed(page: bytes, told: str) -> bytes:
    """A page with what is wrong with the material, if anything is, for an author who looks at it."""
    notice = f'<aside role="alert"><pre>{escape(told)}</pre></aside>\n'.encode() if told else b""
    return page.replace(b"<main", notice + b"<main", 1)


def computed(
    request: Request, content: bytes, media_type: str, headers: dict[str, str] | None = None, vary: str = "Accept"
) -> Response:
    """What was made for this request alone, compressed where that is accepted."""
    coding = best_coding(request.headers.get("accept-encoding", ""), ("gzip",))
    return represented(request, Representation(Content(content, media_type)), coding, headers or {}, vary)


def represented(
    request: Request, found: Representation, coding: str, headers: Mapping[str, str], vary: str
) -> Response:
    """A representation, or what of it was asked for. Raises `HTTPError` where that is not in it."""
    coding = coding if found.is_worth_coding else ""
    page = found.page
    tag = f'"{found.tag}{f"-{coding}" if coding else ""}"'
    told = {
        **FRESH,
        **headers,
        "ETag": tag,
        "Vary": ", ".join(part for part in (vary, "Accept-Encoding") if part),
        "Accept-Ranges": "bytes",
    }
    if links := [*filter(None, [headers.get("Link")]), *page.links]:
        told["Link"] = ", ".join(links)
    if page.language:
        told["Content-Language"] = page.language
    given = entity_tags(", ".join(request.headers.getlist("if-none-match")))
    if request.method in ("GET", "HEAD") and (tag in given or "*" in given):
        return Response(status_code=304, headers=told)
    if coding:
        told["Content-Encoding"] = coding
    kind = page.media_type
    charset = "; charset=utf-8" if kind.startswith("text/") else ""
    content, status = found.code(coding), 200
    if request.method == "GET" and "range" in request.headers and request.headers.get("if-range", tag) == tag:
        try:
            span = byte_range(request.headers["range"], len(content))
        except ValueError:
            most = len(content)
            problem = Message("range: the content has {most} bytes", most=most)
            kept = {name: told[name] for name in ("Vary", "Accept-Ranges")}
            raise HTTPError(416, problem, {**kept, "Content-Range": f"bytes */{most}"}) from None
        if span:
            told["Content-Range"] = f"bytes {span[0]}-{span[1]}/{len(content)}"
            content, status = content[span[0] : span[1] + 1], 206
    return Response(content, status, told, f"{kind}{charset}")
