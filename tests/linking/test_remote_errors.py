"""Servers that fail, and cached responses."""

import re

import pytest

from servers import free_port
from whereas.errors import RemoteError
from whereas.http.client import TRIES, user_agent
from whereas.http.sparql_client import ask_endpoint
from wikidata_links import links_text, run_link


@pytest.mark.parametrize("fault", ["429 0", "503 0", "429", "503", "502", "504"])
def test_request_to_a_busy_server_is_retried(proxy, fault):
    proxy.faults = [fault]
    assert ask_endpoint(proxy.address, "ASK { ?s ?p ?o }").boolean is True
    assert len(proxy.agents) == 2


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        (["503 0"] * TRIES, "answered 503 Service Unavailable"),
        (["429 0"] * TRIES, "answered 429 Too Many Requests"),
        (["429 3600"], "server busy, retry after 3600 s"),
        (["html"], "expected SPARQL results, got '<!DOCTYPE html>'"),
        (["drop"], "connection lost: Server disconnected without sending a response; try again"),
    ],
)
def test_failing_server_is_one_line_and_changes_nothing(project, proxy, faults, message):
    before = links_text(project)
    proxy.faults = list(faults)
    for words in (("propose", "--write"), ("check",), ("enrich",)):
        proxy.faults = list(faults)
        output = run_link(project, *words, "--endpoint", proxy.address, code=2)
        assert output == f"whereas: {proxy.address}: {message}\n"
    assert links_text(project) == before
    assert not (project / "data/wikidata").exists()


def test_truncated_response_is_an_error(project, proxy):
    proxy.faults = ["truncated"]
    output = run_link(project, "check", "--endpoint", proxy.address, code=2)
    sentence = rf"whereas: {re.escape(proxy.address)}: invalid JSON at character \d+\n"
    assert re.fullmatch(sentence, output)


def test_silent_server_is_a_timeout(proxy):
    proxy.faults = ["hang"]
    with pytest.raises(RemoteError) as error:
        ask_endpoint(proxy.address, "ASK { ?s ?p ?o }", seconds=1)
    assert str(error.value) == f"{proxy.address}: no complete response within 1 s"


def test_unreachable_server_is_one_line(project):
    address = f"http://127.0.0.1:{free_port()}/sparql"
    output = run_link(project, "propose", "--endpoint", address, "--write", code=2)
    assert output == f"whereas: {address}: cannot be reached: Connection refused\n"


def test_requests_come_one_at_a_time_with_a_user_agent(project, proxy):
    settings = project / "pyproject.toml"
    settings.write_text(
        settings.read_text().replace("[tool.whereas]\n", '[tool.whereas]\ncontact = "mail@example.org"\n')
    )
    run_link(project, "propose", "--endpoint", proxy.address)
    assert set(proxy.agents) == {user_agent("mail@example.org")}
    assert "mail@example.org" in proxy.agents[0]
    assert proxy.most_open_requests == 1


def test_cached_responses_are_used(project, proxy):
    first = run_link(project, "propose", "--endpoint", proxy.address)
    count = len(proxy.agents)
    assert run_link(project, "propose", "--endpoint", proxy.address) == first
    assert len(proxy.agents) == count


def test_offline_uses_cached_responses_and_reports_a_missing_one(project, proxy):
    first = run_link(project, "propose", "--endpoint", proxy.address)
    proxy.shutdown()
    assert run_link(project, "propose", "--endpoint", proxy.address, "--offline") == first
    output = run_link(project, "check", "--endpoint", proxy.address, "--offline", code=2)
    assert output == f"whereas: {proxy.address}: not requested (--offline), and no response is cached\n"


def test_response_with_other_columns_is_an_error_and_not_cached(project, proxy):
    proxy.faults = ["other"]
    output = run_link(project, "check", "--endpoint", proxy.address, code=2)
    expected = "expected the columns item, statement, property, value, got 'x'"
    assert output == f"whereas: {proxy.address}: {expected}\n"
    output = run_link(project, "check", "--endpoint", proxy.address, "--offline", code=2)
    assert output == f"whereas: {proxy.address}: not requested (--offline), and no response is cached\n"
