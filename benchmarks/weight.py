"""Measure the size of the real project's pages, and their first paint on a slow phone."""

from __future__ import annotations

import gzip
import re
import shutil
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser

from benchmarks.measure import link_project, run, say
from benchmarks.page import Section, goal
from browser import CHROMIUM, PHONE, chromium, whereas_server

KINDS = {
    "front": "index",
    "reading": "doc/2022-06-09-gse-xinjiang",
    "statement": "doc/2022-06-09-gse-xinjiang/af-bourreaux",
    "actor": "ent/raphael-glucksmann",
}
TIMES = 5
LATENCY, DOWN, UP, SLOWER = 150, 1_600_000, 750_000, 4  # ms, bits a second, and times: a slow 4G phone
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def measure() -> Section | None:
    """Measure the bytes of each page with everything it loads, and its first paint; None without Chromium."""
    if not shutil.which(CHROMIUM):
        say("weight: not measured, chromium is not installed (make system)")
        return None
    rows, weights = [], {}
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        link_project(folder)
        run("whereas", "build", "-C", name)
        with whereas_server(folder) as address, chromium() as browser:
            for kind, path in KINDS.items():
                loaded, paints = _visits(browser, address, f"{path}.en.html")
                contents = [(folder / "public" / file).read_bytes() for file in loaded]
                plain, packed = sum(map(len, contents)), sum(len(gzip.compress(content, 6)) for content in contents)
                page = (folder / "public" / f"{path}.en.html").read_bytes()
                weights[kind] = plain, packed, median(paints)
                say(f"{kind}: {plain / 1e3:.1f} kB, {packed / 1e3:.1f} kB packed, paint {median(paints):.0f} ms")
                rows.append(
                    (kind, f"{len(page) / 1e3:.1f} kB", f"{len(gzip.compress(page, 6)) / 1e3:.1f} kB", f"{len(loaded)}",
                     f"{plain / 1e3:.1f} kB", f"{packed / 1e3:.1f} kB", f"{median(paints):.0f} ms")
                )  # fmt: skip
    plain, packed, _ = weights["reading"]
    slowest = max(paint for _, _, paint in weights.values())
    return Section(
        "The weight of a page",
        f"The real project in English on `whereas serve`, in Chromium at {PHONE['width']} pixels, with everything a page loads "
        f"and an empty cache: {DOWN / 1e6:.1f} Mbit/s down, {UP / 1e6:.2f} up, {LATENCY} ms a round trip, the processor {SLOWER} "
        f"times slower. First contentful paint, medians of {TIMES}. No page but the console’s loads the console. Packed is gzip.",
        ("page", "HTML", "packed", "files", "with all it loads", "packed", "first paint"),
        rows,
        [
            goal("reading page under 100 kB, packed", packed < 100e3, f"{packed / 1e3:.1f} kB"),
            goal("reading page under 100 kB, as it is", plain < 100e3, f"{plain / 1e3:.1f} kB"),
            goal("first paint under 1 s on a throttled phone", slowest < 1000, f"{slowest:.0f} ms at the slowest"),
        ],
    )


def _visits(browser: Browser, address: str, path: str) -> tuple[list[str], list[float]]:
    """Return the files that a page loads, itself first, and the milliseconds to its first paint in each visit."""
    paints = []
    for _ in range(TIMES):
        context = browser.new_context(viewport=PHONE, device_scale_factor=2, is_mobile=True)
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        speed = {"latency": LATENCY, "downloadThroughput": DOWN / 8, "uploadThroughput": UP / 8}
        session.send("Network.emulateNetworkConditions", {"offline": False, **speed})
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        loaded: list[str] = []
        page.on("request", lambda request, loaded=loaded: loaded.append(request.url))
        page.goto(f"{address}/{path}", wait_until="networkidle")
        page.wait_for_function(PAINT)
        paints.append(page.evaluate(PAINT))
        context.close()
    return [re.sub(r"[?#].*", "", url.removeprefix(f"{address}/")) for url in loaded], paints
