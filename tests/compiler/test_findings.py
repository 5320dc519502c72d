"""Findings about documents, files and settings: for each rule the whole message, at its line."""

import string

import pytest

import whereas
from authoring import DOCUMENT, PAGE, TEXT, compiled, lines, write_project
from whereas.findings import RULES
from whereas.i18n import interface_languages

HEADER = "subject_id\tpredicate_id\tobject_id\tmapping_justification\tconfidence\n"
BOMB = "a: &a [x, x]\n" + "".join(
    f"k{level}: &k{level} [*{'a' if level == 0 else f'k{level - 1}'}, *{'a' if level == 0 else f'k{level - 1}'}]\n"
    for level in range(30)
)

UNCITED = "data/note/text.en.txt:1: warning: no node cites this sentence: 'The harvest failed.'"

# The rule, words of the document, what replaces them, and the findings.
EDITS = [
    ("quote-not-found", '"The harvest failed."', '"The harvests failed."', ["data/note/document.yaml:12: violation: quote: not found in text.en.txt, closest at 0: 'The harvest failed.'; first difference: 's' (U+0073 LATIN SMALL LETTER S) in the quote, U+0020 SPACE in the text", UNCITED]),
    ("quote-not-found", '"The harvest failed."', '""', ["data/note/document.yaml:12: violation: quote: not found in text.en.txt, closest at 0: 'The harvest failed. Anna warns: “Act now.” She waits.'", UNCITED]),
    ("quote-not-found", '"The harvest failed."', '{exact: "The harvest failed.", suffix: " Bert"}', ["data/note/document.yaml:12: violation: quote: not found in text.en.txt, closest at 0: 'The harvest failed. Anna'", UNCITED]),
    ("quote-ambiguous", '"The harvest failed."', '["The harvest failed.", "."]', ["data/note/document.yaml:12: violation: quote: found 3 times in text.en.txt, at 18, 40, 52; add prefix or suffix"]),
    ("text-changed", 'sha256: "', 'sha256: "0', ["data/note/document.yaml:9: violation: sha256: the text text.en.txt has changed, its digest is now aa0666bc0b54162a15ac2492d315f9a9d8826c53ad103389d1229659bd9d794b"]),
    ("unknown-key", "  speaker:", "  speeker:", ["data/note/document.yaml:15: violation: unknown key 'speeker', did you mean 'speaker'?"]),
    ("unknown-key", "graph:\n", "grraph: 1\ngraph:\n", ["data/note/document.yaml:3: violation: unknown key 'grraph', did you mean 'graph'?"]),
    ("unknown-key", "  speaker: ent:anna", "  statements: ent:anna", ["data/note/document.yaml:15: violation: unknown key 'statements', did you mean 'statedIn'?"]),
    ("duplicate-key", "  speaker: ent:anna", "  speaker: ent:anna\n  speaker: ent:anna", ["data/note/document.yaml:16: violation: duplicate key 'speaker'"]),
    ("empty-value", "speaker: ent:anna", "speaker: # Anna", ["data/note/document.yaml:15: violation: empty value for 'speaker' (a bare '#' starts a comment)"]),
    ("null-value", "speaker: ent:anna", "speaker: null", ["data/note/document.yaml:15: violation: speaker: 'null' is no value in YAML; quote it if it is a text, or delete the line"]),
    ("null-value", "lang: en", "lang: en\n  identifier: ~", ["data/note/document.yaml:7: violation: identifier: '~' is no value in YAML; quote it if it is a text, or delete the line"]),
    ("bare-quote", '"The harvest failed."', "The harvest failed.", ["data/note/document.yaml:12: violation: quote: expected quoted or block text, got bare words (a bare '#', '!' or ': ' is lost)"]),
    ("bare-quote", '"The harvest failed."', "{en: The harvest failed.}", ["data/note/document.yaml:12: violation: quote: expected quoted or block text, got bare words (a bare '#', '!' or ': ' is lost)"]),
    ("unknown-language", "{en: warns}", "{english: warns}", ["data/note/document.yaml:16: violation: unknown language 'english'"]),
    ("unknown-language", "lang: en", "lang: en_GB", ["data/note/document.yaml:6: violation: unknown language 'en_GB'"]),
    ("unknown-language", "lang: en", "lang: [en]", ["data/note/document.yaml:6: violation: unknown language '['en']'"]),
    ("unknown-language", '"The harvest failed."', '{anglais: "The harvest failed."}', ["data/note/document.yaml:12: violation: unknown language 'anglais'", UNCITED]),
    ("language-twice", "{en: warns}", "{en: warns, EN: warns}", ["data/note/document.yaml:16: violation: verb: 'EN' and 'en' are one language; write all its texts under one tag"]),
    ("not-an-iri", "  lang: en", "  lang: en\n  source: https://news.example/rate-100%", ["data/note/document.yaml:7: violation: source: expected prefix:name or an IRI, got 'https://news.example/rate-100%': '%' is no percent-encoding; write %25 for a percent sign"]),
    ("not-an-iri", "ent:anna", "ent:anna%zz", ["data/note/document.yaml:15: violation: speaker: expected prefix:name or an IRI, got 'ent:anna%zz': '%zz' is no percent-encoding; write %25 for a percent sign"]),
    ("not-an-iri", "ent:anna", "https://[::1/x", ["data/note/document.yaml:15: violation: speaker: expected prefix:name or an IRI, got 'https://[::1/x': its host or its port is not valid (Invalid character '[' in host)"]),
    ("not-an-iri", "ent:anna", '"https://e.example/\\u00a0x"', ["data/note/document.yaml:15: violation: speaker: expected prefix:name or an IRI, got 'https://e.example/\u00a0x': U+00A0 NO-BREAK SPACE is not allowed; write %C2%A0"]),
    ("not-an-iri", "id: doc:note#failed", "id: doc:note#a#b", ["data/note/document.yaml:10: violation: id: expected prefix:name or an IRI, got 'doc:note#a#b': '#' (U+0023 NUMBER SIGN) is not allowed; write %23"]),
    ("not-a-value", "  lang: en", "  lang: en\n  issued: 2022-02-30", ["data/note/document.yaml:7: violation: issued: expected a day of the calendar such as 2026-01-31, got 2022-02-30"]),
    ("not-a-value", "  lang: en", "  lang: en\n  issued: 0044", ["data/note/document.yaml:7: violation: issued: expected a day of the calendar such as 2026-01-31 (for a year or a month alone, {\"@value\": \"0044\", \"@type\": \"xsd:gYear\"}, where the shapes allow it), got 0044"]),
    ("not-a-value", "  lang: en", '  lang: en\n  issued: {"@value": 44, "@type": xsd:gYear}', ["data/note/document.yaml:7: violation: issued: expected a year such as 2026, got {'@value': '44', '@type': 'xsd:gYear'}"]),
    ("unknown-prefix", "ent:anna", "entt:anna", ["data/note/document.yaml:15: violation: unknown prefix 'entt' in 'entt:anna', did you mean 'ent'?"]),
    ("unknown-type", "type: Claim", "type: Clam", ["data/note/document.yaml:11: violation: unknown type 'Clam', did you mean 'Claim'?"]),
    ("unknown-type", "type: Claim", "type: [Claim, {a: b}]", ["data/note/document.yaml:11: violation: unknown type '{'a': 'b'}'"]),
    ("unknown-type", "type: Claim", "type: {a: b}", ["data/note/document.yaml:11: violation: unknown type '{'a': 'b'}'"]),
    ("no-id", "- id: doc:note#failed\n  type", "- type", ["data/note/document.yaml:10: violation: a node without id"]),
    ("no-type", "  type: Claim\n", "", ["data/note/document.yaml:10: violation: 'doc:note#failed' has no type"]),
    ("no-type", "type: Claim", "type: []", ["data/note/document.yaml:10: violation: 'doc:note#failed' has no type"]),
    ("not-an-iri", "ent:anna", "Anna", ["data/note/document.yaml:15: violation: speaker: expected prefix:name or an IRI, got 'Anna'"]),
    ("not-an-iri", "id: doc:note#failed", "id: 1", ["data/note/document.yaml:10: violation: id: expected prefix:name or an IRI, got '1'"]),
    ("not-an-iri", "ent:anna", "[[ent:anna]]", ["data/note/document.yaml:15: violation: speaker: expected prefix:name or an IRI, got '['ent:anna']'"]),
    ("wrong-graph", "graphs:note", "graphs:notes", ["data/note/document.yaml:2: violation: id: expected 'graphs:note' (the folder's graph), got 'graphs:notes'"]),
    ("described-twice", "doc:note#act", "doc:note#failed", ["data/note/document.yaml:13: violation: 'doc:note#failed' is already described at data/note/document.yaml:10"]),
    ("no-file-name", "doc:note#act", "doc:note#con", ["data/note/document.yaml:13: violation: 'doc:note#con' cannot be the name of a page's file: Windows keeps 'con' for a device; choose another id"]),
    ("same-files", "doc:note#act", "doc:note#FAILED", ["data/note/document.yaml:13: violation: 'doc:note#FAILED' would have the same files as 'doc:note#failed', described at data/note/document.yaml:10, where upper and lower case, accents or endings are not told apart; choose another id"]),
    ("quote-form", '"The harvest failed."', "{exact: [[]]}", ["data/note/document.yaml:12: violation: quote: expected text, a list, a mapping by language or {exact, prefix, suffix}, got {'exact': [[]]}", UNCITED]),
    ("quote-form", '"The harvest failed."', '{exact: "The harvest failed.", prefix: ["a"]}', ["data/note/document.yaml:12: violation: quote: expected text, a list, a mapping by language or {exact, prefix, suffix}, got {'exact': 'The harvest failed.', 'prefix': ['a']}", UNCITED]),
    ("quote-form", '"The harvest failed."', '{prefix: "The"}', ["data/note/document.yaml:12: violation: quote: expected text, a list, a mapping by language or {exact, prefix, suffix}, got {'prefix': 'The'}", UNCITED]),
    ("quote-form", '"The harvest failed."', '{exact: "The harvest failed.", en: "x"}', ["data/note/document.yaml:12: violation: quote: expected text, a list, a mapping by language or {exact, prefix, suffix}, got {'exact': 'The harvest failed.', 'en': 'x'}", UNCITED]),
    ("quote-form", '"The harvest failed."', "[]", ["data/note/document.yaml:12: violation: quote: expected text, a list, a mapping by language or {exact, prefix, suffix}, got []", UNCITED]),
    ("quote-form", '"The harvest failed."', "{}", ["data/note/document.yaml:12: violation: quote: expected text, a list, a mapping by language or {exact, prefix, suffix}, got {}", UNCITED]),
    ("quote-form", '"The harvest failed."', '["The harvest failed.", null]', ["data/note/document.yaml:12: violation: quote: expected text, a list, a mapping by language or {exact, prefix, suffix}, got None"]),
    ("quote-form", '"The harvest failed."', '{en: {fr: "The harvest failed."}}', ["data/note/document.yaml:12: violation: quote: expected text, a list, a mapping by language or {exact, prefix, suffix}, got {'fr': 'The harvest failed.'}", UNCITED]),
    ("quote-without-text", '"The harvest failed."', '["The harvest failed.", {fr: "La récolte"}]', ["data/note/document.yaml:12: violation: quote: the document has no text in 'fr'"]),
    ("quotation-without-marks", '["Act now.", ', '["Act", "now.", ', ["data/note/document.yaml:17: violation: quote: expected quotation marks around a Quotation, got none in text.en.txt"]),
    ("verb-absent", "warns", "warn", ["data/note/document.yaml:16: violation: verb: 'warn' not found in the cited paragraph"]),
    ("sentence-without-statement", ', "She waits."', "", ["data/note/text.en.txt:2: warning: no node cites this sentence: 'She waits.'"]),
    ("text-missing", "note/text.en", "note/text.fr", ["data/note/document.yaml:7: violation: the text text.fr.txt is not in the folder"]),
    ("text-language", "  lang: en\n", "", ["data/note/document.yaml:6: violation: expected a lang on this text or its document, got none"]),
    ("not-a-value", "{en: warns}", "warns", ["data/note/document.yaml:16: violation: verb: expected a text by language, such as {fr: …}, got warns"]),
    ("not-a-value", "{en: warns}", "{en: [warns, []]}", ["data/note/document.yaml:16: violation: verb.en: expected a text, got []"]),
    ("not-a-value", "lang: en", "identifier: {a: b}", ["data/note/document.yaml:6: violation: identifier: expected a plain value, got {'a': 'b'}"]),
    ("not-a-value", "context.jsonld", "context.json", ["data/note/document.yaml:1: violation: @context: expected https://w3id.org/whereas/context.jsonld, got https://w3id.org/whereas/context.json"]),
    ("not-a-value", "https://w3id.org/whereas/context.jsonld", "[https://w3id.org/whereas/context.jsonld, {d: https://example.org/d}]", ["data/note/document.yaml:1: violation: d: expected an IRI that ends in / or #, got https://example.org/d"]),
    ("not-a-value", "https://w3id.org/whereas/context.jsonld", "[https://w3id.org/whereas/context.jsonld, {label: https://example.org/}]", ["data/note/document.yaml:1: violation: @context: expected a prefix such as d, got label"]),
    ("not-a-value", "https://w3id.org/whereas/context.jsonld", "[https://w3id.org/whereas/context.jsonld, d]", ["data/note/document.yaml:1: violation: @context: expected prefixes, got d"]),
    ("not-a-value", "https://w3id.org/whereas/context.jsonld", "[]", ["data/note/document.yaml:1: violation: @context: expected https://w3id.org/whereas/context.jsonld, got []"]),
    ("not-a-value", "- id: doc:note#failed", "- \n- id: doc:note#failed", ["data/note/document.yaml:3: violation: graph: expected nodes, got None"]),
    ("yaml-syntax", '"The harvest failed."', '"The harvest failed.', ["data/note/document.yaml:17: violation: YAML: while parsing a block mapping, did not find expected key"]),
    ("yaml-syntax", "ent:anna", "*anna", ["data/note/document.yaml:15: violation: YAML: found undefined alias"]),
    ("yaml-key", "  speaker", "  2022", ["data/note/document.yaml:15: violation: expected a string as key, got 2022"]),
    ("yaml-tag", "ent:anna", "!person ent:anna", ["data/note/document.yaml:15: violation: tag !person is not allowed in YAML-LD; quote the value if it starts with '!'"]),
    ("yaml-tag", "ent:anna", "!!int 3", ["data/note/document.yaml:15: violation: tag tag:yaml.org,2002:int is not allowed in YAML-LD; quote the value if it starts with '!'"]),
    ("yaml-number", "lang: en", "votesFor: 12345678901234567890", ["data/note/document.yaml:6: violation: the number 12345678901234567890 is too large to stay exact; quote it if it is a name"]),
    ("yaml-number", "lang: en", "votesFor: " + "1" * 5000, ["data/note/document.yaml:6: violation: the number 1111111111111111111111111111111111111111 is too large to stay exact; quote it if it is a name"]),
    ("yaml-number", "lang: en", "votesFor: 1e999", ["data/note/document.yaml:6: violation: the number 1e999 is too large to stay exact; quote it if it is a name"]),
    ("control-character", "warns", '"war\\0ns"', ["data/note/document.yaml:16: violation: U+0000 at column 18: remove it"]),
    ("yaml-cycle", "ent:anna", "&a [*a]", ["data/note/document.yaml:15: violation: an alias contains itself"]),
    ("yaml-depth", "ent:anna", "[" * 50 + "]" * 50, ["data/note/document.yaml:15: violation: nested deeper than 40 levels"]),
]  # fmt: skip

