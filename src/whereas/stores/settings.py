"""Stores in the project's settings: `[tool.whereas.stores.NAME]`, and their secrets.

A secret comes from the environment, `WHEREAS_<NAME>_PASSWORD` or `WHEREAS_<NAME>_TOKEN`, or from the
system's keyring; it is never written or shown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from whereas.errors import ArgumentError, ProjectError, RemoteError, broken
from whereas.http.urls import web_address, without_credentials, without_query
from whereas.i18n import Message
from whereas.iris import near
from whereas.project.project import Project
from whereas.project.settings import SETTINGS_FILE, kind_expected, setting_location
from whereas.stores.config import StoreConfig, secret_variables
from whereas.stores.store import Store

# Keys of [tool.whereas.stores.NAME], with what each holds.
STORE_SETTINGS = {
    "url": "URL of an Oxigraph or Virtuoso server; for others, give query, and graphs or update",
    "kind": "oxigraph, virtuoso or sparql (default: detected from the server at url)",
    "query": "URL for SPARQL queries",
    "update": "URL for SPARQL updates",
    "graphs": "URL of the Graph Store Protocol",
    "user": "user whose password is in WHEREAS_<NAME>_PASSWORD, or in the keyring",
    "keyring": "service name under which the system's keyring holds the user's password",
    "certificates": "PEM file of the certificates to trust",
    "gone": "keep or drop: graphs of ours that the project no longer has (default: keep, unless --prune is given)",
}

# Paths of the endpoints of each kind of server, below its URL.
_ENDPOINTS = {
    "oxigraph": {"query": "/query", "update": "/update", "graphs": "/store"},
    "virtuoso": {"query": "/sparql", "update": "/sparql-auth", "graphs": "/sparql-graph-crud-auth"},
}
_CHOICES = {"kind": (*_ENDPOINTS, "sparql"), "gone": ("keep", "drop")}

_Settings = Mapping[str, str]


def read_store_config(project: Project, store: str) -> StoreConfig:
    """Return the configuration of the store with this name in the settings, or at this URL.

    Raise `ProjectError` when its settings are wrong, `ArgumentError` when there is no such store or its secret
    is missing, `RemoteError` when the kind of the server cannot be detected.
    """
    if "://" in store:
        url = web_address(store, "store").rstrip("/")
        return _config("", {"url": url, "kind": _detect_kind(url, None)}, project)
    if store not in project.stores:
        hint = near(store, project.stores)
        raise ArgumentError(
            Message(
                "no store '{name}' in [tool.whereas.stores], and no http or https URL{hint}",
                name=without_credentials(store),
                hint=hint,
            )
        )
    settings = dict(project.stores[store])
    _check(project, store, settings)
    if "url" in settings:
        settings["url"] = settings["url"].rstrip("/")
        if "kind" not in settings:
            settings["kind"] = _detect_kind(settings["url"], _certificates(settings, project))
    return _config(store, settings, project)


def _check(project: Project, name: str, settings: _Settings) -> None:
    text = (project.root / SETTINGS_FILE).read_text("utf-8")

    def wrong(problem: Message, key: str = "") -> ProjectError:
        location = setting_location(text, "stores", name, *([key] if key else []))
        return broken("settings", location, problem=Message("stores.{name}: {problem}", name=name, problem=problem))

    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise wrong(Message("the name is used in an environment variable: only ASCII letters, digits, '-' and '_'"))
    for key, value in settings.items():
        if key not in STORE_SETTINGS:
            if key in ("password", "token", "secret"):
                variable = secret_variables(name)[key == "token"]
                raise wrong(Message("a {key} is not kept in a file: set {variable}", key=key, variable=variable), key)
            raise wrong(Message("unknown key '{key}'{hint}", key=key, hint=near(key, STORE_SETTINGS)), key)
        if not isinstance(value, str):
            raise wrong(kind_expected(key, Message("a text"), value), key)
        if key in ("url", "query", "update", "graphs"):
            try:
                web_address(value, key)
            except ArgumentError as problem:
                raise wrong(Message("{problem}", problem=problem.message), key) from None
        if value not in (choices := _CHOICES.get(key, (value,))):
            expected, got = ", ".join(choices), without_credentials(value)
            raise wrong(Message("{key}: expected {expected}, got '{got}'", key=key, expected=expected, got=got), key)
    if "keyring" in settings and "user" not in settings:
        raise wrong(Message("keyring needs user"))
    if "url" in settings:
        if settings.get("kind") == "sparql":
            raise wrong(Message("kind sparql takes no url: expected query, and graphs or update"))
    elif "query" not in settings or not ("graphs" in settings or "update" in settings):
        raise wrong(Message("expected url, or query and one of graphs and update"))


def _config(name: str, settings: _Settings, project: Project) -> StoreConfig:
    endpoints = {key: settings[key] for key in ("query", "update", "graphs") if key in settings}
    if "url" in settings:
        endpoints = {key: settings["url"] + path for key, path in _ENDPOINTS[settings["kind"]].items()} | endpoints
    secret, source = _secret(name, settings)
    return StoreConfig(
        name=name,
        kind=settings.get("kind", "sparql"),
        query=endpoints["query"],
        update=endpoints.get("update", ""),
        graphs=endpoints.get("graphs", ""),
        user=settings.get("user", ""),
        secret=secret,
        is_token=bool(secret) and source == secret_variables(name)[1],
        source=source,
        certificates=_certificates(settings, project),
        prune=settings.get("gone") == "drop",
    )


def _secret(name: str, settings: _Settings) -> tuple[str, str]:
    """Return the secret and where it is from: the token comes before the password, the environment before the keyring."""
    password, token = secret_variables(name)
    for variable, allowed in ((token, r"[\x21-\x7e]+"), (password, r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]+")):
        secret = os.environ.get(variable, "").rstrip("\r\n") if name else ""
        if secret and not re.fullmatch(allowed, secret):
            raise ArgumentError(
                Message(
                    "{variable}: contains a character that is not allowed in a {secret}",
                    variable=variable,
                    secret=Message("token") if variable == token else Message("password"),
                )
            )
        if secret:
            return secret, variable
    if "keyring" in settings:
        service, user = settings["keyring"], settings["user"]
        return _keyring_password(service, user, password), f"keyring get {service} {user}"
    return "", ""


def _keyring_password(service: str, user: str, variable: str) -> str:
    """Return the password in the system's keyring, whose library only a store with this setting needs."""
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
                "no password for '{user}' in the keyring: set one with 'keyring set {service} {user}'",
                user=user,
                service=service,
            )
        )
    return password


def _certificates(settings: _Settings, project: Project) -> Path | None:
    return project.root / settings["certificates"] if "certificates" in settings else None


def _detect_kind(url: str, certificates: Path | None) -> str:
    """Return the kind of the server at `url` by its Server header."""
    with Store(StoreConfig("", "sparql", url, certificates=certificates)) as store:
        if kind := store.server_name(_ENDPOINTS):
            return kind
    raise RemoteError(
        Message(
            "{url}: neither Oxigraph nor Virtuoso: set query, and graphs or update, in [tool.whereas.stores]",
            url=without_query(url),
        )
    )
