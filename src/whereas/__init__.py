"""Knowledge graphs of political texts, in which every claim is somebody's, tied to its passage.

checked = whereas.check(whereas.read_project("."))
checked.report.findings                             # what is wrong, and where
whereas.write_release(checked)                      # public/
graph = checked.graph()
checked.queries["demands-by"].ask(graph).rows       # a saved query
graph.query("SELECT …").serialized("csv")           # one's own
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from whereas._version import __version__

if TYPE_CHECKING:
    from whereas.errors import ArgumentError, ProjectError, RemoteError, WhereasError
    from whereas.findings import Finding
    from whereas.http.sparql_client import ask_endpoint
    from whereas.project.project import Project, read_project
    from whereas.project.queries import Query
    from whereas.rdf.results import QueryResult
    from whereas.rdf.serialization import to_rdflib
    from whereas.rdf.store import Graph
    from whereas.release.build import write_release
    from whereas.validation.check import check
    from whereas.validation.checked_project import CheckedProject, Report


_ROOMS = {
    "errors": ("ArgumentError", "ProjectError", "RemoteError", "WhereasError"),
    "findings": ("Finding",),
    "http.sparql_client": ("ask_endpoint",),
    "project.project": ("Project", "read_project"),
    "project.queries": ("Query",),
    "rdf.results": ("QueryResult",),
    "rdf.serialization": ("to_rdflib",),
    "rdf.store": ("Graph",),
    "release.build": ("write_release",),
    "validation.check": ("check",),
    "validation.checked_project": ("CheckedProject", "Report"),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [*sorted(_ROOM_OF), "__version__"]


def __getattr__(name: str) -> Any:
    # A name is looked up in its room when it is first used, so that a command that needs one room
    # does not wait for all of them; it is kept, for a submodule of the same name would take its place.
    if name in _ROOM_OF:
        globals()[name] = getattr(import_module(f"whereas.{_ROOM_OF[name]}"), name)
        return globals()[name]
    raise AttributeError(f"module 'whereas' has no attribute '{name}'")
