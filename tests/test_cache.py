"""Results are used again only where everything that computed them is the same."""

import shutil
from importlib.metadata import version
from pathlib import Path

import pytest

import whereas
from whereas import cache
from whereas.cache import LIBRARIES, PACKAGE, engine_digest, library_versions

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _uncached():
    engine_digest.cache_clear()
    yield
    engine_digest.cache_clear()


def compiled(project: Path) -> set[str]:
    """Check the project; return the stages of the work that had to be done."""
    stages = set()
    whereas.check(whereas.read_project(project), progress=lambda stage, done, of: stages.add(stage))
    return stages


def test_versions_are_those_of_the_installed_libraries():
    assert library_versions() == {name: version(name) for name in LIBRARIES}


@pytest.mark.parametrize("name", LIBRARIES)
def test_another_version_of_a_library_changes_the_digest(monkeypatch, name):
    before = engine_digest()
    monkeypatch.setattr(cache, "library_versions", lambda: {**library_versions(), name: "999"})
    engine_digest.cache_clear()
    assert engine_digest() != before


def test_another_version_of_unicode_changes_the_digest(monkeypatch):
    before = engine_digest()
    monkeypatch.setattr("unicodedata.unidata_version", "999")
    engine_digest.cache_clear()
    assert engine_digest() != before


@pytest.mark.parametrize(
    "path",
    [
        "cache.py",
        "server/sparql/worker.py",
        "release/hosting_templates/caddy.jinja",
        "locale/fr/LC_MESSAGES/whereas.mo",
    ],
)
def test_a_changed_file_of_the_package_changes_the_digest(monkeypatch, tmp_path, path):
    shutil.copytree(PACKAGE, tmp_path / "package", ignore=shutil.ignore_patterns("vendor", "__pycache__"))
    monkeypatch.setattr(cache, "PACKAGE", tmp_path / "package")
    before = engine_digest()
    with (tmp_path / "package" / path).open("ab") as file:
        file.write(b"\n")
    engine_digest.cache_clear()
    assert engine_digest() != before


def test_with_another_version_of_a_library_the_work_is_done_again(monkeypatch, tmp_path):
    for name in ("data", "ontology", "shapes", "queries", "pyproject.toml"):
        (tmp_path / name).symlink_to(ROOT / name)
    first = compiled(tmp_path)
    assert {"compiling", "checking"} <= first
    assert not {"compiling", "checking"} & compiled(tmp_path)
    monkeypatch.setattr(cache, "library_versions", lambda: {**library_versions(), "pyshifty": "999"})
    engine_digest.cache_clear()
    assert compiled(tmp_path) == first
