"""The public names of the package: imported when first used, and never shadowed by a submodule."""

import pkgutil
import subprocess
import sys

import pytest

import whereas

NAMES = sorted(set(whereas.__all__) - {"__version__"})


def test_no_public_name_is_the_name_of_a_submodule():
    submodules = {module.name for module in pkgutil.iter_modules(whereas.__path__)}
    assert not submodules & set(whereas.__all__)


@pytest.mark.parametrize("name", NAMES)
def test_public_name_is_the_same_object_every_time(name):
    first = getattr(whereas, name)
    assert first.__module__.startswith("whereas.")
    assert getattr(whereas, name) is first
    assert vars(whereas)[name] is first


def test_importing_the_package_imports_none_of_its_modules():
    code = "import sys, whereas; print(sorted(name for name in sys.modules if name.startswith('whereas.')))"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout == "['whereas._version']\n"


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'whereas' has no attribute 'nothing'"):
        _ = whereas.nothing
