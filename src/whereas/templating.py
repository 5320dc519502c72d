"""Templates: text with gaps to fill. A gap nobody fills is an error, and in pages all data is escaped."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined


def files_templates(folder: str) -> Environment:
    """The templates in `folder` of the package, for files that are not markup."""
    return Environment(loader=PackageLoader("whereas", folder), undefined=StrictUndefined, keep_trailing_newline=True)


def page_templates(folder: str) -> Environment:
    """The templates in `folder` of the package, for markup: what fills a gap is text, never markup."""
    return Environment(
        loader=PackageLoader("whereas", folder),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
