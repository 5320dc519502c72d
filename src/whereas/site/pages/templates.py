"""Jinja environments: an undefined variable is an error, and pages escape all data."""

from __future__ import annotations

import json

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


def files_templates(folder: str) -> Environment:
    """Return the templates in `folder` of the package, for files that are not markup."""
    return Environment(
        loader=PackageLoader("whereas", folder),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page_templates(folder: str) -> Environment:
    """Return the templates in `folder` of the package, for markup: values are escaped."""
    return Environment(
        loader=PackageLoader("whereas", folder),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def script_data(value: object) -> Markup:
    """Return JSON for a `script` element of data: nothing in it can end the element."""
    text = json.dumps(value, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
