"""The one HTTP client, before servers that misbehave: one sentence each, within its limits."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from faulty_server import faulty_server
from servers import free_port
from whereas.errors import ArgumentError, RemoteError
from whereas.http import client as client_module
from whereas.http.client import LONGEST_WAIT, TRIES, HTTPClient, read_json, url_exists, user_agent

LIMIT = 100_000  # bytes


@pytest.fixture
def server():
    with faulty_server() as server:
        yield server


@pytest.fixture
def client():
    with HTTPClient(timeout=1, max_bytes=LIMIT, max_redirects=3) as client:
        yield client


@pytest.fixture
def waits(monkeypatch):
    """The seconds that were waited, which pass at once."""
    waits = []
    monkeypatch.setattr(client_module.time, "sleep", waits.append)
    return waits


def sentence_of(client, method, url, **options) -> str:
    with pytest.raises(RemoteError) as error:
        client.fetch(method, url, **options)
    assert "\n" not in str(error.value)
    return str(error.value)


# -------------------------------------------------------------------- limits


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("endless", "response larger than 100,000 bytes"),
        ("gzip-bomb", "response larger than 100,000 bytes"),
        ("gzip-bomb/500", "answered 500 Internal Server Error"),
        ("not-gzipped/404", "answered 404 Not Found"),
        ("endless-headers", "connection lost: "),
        ("silent", "no complete response within 1 s"),
        ("dripping", "no complete response within 1 s"),
        ("dripping-headers", "no complete response within 1 s"),
        ("truncated", "connection lost: peer closed connection without sending complete message body"),
        ("truncated-gzip", "invalid Content-Encoding: the gzip data ends too early"),
        ("not-gzipped", "invalid Content-Encoding: Error -3 while decompressing data: incorrect header check"),
        ("other-coding", "invalid Content-Encoding: 'br' was not requested"),
    ],
)
def test_response_beyond_a_limit_is_one_sentence(server, client, path, sentence):
    assert sentence_of(client, "GET", f"{server.url}/{path}").startswith(f"{server.url}/{path}: {sentence}")


def test_gzip_bomb_is_decompressed_no_further_than_the_limit(server, client, monkeypatch):
    sizes = []
    decode = client_module.GzipDecoder.decode

    def measured(self, data, limit):
        content = decode(self, data, limit)
        sizes.append(len(content))
        return content

    monkeypatch.setattr(client_module.GzipDecoder, "decode", measured)
    sentence_of(client, "GET", f"{server.url}/gzip-bomb")
    assert sum(sizes) == LIMIT + 1


def test_gzip_of_several_members_is_read_completely(server, client):
    assert client.fetch("GET", f"{server.url}/gzipped").content == client.fetch("GET", f"{server.url}/valid").content


def test_body_that_is_not_wanted_is_not_read(server, client):
    assert client.fetch("GET", f"{server.url}/endless", read_body=False).content == b""


def test_deeply_nested_json_is_one_sentence(server, client):
    content = client.fetch("GET", f"{server.url}/deep-json").content
    with pytest.raises(RemoteError) as error:
        read_json("http://a/", content)
    assert str(error.value) == "http://a/: the JSON is too deeply nested"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<!doctype html>\n<p>", "expected JSON, got '<!doctype html>'"),
        (b"", "expected JSON, got ''"),
        (b'{"a": ', "invalid JSON at character 6"),
        (b'"\xff"', "expected JSON, got '\"\ufffd\"'"),
    ],
)
def test_content_that_is_no_json_is_one_sentence(content, sentence):
    with pytest.raises(RemoteError) as error:
        read_json("http://a/", content)
    assert str(error.value) == f"http://a/: {sentence}"


# -------------------------------------------------------------------- redirects


def test_redirect_is_followed_for_get_and_head(server, client):
    for method in ("GET", "HEAD"):
        assert client.fetch(method, f"{server.url}/redirect//valid").url == f"{server.url}/valid"


def test_redirect_of_a_post_is_refused(server, client):
    sentence = sentence_of(client, "POST", f"{server.url}/redirect//valid", data={"a": "b"})
    assert sentence == f"{server.url}/redirect//valid: redirects to {server.url}/valid; use that URL instead"
    assert len(server.requests) == 1


def test_redirect_loop_ends(server, client):
    assert sentence_of(client, "GET", f"{server.url}/loop") == f"{server.url}/loop: more than 3 redirects"
    assert len(server.requests) == 4


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("location", "printed"),
    [
        ("ftp://127.0.0.1/file", "ftp://127.0.0.1/file"),
        ("file:///etc/passwd", "file:///etc/passwd"),
        ("http://[::1", "http://[::1"),
        ("http://:80/", "http://:80/"),
        ("http://127.0.0.1:port/", "http://127.0.0.1:port/"),
        ("http://me:secret@127.0.0.1/", "…"),
    ],
)
def test_redirect_to_no_web_url_is_one_sentence(server, client, method, location, printed):
    url = f"{server.url}/redirect/{location}"
    sentence = sentence_of(client, method, url)
    assert sentence == f"{url}: redirects to an invalid URL: '{printed}'"


def test_redirect_to_another_host_is_followed_without_credentials_only(server, client):
    with faulty_server() as other:
        url = f"{server.url}/redirect/{other.url}/valid"
        assert client.fetch("GET", url).url == f"{other.url}/valid"
        other.requests.clear()
        with HTTPClient(auth=httpx.BasicAuth("me", "secret"), max_redirects=3) as authenticated:
            sentence = sentence_of(authenticated, "GET", url)
            assert sentence == f"{url}: redirects to {other.url}/valid; use that URL instead"
            assert other.requests == []
            authenticated.fetch("GET", f"{server.url}/redirect//valid")
    assert "Authorization" in server.requests[-1][2]


def test_query_of_a_url_is_not_printed(server, client):
    assert (
        sentence_of(client, "GET", f"{server.url}/missing?token=s3cret")
        == f"{server.url}/missing: answered 404 Not Found"
    )


# -------------------------------------------------------------------- busy servers


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [("", 1), ("0", 0), ("7", 7), ("soon", 1), ("-1", 1), ("Sun, 06 Nov 1994 08:49:37 GMT", 0)],
)
def test_busy_server_is_asked_again_after_the_time_it_says(server, client, waits, retry_after, seconds):
    client.fetch("GET", f"{server.url}/busy-at-first/{retry_after}")
    assert waits == [seconds]
    assert [headers["User-Agent"] for _, _, headers in server.requests] == [user_agent()] * 2


def test_date_in_retry_after_is_waited_for(server, client, waits):
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    client.fetch("GET", f"{server.url}/busy-at-first/{date}")
    assert len(waits) == 1
    assert 80 < waits[0] <= 90


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_server_that_asks_for_a_long_wait_is_not_waited_for(server, client, waits, form):
    date = format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)
    url = f"{server.url}/busy/{LONGEST_WAIT + 1 if form == 'seconds' else date}"
    assert sentence_of(client, "GET", url).startswith(f"{url}: server busy, retry after ")
    assert (waits, len(server.requests)) == ([], 1)


def test_server_that_stays_busy_is_asked_so_many_times(server, client, waits):
    assert sentence_of(client, "GET", f"{server.url}/busy") == f"{server.url}/busy: answered 503 Service Unavailable"
    assert (waits, len(server.requests)) == ([1, 2, 4], TRIES)


@pytest.mark.parametrize(
    ("method", "options", "tries"),
    [
        ("GET", {}, TRIES),
        ("PUT", {}, TRIES),
        ("POST", {}, 1),
        ("POST", {"idempotent": True}, TRIES),
    ],
)
def test_request_that_may_have_been_carried_out_is_repeated_only_where_it_does_no_harm(
    server, client, waits, method, options, tries
):
    client.request(method, f"{server.url}/gateway", content=b"x" if method != "GET" else None, **options)
    assert len(server.requests) == tries


# -------------------------------------------------------------------- addresses


def test_server_that_is_down_is_one_sentence(client):
    url = f"http://127.0.0.1:{free_port()}/"
    assert sentence_of(client, "GET", url) == f"{url}: cannot be reached: Connection refused"


@pytest.mark.parametrize("url", ["http://exa..mple/", "http://xn--a/"])
def test_invalid_host_name_is_one_sentence(client, url):
    assert sentence_of(client, "GET", url).startswith(f"{url}: ")


def test_proxy_settings_that_cannot_be_used_are_one_sentence(monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "gopher://127.0.0.1:70")
    with pytest.raises(ArgumentError) as error:
        HTTPClient()
    assert str(error.value).startswith("the proxy settings cannot be used: ")


@pytest.mark.parametrize(
    ("path", "exists"), [("valid", True), ("missing", False), ("no-head", True), ("redirect//missing", False)]
)
def test_url_exists_after_redirects(server, path, exists):
    assert url_exists(f"{server.url}/{path}") is exists


def test_url_that_cannot_be_checked_is_one_sentence(server):
    with pytest.raises(RemoteError) as error:
        url_exists(f"{server.url}/unauthorized")
    assert str(error.value) == f"{server.url}/unauthorized: authentication required (401)"