# The rule, a file, its content, and the findings.
FILES = [
    ("not-yamlld", "note/document.yaml", "", ["data/note/document.yaml: violation: expected a mapping with @context, id and graph, got nothing"]),
    ("not-yamlld", "note/document.yaml", "# later\n", ["data/note/document.yaml: violation: expected a mapping with @context, id and graph, got nothing"]),
    ("not-yamlld", "note/document.yaml", "- a\n", ["data/note/document.yaml: violation: expected a mapping with @context, id and graph, got list"]),
    ("not-yamlld", "note/document.yaml", "id: graphs:note\n", ["data/note/document.yaml: violation: expected a mapping with @context, id and graph, got a mapping with id"]),
    ("yaml-syntax", "note/document.yaml", "a: 1\n---\nb: 2\n", ["data/note/document.yaml:2: violation: YAML: expected a single document in the stream, but found another document"]),
    ("not-utf8", "note/document.yaml", b"# \ncaf\xe9", ["data/note/document.yaml:2: violation: not UTF-8: byte 0xE9 at offset 6; save the file as UTF-8"]),
    ("not-utf8", "note/text.en.txt", b"a\nb\xff", ["data/note/text.en.txt:2: violation: not UTF-8: byte 0xFF at offset 3; save the file as UTF-8"]),
    ("control-character", "note/text.en.txt", "The\nhar\x00vest", ["data/note/text.en.txt:2: violation: U+0000 at column 4: remove it"]),
    ("control-character", "note/document.yaml", "# \x1b[31m", ["data/note/document.yaml:1: violation: U+001B at column 3: remove it"]),
    ("control-character", "note/text.en.txt", "One\fTwo\v\nThree\ufffe\nFour\n\x85\U0010ffff", [
        "data/note/text.en.txt:1: violation: U+000C at column 4: it is a page break, as pdftotext writes it; replace it with a line end",
        "data/note/text.en.txt:2: violation: U+FFFE at column 6: remove it",
        "data/note/text.en.txt:4: violation: U+0085 at column 1: remove it",
    ]),
    ("control-character", "note/document.yaml", '# 😀\na: "b\\\\\n  \\u00e9 c\\ufffe"\n"\\x0c": "\\e"\n', [
        "data/note/document.yaml:3: violation: U+FFFE at column 11: remove it",
        "data/note/document.yaml:4: violation: U+000C at column 2: it is a page break, as pdftotext writes it; replace it with a line end",
        "data/note/document.yaml:4: violation: U+001B at column 10: remove it",
    ]),
    ("extract", "wikidata/items.jsonl", '\n{"id": "Q1", "labels": {"en": {"value": "a\\u001b[31m"}}}\n', ["data/wikidata/items.jsonl:2: violation: expected Wikidata's entity JSON, one item a line: value: expected a text, got \"a\\u001b[31m\""]),
    ("text-unclaimed", "note/text.en.md.txt", "x", ["data/note/text.en.md.txt: violation: no node of type SourceText describes this text"]),
    ("text-resaved", "note/text.en.txt", TEXT.replace("\n", "\r\n"), ["data/note/document.yaml:9: violation: sha256: only the line ends of the text text.en.txt changed, as some editors and git for Windows do; restore the file, and write '*.txt -text' into .gitattributes, or else the digest e91e05efd2c93607331d7bed33f5f4194913505902d4819e5b9271255b8b6c7f"]),
    ("text-resaved", "note/text.en.txt", f"\ufeff{TEXT}", ["data/note/document.yaml:9: violation: sha256: only the byte order mark (U+FEFF) of the text text.en.txt changed, as some editors and git for Windows do; restore the file, and write '*.txt -text' into .gitattributes, or else the digest 3923ef0ef3b8fe7970131aa0d4f636571424379fd107ef108b573479ca360198"]),
    ("yaml-depth", "note/document.yaml", "[" * 100_000, ["data/note/document.yaml:1: violation: nested deeper than 40 levels"]),
    ("yaml-depth", "note/document.yaml", "- " * 100_000, ["data/note/document.yaml:1: violation: nested deeper than 40 levels"]),
    ("yaml-aliases", "note/document.yaml", BOMB, ["data/note/document.yaml: violation: aliases expand to more than 1000000 values"]),
    ("link-columns", "links/a.sssom.tsv", "#x: y\nsubject_id\tobject_id\n", ["data/links/a.sssom.tsv:2: violation: expected the columns subject_id, subject_label, predicate_id, predicate_modifier, object_id, object_label, mapping_justification, confidence, author_id, reviewer_id, mapping_date, see_also, comment, got subject_id, object_id"]),
    ("link-columns", "links/a.sssom.tsv", HEADER + "ent:a\towl:sameAs\n", ["data/links/a.sssom.tsv:2: violation: expected the columns subject_id, predicate_id, object_id, mapping_justification, confidence, got 2"]),
    ("link-value", "links/a.sssom.tsv", HEADER + "ent:a\tsame\twd:Q1\tsemapv:ManualMappingCuration\t1\n", ["data/links/a.sssom.tsv:2: violation: predicate_id: expected prefix:name or an IRI, got 'same'"]),
    ("link-value", "links/a.sssom.tsv", HEADER + "ent:a\towl:sameAs\twd:Q1%\tsemapv:ManualMappingCuration\t1\n", ["data/links/a.sssom.tsv:2: violation: object_id: expected prefix:name or an IRI, got 'wd:Q1%': '%' is no percent-encoding; write %25 for a percent sign"]),
    ("link-value", "links/a.sssom.tsv", HEADER + "ent:a\towl:sameAs\twd:Q1\tguess\t2\n", ["data/links/a.sssom.tsv:2: violation: confidence: expected a number from 0 to 1, got '2'", "data/links/a.sssom.tsv:2: violation: mapping_justification: expected a term of semapv:, got 'guess'"]),
    ("link-quotes", "links/a.sssom.tsv", HEADER + 'ent:a\towl:sameAs\twd:Q1\tsemapv:ManualMappingCuration\t"1\n', ["data/links/a.sssom.tsv:2: violation: expected a closing quote before the next tab, quotes within doubled, got '\"1'"]),
]  # fmt: skip

