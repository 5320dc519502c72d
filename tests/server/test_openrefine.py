"""OpenRefine reconciles a spreadsheet, as the how-to describes it: a real one, driven by the requests of its pages."""

import json
import shutil
import sys
import time
from pathlib import Path

import httpx
import pytest

from servers import free_port, running

ROOT = Path(__file__).parents[2]
REFINE = Path("/usr/share/openrefine/refine")  # Debian's; /usr/bin/openrefine would leave the server behind
TABLE = "name,wikidata\nEuropean Parliament,Q8889\nR. Glucksmann,Q556149\nChen Quanguo,\nNobody at all,\n"
EVERY_ROW = json.dumps({"facets": [], "mode": "row-based"})
PATIENCE = 60  # seconds

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """The address of the reconciliation service of the real project, in English."""
    folder = tmp_path_factory.mktemp("refined")
    for name in ("data", "ontology", "shapes", "queries"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "pyproject.toml", folder)
    address = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "whereas", "serve", "-C", str(folder), "-p", address.rpartition(":")[2]]
    with running(command, f"{address}/-/health"):
        yield f"{address}/reconcile/en"


class Refine:
    """OpenRefine with a project in it."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        form = {"project-name": "names", "format": "text/line-based/*sv", "options": json.dumps({"separator": ","})}
        response = client.post(
            f"create-project-from-upload?csrf_token={self._token()}",
            data=form,
            files={"project-file": ("t.csv", TABLE)},
        )
        self.project = response.headers["location"].rpartition("=")[2]

    def _token(self) -> str:
        return self.client.get("get-csrf-token").json()["token"]

    def do(self, command: str, **form: str) -> dict:
        """Run a command of its pages, and return its response when it is done."""
        params = {"project": self.project, "csrf_token": self._token()}
        response = self.client.post(command, params=params, data=form, timeout=PATIENCE).json()
        assert response["code"] in ("ok", "pending"), response
        deadline = time.monotonic() + PATIENCE
        while self.client.get("get-processes", params={"project": self.project}).json()["processes"]:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        return response

    def rows(self) -> tuple[list[list[dict]], dict]:
        """Return cells by row, and results of reconciliation by number."""
        params = {"project": self.project, "start": 0, "limit": 9}
        response = self.client.post("get-rows", params=params, data={"engine": EVERY_ROW}).json()
        return [row["cells"] for row in response["rows"]], response["pool"]["recons"]


@pytest.fixture
def refine(tmp_path):
    if not REFINE.exists():
        pytest.skip("openrefine is absent: make system installs it")
    port = free_port()
    environment = ["--chdir", str(REFINE.parent), f"HOME={tmp_path}"]
    options = ["-i", "127.0.0.1", "-p", str(port), "-d", str(tmp_path), "-m", "512M", "-x", "refine.headless=true"]
    address = f"http://127.0.0.1:{port}/command/core/"
    with (
        running(["env", *environment, str(REFINE), *options], f"{address}get-version"),
        httpx.Client(base_url=address) as client,
    ):
        yield Refine(client)


def test_openrefine_matches_candidates_and_extends_data(refine, service):
    manifest = httpx.get(service).json()
    spaces = {name: manifest[name] for name in ("identifierSpace", "schemaSpace")}
    guessed = refine.do("guess-types-of-column", columnName="name", service=service)
    assert {"foaf:Person", "org:Organization"} <= {kind["id"] for kind in guessed["types"]}

    property_ = {"id": "owl:sameAs", "name": "owl:sameAs"}
    settings = {"mode": "standard-service", "service": service, **spaces, "type": None, "autoMatch": True, "limit": 0}
    settings["columnDetails"] = [{"column": "wikidata", "property": property_}]
    refine.do("reconcile", columnName="name", config=json.dumps(settings), engine=EVERY_ROW)
    rows, results = refine.rows()
    parliament, member, secretary, nobody = (results[row[0]["r"]] for row in rows)
    assert (parliament["j"], parliament["m"]["id"]) == ("matched", "parlement-europeen")
    assert (member["j"], member["m"]["id"]) == ("matched", "raphael-glucksmann")
    assert (secretary["j"], [each["id"] for each in secretary["c"]]) == ("none", ["chen-quanguo"])
    assert (nobody["j"], nobody["c"]) == ("none", [])

    extension = json.dumps({"properties": [property_]})
    form = {"baseColumnName": "name", "endpoint": service, **spaces, "columnInsertIndex": "1"}
    refine.do("extend-data", **form, extension=extension, engine=EVERY_ROW)
    values = [row[2]["v"] for row in refine.rows()[0] if len(row) > 2]
    assert "http://www.wikidata.org/entity/Q8889" in values
    assert "http://www.wikidata.org/entity/Q556149" in values
