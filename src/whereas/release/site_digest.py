"""What the website rests on beside the sources; apart from the website's code, for a build that changes nothing needs no more."""

from __future__ import annotations

from pathlib import Path

from whereas.project.project import Project
from whereas.project.sources import CORRECTIONS, digest_of


def site_digest(project: Project) -> str:
    """Return a digest of what the website rests on beside the sources: templates, catalogues, saved queries, corrections."""
    package = Path(__file__).parents[1]
    paths = [path for path in (package / "site").rglob("*") if path.suffix not in {".py", ".pyc"} and path.is_file()]
    paths += package.glob("locale/*/LC_MESSAGES/*.mo")
    files = {path.relative_to(package).as_posix(): path.read_bytes() for path in paths}
    files |= {name: path.read_bytes() for name, path in project.material("queries", ".rq").items()}
    corrections = project.data / CORRECTIONS
    files |= {CORRECTIONS: corrections.read_bytes()} if corrections.is_file() else {}
    return digest_of(files)
