"""A browser for the tests: Debian's Chromium, watched for errors and for requests to other hosts."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from servers import PATIENCE, free_port, running

CHROMIUM = "/usr/bin/chromium"
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
PHONE, DESK = {"width": 375, "height": 800}, {"width": 1440, "height": 900}


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    if not shutil.which(CHROMIUM):
        pytest.skip("chromium is absent: make system installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def file_server(folder: Path) -> Iterator[str]:
    """The address at which Python's own file server gives out a folder."""
    port = free_port()
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(folder), str(port)]
    with running(command, f"http://127.0.0.1:{port}"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def whereas_server(folder: Path, *options: str, patience: int = PATIENCE) -> Iterator[str]:
    """The address at which `whereas serve` serves a project, once it does, within so many seconds."""
    port = free_port()
    command = [sys.executable, "-m", "whereas", "serve", "-C", str(folder), "-p", str(port)]
    with running([*command, *options], f"http://127.0.0.1:{port}/-/health", patience=patience):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def visit(
    browser: Browser, address: str, *, scripts: bool = True, size: dict[str, int] = DESK, refused: bool = False
) -> Iterator[Page]:
    """A page to look at a site with; at the end, that nothing went wrong and no other host was asked.

    A browser tells of each answer that is a refusal, which goes wrong unless something is to be `refused`.
    """
    context = browser.new_context(base_url=address, java_script_enabled=scripts, viewport=size)
    page = context.new_page()
    page.set_default_timeout(20_000)
    wrong: list[str] = []
    expected = "the server responded with a status of 400" if refused else "\n"
    page.on(
        "console",
        lambda told: (
            wrong.append(told.text) if told.type in ("error", "warning") and expected not in told.text else None
        ),
    )
    page.on("pageerror", lambda problem: wrong.append(str(problem)))
    page.on("request", lambda asked: None if asked.url.startswith((address, "blob:")) else wrong.append(asked.url))
    yield page
    assert wrong == []
    context.close()


def fits(page: Page) -> bool:
    """Whether nothing makes the page wider than its window."""
    page.wait_for_load_state()
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def barriers(page: Page, *rules: str) -> list[str]:
    """What axe-core finds that is serious or critical, with where; by some rules alone where they are named."""
    page.evaluate(AXE)  # by the debugger's way, which the page's policy does not rule
    options = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"][:3]
    ]
