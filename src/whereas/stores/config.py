"""The triple stores that the settings name: where each is, of what kind, who asks and with which secret.

A target is an address, or a name in `[tool.whereas.stores]`. Its secret comes from the environment,
`WHEREAS_<NAME>_PASSWORD` or `WHEREAS_<NAME>_TOKEN`, or from the keyring of the system, and is never
written or told.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from whereas.errors import ArgumentError, ProjectError, RemoteError, broken
from whereas.http.urls import unsaid, web_address
from whereas.i18n import Message
from whereas.iris import near
from whereas.project.project import Project
from whereas.project.settings import SETTINGS_FILE, kind_expected, setting_location
from whereas.stores.connection import StoreConfig, shown, variables
from whereas.stores.store import Store

# Keys of [tool.whereas.stores.NAME], with what each holds.
STORE_SETTINGS = {
    "url": "address of an Oxigraph or Virtuoso server; others give query, and graphs or update",
    "kind": "oxigraph, virtuoso or sparql (default: asked of the server at url)",
    "query": "address that answers SPARQL queries",
    "update": "address that takes SPARQL updates",
    "graphs": "address of the Graph Store Protocol",
    "user": "user whose password is in WHEREAS_<NAME>_PASSWORD, or in the keyring",
    "keyring": "name under which the system's keyring keeps the user's password",
    "certificates": "file of the certificates to trust, in PEM",
    "gone": "keep or drop: graphs of ours that the project no longer has (default: keep, unless --prune is given)",
}

# Where each kind of server has its doors, below its address.
_DOORS = {
    "oxigraph": {"query": "/query", "update": "/update", "graphs": "/store"},
    "virtuoso": {"query": "/sparql", "update": "/sparql-auth", "graphs": "/sparql-graph-crud-auth"},
}
_CHOICES = {"kind": (*_DOORS, "sparql"), "gone": ("keep", "drop")}


def read_target(project: Project, name: str) -> StoreConfig:
    """The target called `name` in the settings, or at the address `name`.

    Raises `ProjectError` when its settings are not what they should be, `ArgumentError` when there is
    no such target or no secret where its settings say, `RemoteError` when a server that must say its kind
    does not.
    """
    if "://" in name:
        url = web_address(name, "store").rstrip("/")
        return _target("", {"url": url, "kind": _ask_kind(url, None)}, project)
    if name not in project.stores:
        other = near(name, project.stores)
        raise ArgumentError(
            Message(
                "no store '{name}' in [tool.whereas.stores], and no http or https address{other}",
                name=unsaid(name),
                other=other,
            )
        )
    told = dict(project.stores[name])
    _check(project, name, told)
    if "url" in told:
        told["url"] = told["url"].rstrip("/")
        if "kind" not in told:
            told["kind"] = _ask_kind(told["url"], _certificates(told, project))
    return _target(name, told, project)


def _check(project: Project, name: str, told: dict[str, str]) -> None:
    text = (project.root / SETTINGS_FILE).read_text("utf-8")

    def wrong(problem: Message, key: str = "") -> ProjectError:
        location = setting_location(text, "stores", name, *([key] if key else []))
        return broken("settings", location, problem=Message("stores.{name}: {problem}", name=name, problem=problem))

    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise wrong(Message("its name goes into that of a variable: ASCII letters, digits, '-' and '_' only"))
    for key, value in told.items():
        if key not in STORE_SETTINGS:
            if key in ("password", "token", "secret"):
                variable = variables(name)[key == "token"]
                raise wrong(Message("a {key} is not kept in a file: set {variable}", key=key, variable=variable), key)
            other = near(key, STORE_SETTINGS)
            raise wrong(Message("unknown key '{key}'{hint}", key=key, hint=other), key)
        if not isinstance(value, str):
            raise wrong(kind_expected(key, Message("a text"), value), key)
        if key in ("url", "query", "update", "graphs"):
            try:
                web_address(value, key)
            except ArgumentError as problem:
                raise wrong(Message("{problem}", problem=problem.message), key) from None
        if value not in (choices := _CHOICES.get(key, (value,))):
            listed = ", ".join(choices)
            got = unsaid(value)
            raise wrong(Message("{key}: expected {expected}, got '{got}'", key=key, expected=listed, got=got), key)
    if "keyring" in told and "user" not in told:
        raise wrong(Message("expected user, beside keyring"))
    if "url" in told:
        if told.get("kind") == "sparql":
            raise wrong(Message("kind sparql has no url: expected query, and graphs or update"))
    elif "query" not in told or not ("graphs" in told or "update" in told):
        raise wrong(Message("expected url, or query and one of graphs and update"))


def _target(name: str, told: dict[str, str], project: Project) -> StoreConfig:
    doors: dict[str, str] = {door: told[door] for door in ("query", "update", "graphs") if door in told}
    if "url" in told:
        doors = {door: told["url"] + path for door, path in _DOORS[told["kind"]].items()} | doors
    secret, source = _secret(name, told)
    return StoreConfig(
        name=name,
        kind=told.get("kind", "sparql"),
        query=doors["query"],
        update=doors.get("update", ""),
        graphs=doors.get("graphs", ""),
        user=told.get("user", ""),
        secret=secret,
        is_token=bool(secret) and source == variables(name)[1],
        source=source,
        certificates=_certificates(told, project),
        prune=told.get("gone") == "drop",
    )


def _secret(name: str, told: dict[str, str]) -> tuple[str, str]:
    """The secret of the store of this name, and where it was found: the token comes before the password."""
    password, token = variables(name)
    for variable, sound in ((token, r"[\x21-\x7e]+"), (password, r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]+")):
        secret = os.environ.get(variable, "").rstrip("\r\n") if name else ""
        if secret and not re.fullmatch(sound, secret):
            raise ArgumentError(
                Message(
                    "{variable}: a character in it that no {secret} can hold",
                    variable=variable,
                    secret=Message("token") if variable == token else Message("password"),
                )
            )
        if secret:
            return secret, variable
    if "keyring" in told:
        return _password(told["keyring"], told["user"], password), f"keyring get {told['keyring']} {told['user']}"
    return "", ""


def _password(service: str, user: str, variable: str) -> str:
    """What the keyring keeps. The library is asked for only where a setting names a keyring."""
    try:
        import keyring
        from keyring.errors import KeyringError, NoKeyringError
    except ImportError:
        raise ArgumentError(Message("keyring is not installed: pip install 'whereas[keyring]'")) from None
    try:
        password = keyring.get_password(service, user)
    except NoKeyringError:
        raise ArgumentError(Message("this system has no keyring: set {variable}", variable=variable)) from None
    except KeyringError as problem:
        raise ArgumentError(Message("the keyring cannot be read: {problem}", problem=problem)) from None
    if password is None:
        raise ArgumentError(
            Message(
                "no password of '{user}' in the keyring: 'keyring set {service} {user}' keeps one",
                user=user,
                service=service,
            )
        )
    return password


def _certificates(told: dict[str, str], project: Project) -> Path | None:
    return project.root / told["certificates"] if "certificates" in told else None


def _ask_kind(url: str, certificates: Path | None) -> str:
    """The kind of the server at `url`, by the name it gives itself."""
    with Store(StoreConfig("", "sparql", url, certificates=certificates)) as store:
        if kind := store.server(_DOORS):
            return kind
    url = shown(url)
    raise RemoteError(
        Message(
            "{url}: neither Oxigraph nor Virtuoso: name its query, and graphs or update, in [tool.whereas.stores]",
            url=url,
        )
    )
