"""What programs read: data in every format, typed links, feeds, sitemaps."""

import json
import xml.etree.ElementTree as ET
from urllib.parse import unquote

import pyoxigraph as ox

from whereas.site.site import RDF, Site

DOCUMENT = "doc/2022-06-09-gse-xinjiang"


def test_every_format_of_a_thing_has_the_same_triples(site):
    formats = {"ttl": ox.RdfFormat.TURTLE, "jsonld": ox.RdfFormat.JSON_LD, "nt": ox.RdfFormat.N_TRIPLES,
               "nq": ox.RdfFormat.N_QUADS, "trig": ox.RdfFormat.TRIG, "rdf": ox.RdfFormat.RDF_XML}  # fmt: skip
    for path in (
        "ent/xi-jinping",
        f"{DOCUMENT}/ex-tohti",
        DOCUMENT,
        "ns/Demand",
        "vocab/kind/release",
        "shapes/Demand",
        "shapes/sanctioned-is-identified",
    ):
        triples_in = {
            suffix: {
                str(quad.triple) for quad in ox.parse(site.render(f"{path}.{suffix}").content, format=formats[suffix])
            }
            for suffix in RDF
        }
        assert triples_in["nt"] and all(triples == triples_in["nt"] for triples in triples_in.values()), path


def test_feeds_and_sitemap_are_xml_that_links_to_pages_of_the_site(written, site):
    base = site.checked.project.base
    for path, page in written.items():
        if path.endswith((".atom", ".xml")) and not path.startswith("queries/"):
            for element in ET.fromstring(page.content).iter():
                url = element.get("href", "") or (element.text or "" if element.tag.endswith("}loc") else "")
                assert not url or unquote(url.removeprefix(base)) in written, (path, url)


def test_large_sitemap_is_an_index_of_parts_that_list_every_page(site, monkeypatch):
    def named(path, site=site):
        root = ET.fromstring(site.render(path).content)
        return root.tag.partition("}")[2], [e.text for e in root.iter() if e.tag.endswith("}loc")]

    whole = named("sitemap.xml")
    assert whole[0] == "urlset"
    assert site.render("sitemap-1.xml") is None
    monkeypatch.setattr("whereas.site.feeds.MOST_URLS", 100)
    large = Site(site.checked)
    kind, parts = named("sitemap.xml", large)
    files = [part.removeprefix(site.checked.project.base) for part in parts]
    assert kind == "sitemapindex"
    assert sorted(files) == sorted(path for path in large.paths() if path.startswith("sitemap-"))
    listed = [named(path, large) for path in files]
    assert {kind for kind, _ in listed} == {"urlset"}
    assert max(len(addresses) for _, addresses in listed) == 100
    assert [address for _, addresses in listed for address in addresses] == whole[1]


def test_path_names_a_resource_with_its_formats(site):
    assert site.resource("ent/xi-jinping").is_information is False
    assert site.resource(DOCUMENT).suffixes == ("html", "ttl", "jsonld", "nt", "nq", "trig", "rdf")
    assert site.resource("").suffixes == ("html",)
    assert site.resource("shapes/Demand-kind").suffixes == ("html", "ttl", "jsonld", "nt", "nq", "trig", "rdf")
    assert site.resource("queries/demands-by").suffixes == ("html", "csv", "tsv", "json", "xml", "ttl", "md")
    assert site.resource("ent/nobody") is None
    for path in ("ent/nobody.fr.html", "ent/xi-jinping.de.html", "../pyproject.toml", "static/../site.css", "", "x"):
        assert site.render(path) is None


def test_link_set_has_the_links_of_each_page_and_those_back_from_the_data(site):
    page = site.render("doc/2022-06-09-gse-xinjiang.linkset.json")
    contexts = {context["anchor"]: context for context in json.loads(page.content)["linkset"]}
    base = "https://w3id.org/whereas/doc/2022-06-09-gse-xinjiang"
    french = contexts[f"{base}.fr.html"]
    assert page.media_type == "application/linkset+json"
    assert french["cite-as"] == [{"href": base}]
    assert {"href": f"{base}.ttl", "type": "text/turtle"} in french["describedby"]
    assert {"href": f"{base}.en.html", "hreflang": ["en"]} in french["alternate"]
    assert french["item"] == [{"href": f"{base}/text.fr.txt", "type": "text/plain"}]
    assert {"href": f"{base}.en.html", "type": "text/html"} in contexts[f"{base}.ttl"]["describes"]
    assert site.render("documents.linkset.json") is None


def test_page_has_signposting_links(site):
    links = site.render("ent/xi-jinping.en.html").links
    assert '<https://w3id.org/whereas/ent/xi-jinping>; rel="cite-as"' in links
    assert '<https://w3id.org/whereas/ent/xi-jinping.ttl>; rel="describedby"; type="text/turtle"' in links
    assert '<https://creativecommons.org/licenses/by/4.0/>; rel="license"' in links
