"""A small project of one's own: an invented document that builds, checks and answers at once."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path

from whereas.errors import ArgumentError
from whereas.i18n import Message
from whereas.iris import is_absolute
from whereas.site.pages.templates import files_templates

TEMPLATES = "cli/starter"
TEXT = "data/2026-01-15-harbour-statement/text.en.txt"


def write_project(folder: Path, base: str) -> list[Path]:
    """The files of a new project in `folder`, and their paths.

    Raises `ArgumentError` when the folder holds something already, or `base` cannot start a name.
    """
    base = base or f"https://example.org/{folder.resolve().name}/"
    if not is_absolute(base) or not base.endswith("/"):
        raise ArgumentError(Message("--base: expected an IRI that ends in '/', got '{base}'", base=base))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ArgumentError(
            Message("{folder}: expected a new or empty folder, it holds something already", folder=folder)
        )
    environment = files_templates(TEMPLATES)
    text = files("whereas").joinpath(f"{TEMPLATES}/{TEXT}").read_bytes()
    told = {
        "base": base,
        "title": folder.resolve().name.replace("-", " ").capitalize(),
        "sha256": hashlib.sha256(text).hexdigest(),
    }
    made = []
    try:
        for name in sorted(environment.list_templates()):
            target = folder / name.removesuffix(".jinja")
            target.parent.mkdir(parents=True, exist_ok=True)
            content = environment.get_template(name).render(told) if name.endswith(".jinja") else ""
            target.write_bytes(content.encode() or text)
            made.append(target)
    except OSError as problem:
        reason = problem.strerror
        raise ArgumentError(Message("{folder}: cannot be written: {reason}", folder=folder, reason=reason)) from None
    return made
