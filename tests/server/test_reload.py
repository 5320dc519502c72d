"""New releases and rebuilds while the server runs."""

import shutil
import subprocess
import time

from serving import PERSON, WHEREAS, RunningServer


def test_new_release_is_served_without_dropping_a_request(built, tmp_path):
    running = RunningServer(built, tmp_path)
    try:
        path = f"/{PERSON}.en.html"
        assert "Chen the Tester" not in running.client.get(path).text
        entities = tmp_path / "data/entities/persons.yaml"
        entities.write_text(entities.read_text().replace('en: "Chen Quanguo"', 'en: "Chen the Tester"'))
        build = subprocess.Popen([*WHEREAS, "build", "-q", "-C", str(tmp_path)])
        until = time.monotonic() + 60
        replies = []
        while not replies or ("Chen the Tester" not in replies[-1].text and time.monotonic() < until):
            replies.append(running.client.get(path))
        assert build.wait() == 0
        assert {reply.status_code for reply in replies} == {200}
        assert "Chen the Tester" in replies[-1].text
        query = 'ASK { ?s ?p "Chen the Tester"@en }'
        assert running.client.get("/sparql", params={"query": query}).json()["boolean"] is True
    finally:
        assert running.stop() == 0
    assert list((tmp_path / ".whereas").glob("served-*")) == []


def test_reload_rebuilds_and_shows_findings(built, tmp_path):
    running = RunningServer(built, tmp_path, "--reload")
    try:
        time.sleep(1)  # until the watcher looks
        for name, right, wrong, message in (
            ("data/entities/persons.yaml", "id: ent:chen-quanguo", "idd: ent:chen-quanguo", "unknown key"),
            ("queries/checks/blank-node.rq", "SELECT", "SELECTED", "the query cannot be answered"),
        ):
            file = tmp_path / name
            before = file.read_text()
            file.write_text(before.replace(right, wrong))
            assert page_changes(running, lambda text, message=message: message in text)
            assert message in running.client.get("/queries/demands-by.en.html?language=en").text
            file.write_text(before)
            assert page_changes(running, lambda text: 'role="alert"' not in text)
    finally:
        assert running.stop() == 0


def page_changes(running, condition):
    """Whether the home page meets a condition within a minute."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if condition(running.client.get("/index.en.html").text):
            return True
        time.sleep(0.2)
    return False


def test_project_that_was_never_built_is_served_without_writing_a_website(built, tmp_path):
    shutil.copytree(built, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("public", ".whereas"))
    running = RunningServer(tmp_path, tmp_path)
    try:
        for path in ("", f"{PERSON}.fr.html", "queries/demands-by.csv", "sitemap.xml", "dataset.ttl", "SHA256SUMS"):
            assert running.client.get(f"/{path}").status_code in (200, 303), path
        assert not (tmp_path / "public/index.html").exists()
    finally:
        assert running.stop() == 0


def test_server_brings_a_built_website_up_to_date(built, tmp_path):
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    entities = tmp_path / "data/entities/persons.yaml"
    entities.write_text(entities.read_text().replace('en: "Chen Quanguo"', 'en: "Chen the Tester"'))
    assert RunningServer(tmp_path, tmp_path).stop() == 0
    assert "Chen the Tester" in (tmp_path / f"public/{PERSON}.en.html").read_text()
