"""The house rules a machine can hold: floors, sizes, names, who imports what."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src/whereas"
ROOMS = {path.stem: path for path in SOURCE.glob("*.py") if not path.stem.startswith("__")}

# Ground floor first. A room may import from the floors below its own, never beside or above.
FLOORS = [
    {"errors"},
    {
        "iris",
        "terms",
        "phrases",
        "media",
        "crew",
        "cache",
        "yaml12",
        "templating",
        "negotiation",
        "sheets",
        "packing",
        "syntax",
        "threads",
    },
    {"settings", "pieces", "memory"},
    {"project", "answers", "passages", "graph", "limits", "transport"},
    {
        "yamlld",
        "tables",
        "remote",
        "reporting",
        "stores",
        "starter",
        "describe",
        "terminal",
        "relay",
        "sparql",
        "search",
        "sssom",
        "sources",
        "rdflib_graphs",
        "replies",
        "item",
    },
    {"matching", "lastcheck", "targets", "worker", "pool", "manifest"},
    {"wikidata"},
    {"service"},
    {"ontology", "data", "shapes", "queries", "exports", "catalogue", "conformance"},
    {"staging"},
    {"compilation"},
    {"neighbours", "places", "dataset"},
    {"checking"},
    {"index", "citation", "decisions", "loading", "bulk", "records"},
    {"linking", "verification", "quickstatements", "reconciliation"},
    {"reconciliation_request"},
    {"reconciliation_api"},
    {"statements", "addresses"},
    {"reading", "diagram", "ledger", "constraints", "corrections"},
    {"view"},
    {"charts", "forms", "scripts"},
    {"saved"},
    {"overviews", "described", "feeds", "evidence"},
    {"pages"},
    {"site"},
    {"rendering", "hosting"},
    {"release", "representation", "openapi"},
    {"edition", "responses"},
    {"requests"},
    {"endpoints"},
    {"server"},
    {"serving"},
    {"session"},
    {"questions", "reviewing", "sending"},
    {"links"},
    {"cli"},
]
FLOOR = {room: height for height, rooms in enumerate(FLOORS) for room in rooms}

# The one room that may import a library, for every library the project stands on.
LIBRARIES = {
    "SPARQLWrapper": "remote",
    "anyascii": "matching",
    "brotli": "representation",
    "httpx": "transport",
    "jinja2": "templating",
    "keyring": "targets",
    "langcodes": "yamlld",
    "prometheus_client": "server",
    "pyoxigraph": "graph",
    "pyshacl": "shapes",
    "rapidfuzz": "passages",
    "rdflib": "rdflib_graphs",
    "rich": "terminal",
    "shifty": "shapes",
    "uvicorn": "serving",
    "uvloop": "serving",
    "watchfiles": "serving",
    "yaml": "yaml12",
}


def imported(path: Path) -> set[str]:
    """Full names of the modules a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: imports by full name only"
            found.add(node.module or "")
            found |= {f"{node.module}.{name.name}" for name in node.names}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return found


def rooms_of(path: Path) -> set[str]:
    names = {name.split(".")[1] for name in imported(path) if name.startswith("whereas.")}
    return names & ROOMS.keys()


def test_every_room_has_a_floor():
    assert ROOMS.keys() == FLOOR.keys()


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_room_leans_only_on_lower_floors(room):
    assert {other for other in rooms_of(ROOMS[room]) if FLOOR[other] >= FLOOR[room]} == set()


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_room_fits_on_a_few_screens(room):
    assert len(ROOMS[room].read_text().splitlines()) <= 350


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_room_is_named_for_what_lives_in_it(room):
    assert not {"utils", "util", "helpers", "common", "base", "misc", "manager"} & {room, *room.split("_")}


@pytest.mark.parametrize("library", sorted(LIBRARIES))
def test_library_has_one_room(library):
    users = {room for room, path in ROOMS.items() if library in {name.split(".")[0] for name in imported(path)}}
    assert users == {LIBRARIES[library]}


def test_only_the_door_knows_how_commands_are_parsed():
    users = {room for room, path in ROOMS.items() if "click" in {name.split(".")[0] for name in imported(path)}}
    assert users == {"cli", "links", "questions", "reviewing", "sending", "session"}


def test_only_the_server_knows_its_framework():
    users = {room for room, path in ROOMS.items() if "starlette" in {name.split(".")[0] for name in imported(path)}}
    assert users == {"server", "endpoints", "requests", "responses"}


def test_only_what_is_kept_or_searched_knows_the_database():
    users = {room for room, path in ROOMS.items() if "sqlite3" in {name.split(".")[0] for name in imported(path)}}
    assert users == {"cache", "search"}


def test_every_material_folder_has_its_room():
    assert {"ontology", "data", "shapes", "queries"} <= ROOMS.keys()
