"""Stores in the project's settings, their secrets and their certificates."""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import keyring
import keyring.backend
import pytest

import whereas
from store_loading import WHEREAS, add_store, faulty_proxy, run_load
from whereas.errors import ArgumentError, ProjectError, RemoteError
from whereas.stores.config import StoreConfig
from whereas.stores.settings import read_store_config
from whereas.stores.store import Store


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ('password = "x"', "a password is not kept in a file: set WHEREAS_HERE_PASSWORD"),
        ('token = "x"', "a token is not kept in a file: set WHEREAS_HERE_TOKEN"),
        ('addres = "x"', "unknown key 'addres'"),
        ('kind = "oxygraph"\nurl = "http://a/"', "kind: expected oxigraph, virtuoso, sparql, got 'oxygraph'"),
        ('url = "ftp://a/"', "url: expected an http or https URL, got 'ftp://a/'"),
        ('query = "http://a/"', "expected url, or query and one of graphs and update"),
        ("url = 3", "url: expected a text, got a number"),
        ('url = "http://me:x@a/"', "url: a URL must not contain a user or password"),
    ],
)
def test_wrong_setting_is_one_sentence(project, lines, sentence):
    settings = project / "pyproject.toml"
    settings.write_text(f"{settings.read_text()}\n[tool.whereas.stores.here]\n{lines}\n")
    with pytest.raises(ProjectError) as error:
        read_store_config(whereas.read_project(project), "here")
    (finding,) = error.value.findings
    assert finding.message.in_language("en") == f"stores.here: {sentence}"


@pytest.mark.parametrize(
    ("settings_text", "sentence"),
    [
        ('here = { url = "http://bob:s3/cret@h" }', "stores.here: url: expected an http or https URL, got '…'"),
        ('here = { url = "bob:s3cret@h" }', "stores.here: url: expected an http or https URL, got '…'"),
        ('here = { url = "http://bob:3/s3cret@h" }', "stores.here: url: a URL must not contain a user or password"),
        ('here = { url = ["http://bob:s3cret@h"] }', "stores.here: url: expected a text, got a list"),
        ('here = { user = { password = "s3cret" } }', "stores.here: user: expected a text, got a table"),
        ('here = "http://bob:s3cret@h"', "stores: expected a table by name, got a table"),
        ("here = { gone = true }", "stores.here: gone: expected a text, got true or false"),
        (
            'here = { url = "http://a/" }\n"été" = { url = "http://a/" }',
            "stores.été: the name is used in an environment variable: only ASCII letters, digits, '-' and '_'",
        ),
    ],
)
def test_setting_that_may_hold_a_password_is_never_printed(project, settings_text, sentence):
    settings = project / "pyproject.toml"
    settings.write_text(f"{settings.read_text()}\n[tool.whereas.stores]\n{settings_text}\n")
    with pytest.raises(ProjectError) as error:
        read_store_config(whereas.read_project(project), "été" if "été" in settings_text else "here")
    assert [finding.message.in_language("en") for finding in error.value.findings] == [sentence]
    assert "s3" not in str(error.value)


def test_unknown_store_is_one_sentence(project):
    with pytest.raises(ArgumentError) as error:
        read_store_config(whereas.read_project(project), "there")
    assert str(error.value) == "no store 'there' in [tool.whereas.stores], and no http or https URL"


@pytest.mark.parametrize(
    "address", ["http://exa..mple/", "http://xn--a/", "http://é..x/", "http://bob:s3cret@h/", "bob@h"]
)
def test_invalid_host_name_is_one_sentence(project, address):
    run = subprocess.run(
        [str(WHEREAS), "load", address, "-C", str(project)], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1), run.stderr
    assert "s3cret" not in run.stderr


class _Keyring(keyring.backend.KeyringBackend):
    """A keyring that holds one password."""

    priority = 1

    def get_password(self, service, username):
        return "s3cr3t" if (service, username) == ("archive", "me") else None

    def set_password(self, service, username, password): ...
    def delete_password(self, service, username): ...


