"""Knowledge graphs of political texts, in which every claim is somebody's, tied to its passage.

checked = whereas.check(whereas.read_project("."))  # a CheckedProject; a ProjectError when a file cannot be read
checked.report.findings                             # what is wrong, and where
whereas.write_release(checked)                      # public/
graph = checked.graph()
checked.queries["demands-by"].ask(graph).rows       # a saved query; its QueryResult
graph.query("SELECT …").serialized("csv")           # your own query
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


_MODULES = {
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
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [*sorted(_MODULE_OF), "__version__"]


def __getattr__(name: str) -> Any:
    # Import a module when a name of it is first used, so that a command waits only for what it needs. The name is
    # stored: this function is called once for each.
    if name in _MODULE_OF:
        globals()[name] = getattr(import_module(f"whereas.{_MODULE_OF[name]}"), name)
        return globals()[name]
    raise AttributeError(f"module 'whereas' has no attribute '{name}'")
