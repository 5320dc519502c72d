"""Jinja environments: an undefined variable is an error, and pages escape all data."""

from __future__ import annotations

import json
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from whereas.project.project import Project
from whereas.project.sources import CORRECTIONS, digest_of


def material_digest(project: Project) -> str:
    """Return a digest of what the website rests on beside the sources: templates, catalogues, saved queries, corrections."""
    package = Path(__file__).parents[1]
    files = {
        path.relative_to(package).as_posix(): path.read_bytes()
        for path in sorted(package.rglob("*"))
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
    files |= {
        path.relative_to(package.parent).as_posix(): path.read_bytes()
        for path in sorted(package.parent.glob("locale/*/LC_MESSAGES/*.mo"))
    }
    files |= {name: path.read_bytes() for name, path in project.material("queries", ".rq").items()}
    corrections = project.data / CORRECTIONS
    files |= {CORRECTIONS: corrections.read_bytes()} if corrections.is_file() else {}
    return digest_of(files)


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
