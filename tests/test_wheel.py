"""The built wheel, without the checkout: a new project checks, builds and answers queries."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """An environment's `bin/` with the wheel in it; its dependencies are this environment's."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", folder, ROOT]
    subprocess.run(build, check=True)
    (wheel,) = folder.glob("whereas-*.whl")
    venv.create(folder / "env", with_pip=False)
    site = next((folder / "env/lib").glob("python*")) / "site-packages"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--target", site, wheel]
    subprocess.run(pip, check=True)
    library = Path(os.__file__).parent  # a base environment has its own site-packages below it
    packages = next(path for path in map(Path, sys.path) if path.name == "site-packages" and path != library)
    # Everything this environment has, but not the editable whereas: its .pth file is not followed.
    (site / "neighbours.pth").write_text(f"import sys; sys.path.append({str(packages)!r})\n")
    return folder / "env/bin"


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [installed / "python", "-P", "-m", "whereas", *arguments]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_wheel_is_not_the_checkout(installed, tmp_path):
    process = subprocess.run(
        [installed / "python", "-P", "-c", "import whereas.project.project as p; print(p.material_folder())"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert f"{ROOT}/" not in process.stdout
    assert process.stdout.strip().endswith("whereas/material")


def test_new_project_checks_builds_and_answers_queries(installed, tmp_path):
    created = run(installed, tmp_path, "new", "my-dossier")
    assert created.returncode == 0, created.stderr
    dossier = tmp_path / "my-dossier"
    checked = run(installed, dossier, "check")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "0 violations, 0 warnings" in checked.stdout
    built = run(installed, dossier, "build")
    assert built.returncode == 0, built.stderr
    turtle = (dossier / "public/doc/2026-01-15-harbour-statement.ttl").read_text("utf-8")
    assert "ent:exampleton-council" in turtle
    assert "@prefix ent: <https://example.org/my-dossier/ent/>" in turtle
    assert "@prefix wa: <https://w3id.org/whereas/ns#>" in turtle
    answer = run(installed, dossier, "ask", "demands-by", "--format", "csv")
    assert "Close the old pier at once" in answer.stdout
    shown = run(installed, dossier, "show", "ada-brook")
    assert "warns Ada Brook" in run(installed, dossier, "show", "quotation-danger").stdout
    assert "Ada Brook" in shown.stdout


def test_project_adds_to_the_shapes_and_queries_and_replaces_them(installed, tmp_path):
    run(installed, tmp_path, "new", "dossier")
    dossier = tmp_path / "dossier"
    (dossier / "queries/mine").mkdir(parents=True)
    (dossier / "queries/mine/councillors.rq").write_text(
        "#+ summary: {en: Who sits on the council}\n#+ description: {en: Every member.}\n"
        "#+ columns:\n#+   ?person: {class: foaf:Person, label: {en: Person}}\n"
        "PREFIX org: <http://www.w3.org/ns/org#>\n"
        "SELECT ?person WHERE { ?seat org:member ?person ; org:organization ?council } ORDER BY ?person\n"
    )
    assert "https://example.org/dossier/ent/ada-brook" in run(installed, dossier, "ask", "councillors").stdout
    (dossier / "shapes").mkdir()
    (dossier / "shapes/mine.ttl").write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix shp: <https://w3id.org/whereas/shapes#> .\n"
        "@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        "shp:Mine a sh:NodeShape ; sh:targetClass foaf:Person ; sh:property shp:Mine-alias .\n"
        "shp:Mine-alias a sh:PropertyShape ; sh:path skos:altLabel ; sh:minCount 1 ;\n"
        '  sh:message "A person has a second name."@en , "Une personne a un second nom."@fr .\n'
    )
    checked = run(installed, dossier, "check")
    assert checked.returncode == 1
    assert "data/entities/entities.yaml:10: violation: A person has a second name." in checked.stdout


def test_project_with_its_own_base_uses_it_everywhere(installed, tmp_path):
    run(installed, tmp_path, "new", "dossier", "--base", "https://data.example/town/")
    dossier = tmp_path / "dossier"
    assert run(installed, dossier, "build").returncode == 0
    for name in ("ent", "doc", "graph"):
        assert f"https://w3id.org/whereas/{name}/" not in (dossier / "public/dataset.nq").read_text("utf-8")
    settings = dossier / "pyproject.toml"
    settings.write_text(
        settings.read_text().replace("[tool.whereas]\n", '[tool.whereas]\nvocabulary = "https://terms.example/"\n')
    )
    document = dossier / "data/2026-01-15-harbour-statement/document.yaml"
    for path in (document, dossier / "data/entities/entities.yaml"):
        path.write_text(path.read_text().replace("https://w3id.org/whereas/context", "https://terms.example/context"))
    built = run(installed, dossier, "build")
    assert built.returncode == 0, built.stdout + built.stderr
    assert "https://terms.example/ns#Demand" in (dossier / "public/dataset.nq").read_text("utf-8")
    assert "https://w3id.org/whereas/" not in (dossier / "public/dataset.nq").read_text("utf-8")