# Rules over the settings or the engine's material, which no folder of `data/` breaks alone: the rule, a file, its content, the finding.
MATERIAL = [
    ("settings", "pyproject.toml", "[tool.whereas]\nbas = 1\n", "pyproject.toml:2: violation: unknown setting 'bas' in [tool.whereas], did you mean 'base'?"),
    ("settings", "pyproject.toml", "[tool.whereas]\nlicence = 'https://e.example/100%'\n", "pyproject.toml:2: violation: licence: 'https://e.example/100%' is not a valid IRI: '%' is no percent-encoding; write %25 for a percent sign"),
    ("not-an-iri", "ontology/own.ttl", "\n<https://e.example/\u3000x> <https://e.example/p> 1 .\n", "ontology/own.ttl:2: violation: https://e.example/\u3000x: expected prefix:name or an IRI, got 'https://e.example/\u3000x': U+3000 IDEOGRAPHIC SPACE is not allowed; write %E3%80%80"),
    ("settings", "pyproject.toml", "[tool]\nwhereas = 1\n", "pyproject.toml: violation: tool.whereas: expected a table, got 1"),
    ("unknown-prefix", "pyproject.toml", "[tool.whereas]\npublisher = 'entt:anna'\n", "pyproject.toml:2: violation: unknown prefix 'entt' in 'entt:anna', did you mean 'ent'?"),
    ("unknown-prefix", "pyproject.toml", "[tool.whereas]\ncoverage = {spatial = ['entt:here']}\n", "pyproject.toml:2: violation: unknown prefix 'entt' in 'entt:here', did you mean 'ent'?"),
    ("unknown-language", "pyproject.toml", "[tool.whereas]\nlanguages = ['english']\n", "pyproject.toml:2: violation: unknown language 'english'"),
    ("unknown-language", "pyproject.toml", "[tool.whereas]\ntitle = {fr_FR = 'x'}\n", "pyproject.toml:2: violation: unknown language 'fr_FR'"),
    ("unknown-type", "pyproject.toml", "[tool.whereas]\nminimum = {Clam = 1}\n", "pyproject.toml:2: violation: unknown type 'Clam', did you mean 'Claim'?"),
    ("settings", "pyproject.toml", '[tool.whereas]\ntitle = {en = "a\\uFFFEb"}\n', "pyproject.toml:2: violation: title: U+FFFE: remove it"),
    ("control-character", "queries/q.rq", '#+ summary: "\\v"\nSELECT * {}', "queries/q.rq:1: violation: U+000B at column 11: it is a line break within a paragraph; replace it with a line end"),
    ("minimum", "pyproject.toml", "[tool.whereas]\nminimum = {Thing = 1}\n", "pyproject.toml:2: violation: expected at least 1 of type Thing, got 0"),
    ("json-ld", "ontology/context.jsonld", "{}", "ontology/context.jsonld: violation: JSON-LD: KeyError '@context'"),
    ("turtle", "ontology/prefixes.ttl", "@prefix", "ontology/prefixes.ttl:1: violation: Turtle: Parser error at line 1 between columns 1 and 8: Unexpected end of file"),
    ("query", "queries/q.rq", "SELECT * {}", "queries/q.rq: violation: header lacks description, summary"),
]  # fmt: skip

