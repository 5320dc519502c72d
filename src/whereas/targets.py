"""The triple stores that the settings name: where each is, of what kind, who asks and with which secret.

A target is an address, or a name in `[tool.whereas.stores]`. Its secret comes from the environment,
`WHEREAS_<NAME>_PASSWORD` or `WHEREAS_<NAME>_TOKEN`, or from the keyring of the system, and is never
written or told.
"""

from __future__ import annotations

import os
from pathlib import Path

from whereas.errors import ArgumentError, MaterialError, Message, Place, RemoteError, broken
from whereas.iris import hint, near, web_address
from whereas.project import Project
from whereas.settings import SETTINGS_FILE
from whereas.stores import Store, Target

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


def read_target(project: Project, name: str) -> Target:
    """The target called `name` in the settings, or at the address `name`.

    Raises `MaterialError` when its settings are not what they should be, `ArgumentError` when there is
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
                f"no store '{name}' in [tool.whereas.stores], and no http or https address{other.en}",
                f"pas de magasin « {name} » dans [tool.whereas.stores], ni une adresse http ou https{other.fr}",
            )
        )
    told = dict(project.stores[name])
    _check(name, told)
    if "url" in told:
        told["url"] = told["url"].rstrip("/")
        if "kind" not in told:
            told["kind"] = _ask_kind(told["url"], _certificates(told, project))
    return _target(name, told, project)


def _check(name: str, told: dict[str, str]) -> None:
    def wrong(problem: str) -> MaterialError:
        return broken("settings", Place(SETTINGS_FILE), problem=f"stores.{name}: {problem}")

    for key, value in told.items():
        if key not in STORE_SETTINGS:
            if key in ("password", "token", "secret"):
                raise wrong(f"a {key} is not kept in a file: set WHEREAS_{name.upper().replace('-', '_')}_PASSWORD")
            raise wrong(f"unknown key '{key}'{hint(key, STORE_SETTINGS)}")
        if not isinstance(value, str):
            raise wrong(f"{key}: expected a text, got {value!r}")
        if key in ("url", "query", "update", "graphs"):
            try:
                web_address(value, key)
            except ArgumentError as problem:
                raise wrong(str(problem)) from None
        if value not in _CHOICES.get(key, (value,)):
            raise wrong(f"{key}: expected {', '.join(_CHOICES[key])}, got '{value}'")
    if "keyring" in told and "user" not in told:
        raise wrong("expected user, beside keyring")
    if "url" in told:
        if told.get("kind") == "sparql":
            raise wrong("kind sparql has no url: expected query, and graphs or update")
    elif "query" not in told or not ("graphs" in told or "update" in told):
        raise wrong("expected url, or query and one of graphs and update")


def _target(name: str, told: dict[str, str], project: Project) -> Target:
    doors: dict[str, str] = {door: told[door] for door in ("query", "update", "graphs") if door in told}
    if "url" in told:
        doors = {door: told["url"] + path for door, path in _DOORS[told["kind"]].items()} | doors
    variable = f"WHEREAS_{name.upper().replace('-', '_')}"
    token = os.environ.get(f"{variable}_TOKEN", "") if name else ""
    password = os.environ.get(f"{variable}_PASSWORD", "") if name else ""
    if "keyring" in told and not (token or password):
        password = _password(told["keyring"], told["user"])
    return Target(
        name=name,
        kind=told.get("kind", "sparql"),
        query=doors["query"],
        update=doors.get("update", ""),
        graphs=doors.get("graphs", ""),
        user=told.get("user", ""),
        secret=token or password,
        is_token=bool(token),
        certificates=_certificates(told, project),
        prune=told.get("gone") == "drop",
    )


def _password(service: str, user: str) -> str:
    """What the keyring keeps. The library is asked for only where a setting names a keyring."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise ArgumentError(
            Message(
                "keyring is not installed: pip install 'whereas[keyring]'",
                "keyring n’est pas installé : pip install 'whereas[keyring]'",
            )
        ) from None
    try:
        password = keyring.get_password(service, user)
    except KeyringError as problem:
        raise ArgumentError(
            Message(f"the keyring cannot be read: {problem}", f"trousseau illisible : {problem}")
        ) from None
    if password is None:
        raise ArgumentError(
            Message(
                f"no password of '{user}' in the keyring: 'keyring set {service} {user}' keeps one",
                f"pas de mot de passe de « {user} » dans le trousseau : « keyring set {service} {user} » en garde un",
            )
        )
    return password


def _certificates(told: dict[str, str], project: Project) -> Path | None:
    return project.root / told["certificates"] if "certificates" in told else None


def _ask_kind(url: str, certificates: Path | None) -> str:
    """The kind of the server at `url`, by the name it gives itself."""
    with Store(Target("", "sparql", url, certificates=certificates)) as store:
        server = store.headers(url).get("server", "").lower()
    for kind in _DOORS:
        if kind in server:
            return kind
    raise RemoteError(
        Message(
            f"{url}: neither Oxigraph nor Virtuoso: name its query, and graphs or update, in [tool.whereas.stores]",
            f"{url} : ni Oxigraph ni Virtuoso : nommer query, et graphs ou update, dans [tool.whereas.stores]",
        )
    )
