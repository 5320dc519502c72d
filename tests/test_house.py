"""The house rules a machine can hold: sizes and names. Who imports whom is held by import-linter (pyproject.toml)."""

from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src/whereas"
MODULES = sorted(path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py"))
VAGUE = {"utils", "util", "helpers", "common", "base", "misc", "manager"}


@pytest.mark.parametrize("module", MODULES)
def test_module_fits_on_a_few_screens(module):
    assert len((SOURCE / module).read_text().splitlines()) <= 350


@pytest.mark.parametrize("module", MODULES)
def test_module_is_named_for_what_it_holds(module):
    assert not VAGUE & set(module.removesuffix(".py").replace("/", "_").split("_"))