# Tested where the folder, the shapes or the links are.
FOLDER = [
    "value-lost",
    "shapes",
    "extract",
    "link-form",
    "link-absent",
    "link-gone",
    "link-moved",
    "link-redirect",
    "last-check",
    "link-shared",
    "file-outside",
    "file-missing",
    "file-name",
    "file-unreadable",
    "file-too-large",
    "text-twice",
]


def test_every_rule_has_a_case():
    assert RULES.keys() == {case[0] for case in [*EDITS, *FILES, *MATERIAL]} | set(FOLDER)


def test_unchanged_page_has_no_findings(tmp_path):
    assert lines(write_project(tmp_path, PAGE)) == []


@pytest.mark.parametrize(("rule", "words", "instead", "expected"), EDITS)
def test_wrong_document_is_reported_at_its_line(tmp_path, rule, words, instead, expected):
    assert words in DOCUMENT
    project = write_project(tmp_path, {**PAGE, "note/document.yaml": DOCUMENT.replace(words, instead, 1)})
    findings, _ = compiled(project)
    assert [finding.line() for finding in findings] == expected
    assert rule in {finding.rule for finding in findings}


@pytest.mark.parametrize(("rule", "name", "content", "expected"), FILES)
def test_wrong_file_is_reported_at_its_line(tmp_path, rule, name, content, expected):
    findings, _ = compiled(write_project(tmp_path, {**PAGE, name: content}))
    assert [finding.line() for finding in findings] == expected
    assert rule in {finding.rule for finding in findings}


