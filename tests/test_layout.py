"""Rules of the code base: sizes, names, and who may use which library.

Which package imports which is checked by import-linter (`pyproject.toml`).
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src/whereas"
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in SOURCE.rglob("*.py"))
TESTS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("*.py"))
FOLDERS = sorted({path.rpartition("/")[0] for path in MODULES})
VAGUE = {"utils", "util", "helpers", "common", "base", "misc", "manager"}

# Words that say nothing of what they hold.
EMPTY_WORDS = {"told", "found", "asked", "given", "made"}
# Names that have been replaced, and by what.
REPLACED = {
    "Answered": "SerializedResult", "Asked": "SparqlRequest", "Bulk": "BulkExport", "Cell": "Term",
    "DamagedError": "CorruptCacheError", "Described": "SchemaOrg", "Edition": "Snapshot", "Gift": "Edit",
    "Ledger": "Backlinks", "MaterialError": "ProjectError", "Memory": "ResponseCache", "Overviews": "ListPages",
    "Piece": "Chunk", "Pieces": "Chunks", "Place": "Location", "Places": "Locations", "Proof": "Evidence",
    "Refused": "HTTPError", "Relay": "ServiceProxy", "Remembered": "CachedResponse", "Sheet": "Page",
    "Target": "StoreConfig", "Threads": "DaemonThreadPool", "Transport": "StoreConnection", "Workers": "WorkerPool",
    "_Bench": "_WorkerContext", "_Book": "_PageManifest", "_Desk": "_ReleaseWriter", "_ROOMS": "_MODULES",
    "bench": "context", "conforming": "require_valid", "counted": "ngettext", "crew": "parallel_map",
    "edition": "snapshot", "ledger": "backlinks", "mendable": "require_valid_sources", "relay": "service_proxy",
    "said": "gettext", "sheet": "page", "sheets": "pages", "stated_errors": "report_errors", "tongue": "language",
    "turn": "project_lock", "workshop": "cache_dir",
}  # fmt: skip

# The packages and modules that may import a library.
LIBRARIES = {
    "SPARQLWrapper": {"http"},
    "babel": {"i18n", "locale", "text"},
    "brotli": {"http"},
    "click": {"cli", "locale"},
    "httpx": {"http", "server", "stores"},
    "jinja2": {"locale", "site"},
    "markupsafe": {"site"},
    "prometheus_client": {"server"},
    "pyoxigraph": {"rdf"},
    "pyshacl": {"validation"},
    "rdflib": {"rdf"},
    "rich": {"cli"},
    "shifty": {"validation"},
    "starlette": {"server"},
    "uvicorn": {"server"},
    "uvloop": {"server"},
    "watchfiles": {"server"},
    "yaml": {"project"},
}


@cache
def parsed(module: str) -> ast.Module:
    return ast.parse((ROOT / module).read_text("utf-8"))


def imported(module: str) -> Iterator[str]:
    """Iterate over the names of the top-level packages that a module imports."""
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def identifiers(module: str) -> Iterator[tuple[int, str]]:
    """Iterate over line and name of every variable, attribute, parameter, keyword, function, class and import."""
    for node in ast.walk(parsed(module)):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Name):
            yield line, node.id
        elif isinstance(node, ast.Attribute):
            yield line, node.attr
        elif isinstance(node, ast.arg | ast.keyword):
            yield line, node.arg or ""
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield line, node.name
        elif isinstance(node, ast.alias):
            yield from ((line, name) for name in (node.name.rpartition(".")[2], node.asname or ""))


@pytest.mark.parametrize("module", MODULES)
def test_module_fits_on_a_few_screens(module):
    assert len((ROOT / module).read_text("utf-8").splitlines()) <= 350


@pytest.mark.parametrize("module", TESTS)
def test_test_module_is_short(module):
    assert len((ROOT / module).read_text("utf-8").splitlines()) <= 500


@pytest.mark.parametrize("folder", FOLDERS)
def test_folder_has_few_modules(folder):
    names = {path.name for path in (ROOT / folder).glob("*.py")} - {"__init__.py", "__main__.py"}
    assert len(names) <= 12


@pytest.mark.parametrize("module", MODULES)
def test_module_is_named_for_what_it_holds(module):
    assert not VAGUE & set(module.removesuffix(".py").replace("/", "_").split("_"))


@pytest.mark.parametrize("module", MODULES)
def test_identifier_is_named_for_what_it_holds(module):
    names = list(identifiers(module))
    assert [f"{module}:{line}: {name}" for line, name in names if name in EMPTY_WORDS] == []
    old = [f"{module}:{line}: {name} is now {REPLACED[name]}" for line, name in names if name in REPLACED]
    assert old == []


@pytest.mark.parametrize("library", LIBRARIES)
def test_library_is_imported_where_it_belongs(library):
    users = {
        module.removeprefix("src/whereas/").removesuffix(".py").partition("/")[0]
        for module in MODULES
        if library in imported(module)
    }
    assert users
    assert users <= LIBRARIES[library]
