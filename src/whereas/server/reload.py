"""Answer from new releases while serving, and rebuild when the material changes."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

import watchfiles

from whereas.cache import project_lock
from whereas.errors import WhereasError
from whereas.i18n import gettext, reader_language
from whereas.project.project import Project, read_project
from whereas.release.build import Release, write_release
from whereas.server.app import Server
from whereas.server.snapshot import Snapshot
from whereas.server.sparql.limits import Limits
from whereas.validation.check import check
from whereas.validation.checked_project import CheckedProject
from whereas.validation.reports import FORMATS

MATERIAL = ("data", "ontology", "shapes", "queries", "pyproject.toml")
POLL_INTERVAL = 1.0  # seconds between two looks at the release

Result = TypeVar("Result")
Say = Callable[..., None]  # print a template of the catalogue, filled with named values, in the reader's language


def make_snapshot(folder: Path, limits: Limits) -> Snapshot:
    """Check and release the project in `folder`; return the snapshot, not open yet.

    Raise `WhereasError` when the project has violations.
    """
    project = read_project(folder)
    with project_lock(project.cache_dir):
        checked = check(project)
        if not checked.report.conforms:
            raise WhereasError(_findings(checked))
        return Snapshot(checked, _write_release(checked), limits)


def _write_release(checked: CheckedProject) -> Release:
    """Bring `public/` up to date; its website only where it has one, for the server renders pages on request."""
    return write_release(checked, pages=(checked.project.public / "index.html").is_file())


def _findings(checked: CheckedProject) -> str:
    return FORMATS["text"](checked.report.findings, reader_language())


async def run_in_daemon_thread(work: Callable[[], Result]) -> Result:
    """Return the result of the work, done in a thread that does not delay the end of the process."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def settle(set_outcome: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(lambda: None if future.done() else set_outcome())

    def run() -> None:
        try:
            result = work()
        except BaseException as problem:
            settle(partial(future.set_exception, problem))
        else:
            settle(partial(future.set_result, result))

    threading.Thread(target=run, daemon=True).start()
    return await future


async def follow_releases(project: Project, limits: Limits, server: Server) -> None:
    """Answer from each new release, whichever process wrote it, until cancelled."""
    last = _release_stamp(project)
    while True:
        await asyncio.sleep(POLL_INTERVAL)
        stamp = _release_stamp(project)
        if stamp not in (last, (0, 0)):
            last = stamp
            await _replace_snapshot(project, limits, server)
            last = _release_stamp(project)


def _release_stamp(project: Project) -> tuple[int, int]:
    """Return what changes with every release; zeros without one."""
    try:
        status = (project.public / "SHA256SUMS").stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_ino


async def _replace_snapshot(project: Project, limits: Limits, server: Server) -> None:
    """Answer from the release; keep the last snapshot, and log why, when the project has errors."""
    try:
        snapshot = await run_in_daemon_thread(lambda: make_snapshot(project.root, limits))
        await snapshot.open()
        await server.replace(snapshot)
    except WhereasError as error:
        logging.getLogger("whereas.errors").error("new release not served: %s", error)


async def rebuild_on_change(project: Project, server: Server, say: Say) -> None:
    """Rebuild whenever the material changes, until cancelled; show what is wrong with it in every page."""
    site = Path(__file__).parents[1] / "site"
    watched = [*(project.root / name for name in MATERIAL), site]
    async for _ in watchfiles.awatch(*(path for path in watched if path.exists())):
        server.state.notice = await run_in_daemon_thread(lambda: _rebuild(project.root))
        say("{notice}", notice=server.state.notice or gettext("rebuilt"))


def _rebuild(folder: Path) -> str:
    """Build the project; return what is wrong with it, or nothing."""
    try:
        project = read_project(folder)
        with project_lock(project.cache_dir):
            checked = check(project)
            if checked.report.conforms:
                _write_release(checked)
                return ""
        return _findings(checked)
    except WhereasError as problem:
        return str(problem)