@pytest.mark.parametrize(("rule", "name", "content", "expected"), MATERIAL)
def test_wrong_settings_and_material_are_one_finding(tmp_path, rule, name, content, expected):
    write_project(tmp_path, {})
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, "utf-8")
    try:
        checked = whereas.check(whereas.read_project(tmp_path))
        findings = checked.report.findings if checked.queries else ()
    except whereas.ProjectError as error:
        findings = error.findings
    assert [(finding.rule, finding.line()) for finding in findings] == [(rule, expected)]


def test_messages_have_the_same_fields_in_every_language():
    def fields(template):
        return {name for _, name, _, _ in string.Formatter().parse(template) if name}

    for language in interface_languages():
        for rule, message in RULES.items():
            assert fields(message.in_language(language)) == fields(str(message)), f"{rule} in {language}"


@pytest.mark.parametrize(
    ("words", "instead", "expected"),
    [
        ("  speaker:", "  speeker:", "15: violation: clé inconnue « speeker » ; vouliez-vous dire « speaker » ?"),
        (
            "{en: warns}",
            "warns",
            "16: violation: verb : un texte par langue, comme {fr: …} est attendu, et non warns",
        ),
    ],
)
def test_french_messages_are_french_to_the_end(tmp_path, words, instead, expected):
    project = write_project(tmp_path, {**PAGE, "note/document.yaml": DOCUMENT.replace(words, instead)})
    findings, _ = compiled(project)
    assert [finding.line("fr") for finding in findings] == [f"data/note/document.yaml:{expected}"]