def test_password_in_the_keyring_is_used_where_the_settings_name_it(project, monkeypatch):
    settings_text = '[tool.whereas.stores.here]\nquery = "http://a/"\nupdate = "http://a/"\nkeyring = "archive"\n'
    settings = project / "pyproject.toml"
    before = settings.read_text()
    settings.write_text(f'{before}\n{settings_text}user = "me"\n')
    monkeypatch.delenv("WHEREAS_HERE_PASSWORD", raising=False)
    before_test = keyring.get_keyring()
    keyring.set_keyring(_Keyring())
    try:
        assert read_store_config(whereas.read_project(project), "here").secret == "s3cr3t"
        monkeypatch.setenv("WHEREAS_HERE_PASSWORD", "of the environment")
        assert read_store_config(whereas.read_project(project), "here").secret == "of the environment"
        monkeypatch.delenv("WHEREAS_HERE_PASSWORD")
        settings.write_text(f'{before}\n{settings_text}user = "you"\n')
        with pytest.raises(ArgumentError) as error:
            read_store_config(whereas.read_project(project), "here")
    finally:
        keyring.set_keyring(before_test)
    assert str(error.value) == "no password for 'you' in the keyring: set one with 'keyring set archive you'"
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ArgumentError) as error:
        read_store_config(whereas.read_project(project), "here")
    assert str(error.value) == "keyring is not installed: pip install 'whereas[keyring]'"


def test_keyring_is_imported_only_where_the_settings_name_one(project):
    code = f"import sys, whereas; from whereas.stores.settings import read_store_config; read_store_config(whereas.read_project({str(project)!r}), 'here'); print('keyring' in sys.modules)"
    settings = project / "pyproject.toml"
    settings_text = '[tool.whereas.stores.here]\nquery = "http://a/"\nupdate = "http://a/"\n'
    settings.write_text(f"{settings.read_text()}\n{settings_text}")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


REPEATED = {
    "as it is": lambda handler, secret, header: handler.answer(500, f"who is {secret}, {header}".encode()),
    "at the cut": lambda handler, secret, header: handler.answer(500, f"{'x' * 95}{secret}".encode()),
    "in an address": lambda handler, secret, header: handler.answer(
        302, Location=f"/{quote(secret, safe='')}?auth={header}"
    ),
    "as a media type": lambda handler, secret, header: handler.answer(200, Content_Type=header),
    "in JSON": lambda handler, secret, header: handler.answer(500, json.dumps({"you sent": secret}).encode()),
}


@pytest.mark.parametrize("spelling", REPEATED)
@pytest.mark.parametrize(
    ("user", "variable", "secret", "header"),
    [
        ("me", "WHEREAS_HERE_PASSWORD", 's3/"crét', "Basic bWU6czMvImNyw6l0"),
        ("", "WHEREAS_HERE_TOKEN", 's3/"cr+t', 'Bearer s3/"cr+t'),
    ],
)
def test_secret_from_the_environment_is_sent_and_never_printed(
    project, oxigraph_server, user, variable, secret, header, spelling, monkeypatch
):
    seen = []

    def fault(handler, number):
        seen.append(handler.headers.get("Authorization"))
        REPEATED[spelling](handler, secret, header)
        return True

    monkeypatch.setenv(variable, f"{secret}\n")  # as $(cat file) does not leave it, and an editor does
    with faulty_proxy(oxigraph_server, fault) as address:
        settings = project / "pyproject.toml"
        line = f'user = "{user}"\n' if user else ""
        settings_text = f'kind = "oxigraph"\nurl = "{address}"\n'
        settings.write_text(f"{settings.read_text()}\n[tool.whereas.stores.here]\n{settings_text}{line}")
        config = read_store_config(whereas.read_project(project), "here")
        with pytest.raises(RemoteError) as error, Store(config) as store:
            store.triples("urn:a")
    assert seen == [header]
    for part in ("s3", "cr", "bWU6"):
        assert part not in f"{error.value}{error.value.message.in_language('fr')}{config!r}".replace("describe", "")


