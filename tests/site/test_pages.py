"""Every page: links, anchors, languages, no inline style or script, the same bytes again."""

import hashlib
import json
import posixpath
import re
import subprocess
import sys
import tomllib
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import whereas
from page_reader import ParsedPage
from whereas.site.site import Site

ROOT = Path(__file__).parents[2]
PARLIAMENT = "ent/parlement-europeen"


def test_every_relative_link_leads_to_a_file_and_to_an_anchor_in_it(written, pages):
    released = re.compile(
        r"(dataset|catalogue|report|doc/[^/]+|graph/[^/]+|ontology/[^/]+|shapes/shapes)\.(ttl|jsonld|nq|trig)"
        r"|doc/[^/]+/text\.[a-z]+\.txt|SHA256SUMS"
    )
    broken = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            location = f"/{path}"  # as if the site were at the root of a host, as 404.html supposes
            target = posixpath.normpath(posixpath.join(posixpath.dirname(location), unquote(parts.path)))[1:]
            target = target if parts.path else path
            assert path == "404.html" or not parts.path.startswith("/"), (path, link)
            anchored = target not in pages or not parts.fragment or unquote(parts.fragment) in pages[target].ids
            if not anchored or (target not in written and not released.fullmatch(target)):
                broken.append((path, link))
    assert broken == []


def test_ids_are_unique_on_each_page(pages):
    assert {path: page.ids.most_common(1) for path, page in pages.items() if max(page.ids.values()) > 1} == {}


def test_every_page_is_in_both_languages_and_declares_its_own(written, site):
    for path, page in written.items():
        if page.media_type == "text/html" and path not in ("index.html", "404.html"):
            stem, language, _ = path.rsplit(".", 2)
            assert page.language == language
            assert f'<html lang="{language}">'.encode() in page.content
            for other in site.languages:
                assert f"{stem}.{other}.html" in written


def test_no_page_has_sentences_of_another_language(pages, written):
    only = {
        "fr": ("Skip to the content", "Published by", "All checks passed"),
        "en": ("Aller au contenu", "Publié par", "Tous les contrôles"),
    }
    for path in pages:
        if path.startswith(("queries/", "shapes/", "404.")):  # in both, whole or in part
            continue
        text = written[path].content.decode()
        language = written[path].language
        assert not [word for word in only[language] if word in text], path


def test_no_page_loads_anything_from_another_host_or_has_inline_style_or_script(written, pages):
    for path, page in pages.items():
        assert not page.tags["style"] and not page.tags["img"] and not page.tags["iframe"], path
        assert "style" not in page.attributes and not {name for name in page.attributes if name.startswith("on")}, path
        modules = [link for link in page.links if link.endswith(".js")]
        assert page.tags["script"] == len(page.scripts) + len(modules), path
        assert all(json.loads(script) for script in page.scripts), path  # data, never code
        assert not any(urlsplit(link).scheme for link in modules), path
        for link in re.findall(r'<link rel="(?:stylesheet|icon)" href="([^"]+)"', written[path].content.decode()):
            assert not urlsplit(link).scheme


def test_same_material_gives_the_same_pages(checked, written):
    again = Site(checked)
    assert {path: again.render(path).content for path in again.paths()} == {
        path: page.content for path, page in written.items()
    }


def test_site_renders_the_same_in_another_process(site, written):
    context = get_context("spawn")  # nothing is shared: the site is built again there
    paths = ["index.en.html", f"{PARLIAMENT}.fr.html", f"{PARLIAMENT}.ttl", "queries/scoreboard.csv"]
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        assert list(pool.map(Site.render, [site] * len(paths), paths)) == [written[path] for path in paths]


HOSTILE = ("<blink>Statement", '"><script>alert(1)</script>', "</script><script>alert(2)</script>")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Site:
    """Return a project whose labels, texts and links are hostile."""
    folder = tmp_path_factory.mktemp("hostile") / "project"
    subprocess.run([sys.executable, "-m", "whereas", "new", folder], check=True, capture_output=True)
    text = next(folder.glob("data/*/text.en.txt"))
    document = text.with_name("document.yaml")
    written = document.read_text()
    for number, label in enumerate(HOSTILE):
        written = re.sub(
            r'label: \{en: "(?!<|\\")[^"]*"\}',
            lambda _, label=label: "label: {en: " + json.dumps(label) + "}",
            written,
            count=number + 1,
        )
    entities = folder / "data/entities/entities.yaml"
    entities.write_text(
        re.sub(
            r'label: \{en: "[^"]*"\}',
            'label: {en: "</title><img src=x onerror=alert(3)>"}',
            entities.read_text(),
            count=1,
        )
    )
    document.write_text(written)
    return Site(whereas.check(whereas.read_project(folder)))


def test_data_never_become_markup(hostile):
    count = 0
    for path in hostile.paths():
        if path.endswith(".html"):
            page = ParsedPage(hostile.render(path).content)
            assert not page.tags["img"] and not page.tags["blink"], path
            assert page.tags["script"] <= (3 if "_settings" in page.ids else 1), path
            count += "alert(" in hostile.render(path).content.decode()
    assert count > 3


def test_only_web_addresses_become_links():
    from whereas.content.urls import is_web

    assert not any(
        map(
            is_web,
            (
                "javascript:alert(1)",
                "data:text/html,x",
                "JAVASCRIPT://x/%0aalert(1)",
                "file:///etc",
                "http:x",
                "https://[",
            ),
        )
    )
    assert is_web("https://example.org/")


def test_vendored_files_are_those_that_their_authors_published():
    folder = ROOT / "src/whereas/site/static/vendor"
    packages = tomllib.loads((folder / "VENDORED.toml").read_text())
    listed = {name: digest for package in packages.values() for name, digest in package["files"].items()}
    for package in packages.values():
        assert package["package"] and package["version"] and package["licence"]
    for name, digest in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
        assert (folder / name).with_name("LICENSE.txt").is_file()
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*.*") if path.is_file()}
    assert there == {*listed, "VENDORED.toml", "yasqe/LICENSE.txt", "oxigraph/LICENSE.txt"}
