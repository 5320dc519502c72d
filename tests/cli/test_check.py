"""`whereas check` and `build`: findings for people and machines, exit codes."""

import json
import subprocess
from pathlib import Path

from command_line import BIN, copy_project, run_whereas


def copy_with_violation(folder: Path) -> Path:
    """Copy the project, with one violation."""
    copy_project(folder)
    path = folder / "data/2022-06-09-gse-xinjiang/document.yaml"
    path.write_text(path.read_text("utf-8").replace("kind: k:release", "kind: q:genocide", 1), "utf-8")
    return folder


def test_findings_are_printed_for_people_and_machines_with_exit_code_1(tmp_path):
    folder = copy_with_violation(tmp_path)
    result = run_whereas(folder, "check")
    (line,) = [line for line in result.stdout.splitlines() if ": violation: " in line]
    location, message = line.split(": violation: ")
    assert (result.returncode, result.stderr) == (1, "")
    assert message == "The kind of demand must come from the scheme of kinds (k:)."
    path, number = location.split(":")
    assert "kind: q:genocide" in (folder / path).read_text("utf-8").splitlines()[int(number) - 1]
    french = run_whereas(folder, "check", "--lang", "fr").stdout
    assert f"{location}: violation: " in french and "(k:)" in french
    (finding,) = [
        finding
        for finding in json.loads(run_whereas(folder, "check", "--format", "json").stdout)
        if finding["severity"] == "Violation"
    ]
    assert (finding["path"], finding["line"], finding["rule"]) == (path, int(number), "shp:Demand-kind-scheme")
    assert f"::error file={path},line={number}" in run_whereas(folder, "check", "--format", "github").stdout
    sarif = json.loads(run_whereas(folder, "check", "--format", "sarif").stdout)
    results = [result for result in sarif["runs"][0]["results"] if result["level"] == "error"]
    (result,) = results
    physical_location = result["locations"][0]["physicalLocation"]
    assert physical_location == {"artifactLocation": {"uri": path}, "region": {"startLine": int(number)}}
    assert result["ruleId"] in {rule["id"] for rule in sarif["runs"][0]["tool"]["driver"]["rules"]}
    built = run_whereas(folder, "build")
    assert built.returncode == 1
    assert built.stdout.endswith("public/ was not changed\n")
    query = run_whereas(folder, "ask", "demands-by")
    assert (query.returncode, query.stdout) == (2, "")
    assert query.stderr == "whereas: the project has 1 violation: 'whereas check' lists it\n"


def test_folder_without_a_project_is_an_error(tmp_path):
    result = run_whereas(tmp_path, "check")
    assert result.returncode == 2
    assert result.stderr == (
        ".: violation: no project here: expected a pyproject.toml with [tool.whereas] in this folder or above it\n"
    )


def test_quiet_prints_no_summary_and_verbose_prints_durations(project):
    findings = run_whereas(project, "check", "-q").stdout
    assert run_whereas(project, "check").stdout.startswith(findings)
    assert run_whereas(project, "check").stdout.count("\n") == findings.count("\n") + 1
    assert run_whereas(project, "check", "-v").stderr.startswith("checked in ")


def test_concurrent_commands_wait_for_each_other(tmp_path):
    copy_project(tmp_path)
    commands = ["check"], ["build", "--no-pages"], ["ask", "demands-by"], ["check"], ["build", "--no-pages"]
    processes = [
        subprocess.Popen([BIN / "whereas", *words], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for words in commands
    ]
    outputs = [process.communicate()[0].decode() for process in processes]
    assert [process.returncode for process in processes] == [0] * 5, outputs
    waiting = "waiting for another whereas process in this project\n"
    assert sum(output.startswith(waiting) for output in outputs) >= 1
    run_again = run_whereas(tmp_path, "build", "-q", "--no-pages")
    assert (run_again.returncode, run_again.stdout, run_again.stderr) == (0, "", "")
