"""Pages of the server's own, which no static site has: how programs ask, what is wrong with the material."""

from __future__ import annotations

from html import escape
from typing import Any


def _plain_page(title: str, language: str, body: str) -> str:
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="static/site.css"></head>\n'
        f"<body><main><h1>{escape(title)}</h1>\n{body}</main></body></html>\n"
    )


def api_page(told: dict[str, Any]) -> str:
    parts = ['<p><a href="openapi.json">openapi.json</a> (OpenAPI 3.1)</p>\n']
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            parts.append(
                f"<h2><code>{method.upper()} {escape(path)}</code></h2>\n<p>{escape(operation['summary'])}</p>\n"
            )
            rows = "".join(
                f"<li><code>{escape(parameter['name'])}</code>: {escape(parameter['description'])}</li>"
                for parameter in operation.get("parameters", ())
            )
            parts.append(f"<ul>{rows}</ul>\n" if rows else "")
    return _plain_page(told["info"]["title"], "en", "".join(parts))


def notice(told: str) -> bytes:
    """What is wrong with the material, for an author who looks at the page."""
    return f'<aside role="alert"><pre>{escape(told)}</pre></aside>\n'.encode()
