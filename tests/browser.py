"""A browser for the tests: Debian's Chromium, with checks for errors and for requests to other hosts."""

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
    """Start a browser without a window."""
    if not shutil.which(CHROMIUM):
        pytest.skip("chromium is absent: make system installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def file_server(folder: Path) -> Iterator[str]:
    """Serve a folder with Python's own file server, at a URL."""
    port = free_port()
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(folder), str(port)]
    with running(command, f"http://127.0.0.1:{port}"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def whereas_server(folder: Path, *options: str, patience: int = PATIENCE) -> Iterator[str]:
    """Serve a project with `whereas serve`, at a URL, once it answers, within `patience` seconds."""
    port = free_port()
    command = [sys.executable, "-m", "whereas", "serve", "-C", str(folder), "-p", str(port)]
    with running([*command, *options], f"http://127.0.0.1:{port}/-/health", patience=patience):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def visit(
    browser: Browser, address: str, *, scripts: bool = True, size: dict[str, int] = DESK, refused: bool = False
) -> Iterator[Page]:
    """Open a page of the browser; at the end, check that there was no error, no warning and no request to another host.

    A response 400 is an error in the console of the browser; with `refused`, it is expected.
    """
    context = browser.new_context(base_url=address, java_script_enabled=scripts, viewport=size)
    page = context.new_page()
    page.set_default_timeout(20_000)
    problems: list[str] = []
    expected = "the server responded with a status of 400" if refused else "\n"
    page.on(
        "console",
        lambda message: (
            problems.append(message.text)
            if message.type in ("error", "warning") and expected not in message.text
            else None
        ),
    )
    page.on("pageerror", lambda problem: problems.append(str(problem)))
    page.on(
        "request", lambda request: None if request.url.startswith((address, "blob:")) else problems.append(request.url)
    )
    yield page
    assert problems == []
    context.close()


def fits(page: Page) -> bool:
    """Whether nothing makes the page wider than its window."""
    page.wait_for_load_state()
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def accessibility_violations(page: Page, *rules: str) -> list[str]:
    """Return the serious and critical violations that axe-core finds, with their elements; of some rules, or of all."""
    page.evaluate(AXE)  # the page's content security policy does not apply to the debugger
    options = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
    violations = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in violations
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"][:3]
    ]