@pytest.mark.parametrize("secret", ["s3\x01cr", "s3\udcffcr", "s3\ncr"])
@pytest.mark.parametrize("variable", ["WHEREAS_HERE_PASSWORD", "WHEREAS_HERE_TOKEN"])
def test_secret_with_a_forbidden_character_is_refused_and_not_printed(project, variable, secret, monkeypatch):
    settings = project / "pyproject.toml"
    settings.write_text(f'{settings.read_text()}\n[tool.whereas.stores.here]\nurl = "http://a/"\nkind = "virtuoso"\n')
    monkeypatch.setenv(variable, secret)
    with pytest.raises(ArgumentError) as error:
        read_store_config(whereas.read_project(project), "here")
    what = variable.rpartition("_")[2].lower()
    assert str(error.value) == f"{variable}: contains a character that is not allowed in a {what}"


def test_url_is_printed_without_its_query(oxigraph_server):
    def fault(handler, number):
        handler.answer(500, b"no")
        return True

    with faulty_proxy(oxigraph_server, fault) as address:
        config = StoreConfig("", "sparql", f"{address}/query?access_token=s3cr3t", f"{address}/update")
        with pytest.raises(RemoteError) as error, Store(config) as store:
            store.triples("urn:a")
    assert str(error.value) == f"{address}/query: answered 500 Internal Server Error: no"


@pytest.mark.system
def test_wrong_password_is_one_sentence_without_it(project, virtuoso_server):
    server = virtuoso_server
    add_store(project, server)
    run = run_load(project, WHEREAS_HERE_PASSWORD="hunter2")
    assert run.returncode == 2
    assert run.stderr == (
        f"whereas: {server.address}/sparql-graph-crud-auth: authentication failed (401) for user 'dba': check the password in WHEREAS_HERE_PASSWORD\n"
    )


@pytest.mark.parametrize(
    ("secret", "sentence"),
    [
        ({"user": "me"}, "authentication required (401): set the password of user 'me' in WHEREAS_HERE_PASSWORD"),
        ({"user": "me", "secret": "x", "source": "keyring get a me"}, "authentication failed (401) for user 'me': check the password in keyring get a me"),
        ({"secret": "x", "is_token": True, "source": "WHEREAS_HERE_TOKEN"}, "authentication failed (401): check the token in WHEREAS_HERE_TOKEN"),
        (
            {"secret": "x", "source": "WHEREAS_HERE_PASSWORD"},
            "authentication required (401): WHEREAS_HERE_PASSWORD is set, add user to the store's settings",
        ),
    ],
)  # fmt: skip
def test_failed_authentication_says_what_to_check(oxigraph_server, secret, sentence):
    def fault(handler, number):
        handler.answer(401, WWW_Authenticate='Basic realm="x"')
        return True

    with faulty_proxy(oxigraph_server, fault) as address:
        config = StoreConfig("here", "sparql", address, "", address, **secret)
        with pytest.raises(RemoteError) as error, Store(config) as store:
            store.triples("urn:a")
    assert str(error.value) == f"{address}: {sentence}"


def test_certificates_that_cannot_be_read_are_one_sentence(tmp_path):
    path = tmp_path / "none.pem"
    with pytest.raises(ArgumentError) as error:
        Store(StoreConfig("here", "sparql", "https://127.0.0.1/", certificates=path))
    assert str(error.value) == "none.pem: certificates cannot be read: No such file or directory"
    path.write_text("no certificate", "utf-8")
    with pytest.raises(ArgumentError) as error:
        Store(StoreConfig("here", "sparql", "https://127.0.0.1/", certificates=path))
    assert str(error.value) == "none.pem: certificates cannot be read: no certificate in it"


@pytest.mark.system
def test_server_is_trusted_by_its_certificate_only(tmp_path):
    import ssl

    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"https://127.0.0.1:{server.server_port}/"
        with Store(StoreConfig("here", "sparql", address, "", address, certificates=certificate)) as store:
            assert store.triples("urn:a") == b""
        with pytest.raises(RemoteError) as error, Store(StoreConfig("here", "sparql", address, "", address)) as store:
            store.triples("urn:a")
        assert str(error.value).startswith(f"{address}: cannot be reached: ")
        assert str(error.value).endswith(": certificate verify failed: self-signed certificate")
        server.shutdown()
