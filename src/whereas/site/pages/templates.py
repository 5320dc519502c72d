"""Templates: text with gaps to fill. A gap nobody fills is an error, and in pages all data is escaped."""

from __future__ import annotations

import json
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from whereas.project.project import Project
from whereas.project.sources import CORRECTIONS, digest_of


def material_digest(project: Project) -> str:
    """Changes with what the website is made of beside the sources: templates, and the project's questions and corrections."""
    package = Path(__file__).parents[1]
    told = {
        path.relative_to(package).as_posix(): path.read_bytes()
        for path in sorted(package.rglob("*"))
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
    told |= {name: path.read_bytes() for name, path in project.material("queries", ".rq").items()}
    corrections = project.data / CORRECTIONS
    told |= {CORRECTIONS: corrections.read_bytes()} if corrections.is_file() else {}
    return digest_of(told)


def files_templates(folder: str) -> Environment:
    """The templates in `folder` of the package, for files that are not markup."""
    return Environment(
        loader=PackageLoader("whereas", folder),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page_templates(folder: str) -> Environment:
    """The templates in `folder` of the package, for markup: what fills a gap is text, never markup."""
    return Environment(
        loader=PackageLoader("whereas", folder),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def script_data(value: object) -> Markup:
    """JSON for a `script` element of data: nothing in it can end the element."""
    told = json.dumps(value, ensure_ascii=False)
    return Markup(told.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
