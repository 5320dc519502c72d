"""What authors are told when a file is not what it should be: the whole sentence, at its line."""

import hashlib
import json
import os
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import whereas
from authoring import DOCUMENT, PAGE, TEXT, compiled, context, lines, write_project
from whereas.findings import RULES
from whereas.rdf.store import Graph
from whereas.rdf.terms import nquads

HEADER = "subject_id\tpredicate_id\tobject_id\tmapping_justification\tconfidence\n"
BOMB = "a: &a [x, x]\n" + "".join(
    f"k{level}: &k{level} [*{'a' if level == 0 else f'k{level - 1}'}, *{'a' if level == 0 else f'k{level - 1}'}]\n"
    for level in range(30)
)

UNCITED = "data/note/text.en.txt:1: warning: no node cites this sentence: 'The harvest failed.'"

# The rule, words of the document, what stands there instead, and what is told.
EDITS = [
    (
        "quote-not-found",
        '"The harvest failed."',
        '"The harvests failed."',
        [
            "data/note/document.yaml:12: violation: quote: not found in text.en.txt, closest at 0: 'The harvest failed.'",
            UNCITED,
        ],
    ),
    (
        "quote-not-found",
        '"The harvest failed."',
        '""',
        [
            "data/note/document.yaml:12: violation: quote: not found in text.en.txt, closest at 0: 'The harvest failed. Anna warns: “Act now.” She waits. '",
            UNCITED,
        ],
    ),
    (
        "quote-not-found",
        '"The harvest failed."',
        '{exact: "The harvest failed.", suffix: " Anna"}',
        [
            "data/note/document.yaml:12: violation: quote: not found in text.en.txt, closest at 0: 'The harvest failed. Anna'",
            UNCITED,
        ],
    ),
    (
        "quote-ambiguous",
        '"The harvest failed."',
        '["The harvest failed.", "."]',
        [
            "data/note/document.yaml:12: violation: quote: found 3 times in text.en.txt, at 18, 40, 52; add prefix or suffix"
        ],
    ),
    (
        "text-changed",
        'sha256: "',
        'sha256: "0',
        [
            "data/note/document.yaml:9: violation: sha256: the text text.en.txt has changed, its digest is now aa0666bc0b54162a15ac2492d315f9a9d8826c53ad103389d1229659bd9d794b"
        ],
    ),
    (
        "unknown-key",
        "  speaker:",
        "  speeker:",
        ["data/note/document.yaml:15: violation: unknown key 'speeker', did you mean 'speaker'?"],
    ),
    (
        "unknown-key",
        "graph:\n",
        "grraph: 1\ngraph:\n",
        ["data/note/document.yaml:3: violation: unknown key 'grraph', did you mean 'graph'?"],
    ),
    (
        "unknown-key",
        "  speaker: ent:anna",
        "  statements: ent:anna",
        ["data/note/document.yaml:15: violation: unknown key 'statements', did you mean 'statedIn'?"],
    ),
    (
        "duplicate-key",
        "  speaker: ent:anna",
        "  speaker: ent:anna\n  speaker: ent:anna",
        ["data/note/document.yaml:16: violation: duplicate key 'speaker'"],
    ),
    (
        "empty-value",
        "speaker: ent:anna",
        "speaker: # Anna",
        ["data/note/document.yaml:15: violation: empty value for 'speaker' (a bare '#' starts a comment)"],
    ),
    (
        "empty-value",
        "speaker: ent:anna",
        "speaker: null",
        ["data/note/document.yaml:15: violation: empty value for 'speaker' (a bare '#' starts a comment)"],
    ),
    (
        "bare-quote",
        '"The harvest failed."',
        "The harvest failed.",
        [
            "data/note/document.yaml:12: violation: quote: expected quoted or block text, got bare words (a bare '#', '!' or ': ' is lost)"
        ],
    ),
    (
        "bare-quote",
        '"The harvest failed."',
        "{en: The harvest failed.}",
        [
            "data/note/document.yaml:12: violation: quote: expected quoted or block text, got bare words (a bare '#', '!' or ': ' is lost)"
        ],
    ),
    (
        "unknown-language",
        "{en: warns}",
        "{english: warns}",
        ["data/note/document.yaml:16: violation: unknown language 'english'"],
    ),
    ("unknown-language", "lang: en", "lang: en_GB", ["data/note/document.yaml:6: violation: unknown language 'en_GB'"]),
    ("unknown-language", "lang: en", "lang: [en]", ["data/note/document.yaml:6: violation: unknown language '['en']'"]),
    (
        "unknown-language",
        '"The harvest failed."',
        '{anglais: "The harvest failed."}',
        [
            "data/note/document.yaml:12: violation: unknown language 'anglais'",
            UNCITED,
        ],
    ),
    (
        "unknown-prefix",
        "ent:anna",
        "entt:anna",
        ["data/note/document.yaml:15: violation: unknown prefix 'entt' in 'entt:anna', did you mean 'ent'?"],
    ),
    (
        "unknown-type",
        "type: Claim",
        "type: Clam",
        ["data/note/document.yaml:11: violation: unknown type 'Clam', did you mean 'Claim'?"],
    ),
    (
        "unknown-type",
        "type: Claim",
        "type: [Claim, {a: b}]",
        ["data/note/document.yaml:11: violation: unknown type '{'a': 'b'}'"],
    ),
    (
        "unknown-type",
        "type: Claim",
        "type: {a: b}",
        ["data/note/document.yaml:11: violation: unknown type '{'a': 'b'}'"],
    ),
    ("no-id", "- id: doc:note#failed\n  type", "- type", ["data/note/document.yaml:10: violation: a node without id"]),
    ("no-type", "  type: Claim\n", "", ["data/note/document.yaml:10: violation: 'doc:note#failed' has no type"]),
    ("no-type", "type: Claim", "type: []", ["data/note/document.yaml:10: violation: 'doc:note#failed' has no type"]),
    (
        "not-an-iri",
        "ent:anna",
        "Anna",
        ["data/note/document.yaml:15: violation: speaker: expected prefix:name or an IRI, got 'Anna'"],
    ),
    (
        "not-an-iri",
        "id: doc:note#failed",
        "id: 1",
        ["data/note/document.yaml:10: violation: id: expected prefix:name or an IRI, got '1'"],
    ),
    (
        "not-an-iri",
        "ent:anna",
        "[[ent:anna]]",
        ["data/note/document.yaml:15: violation: speaker: expected prefix:name or an IRI, got '['ent:anna']'"],
    ),
    (
        "wrong-graph",
        "graphs:note",
        "graphs:notes",
        ["data/note/document.yaml:2: violation: id: expected 'graphs:note' (the folder's graph), got 'graphs:notes'"],
    ),
    (
        "described-twice",
        "doc:note#act",
        "doc:note#failed",
        ["data/note/document.yaml:13: violation: 'doc:note#failed' is already described at data/note/document.yaml:10"],
    ),
    (
        "quote-form",
        '"The harvest failed."',
        "{exact: [[]]}",
        [
            "data/note/document.yaml:12: violation: quote: expected text, a list, a mapping by language or {exact, prefix, suffix}, got {'exact': [[]]}",
            UNCITED,
        ],
    ),
    (
        "quote-form",
        '"The harvest failed."',
        '{exact: "The harvest failed.", prefix: ["a"]}',
        [
            "data/note/document.yaml:12: violation: quote: expected text, a list, a mapping by language or {exact, prefix, suffix}, got {'exact': 'The harvest failed.', 'prefix': ['a']}",
            UNCITED,
        ],
    ),
    (
        "quote-form",
        '"The harvest failed."',
        '{prefix: "The"}',
        [
            "data/note/document.yaml:12: violation: quote: expected text, a list, a mapping by language or {exact, prefix, suffix}, got {'prefix': 'The'}",
            UNCITED,
        ],
    ),
    (
        "quote-form",
        '"The harvest failed."',
        '{exact: "The harvest failed.", en: "x"}',
        [
            "data/note/document.yaml:12: violation: quote: expected text, a list, a mapping by language or {exact, prefix, suffix}, got {'exact': 'The harvest failed.', 'en': 'x'}",
            UNCITED,
        ],
    ),
    (
        "quote-form",
        '"The harvest failed."',
        "[]",
        [
            "data/note/document.yaml:12: violation: quote: expected text, a list, a mapping by language or {exact, prefix, suffix}, got []",
            UNCITED,
        ],
    ),
    (
        "quote-form",
        '"The harvest failed."',
        "{}",
        [
            "data/note/document.yaml:12: violation: quote: expected text, a list, a mapping by language or {exact, prefix, suffix}, got {}",
            UNCITED,
        ],
    ),
    (
        "quote-form",
        '"The harvest failed."',
        '["The harvest failed.", null]',
        [
            "data/note/document.yaml:12: violation: quote: expected text, a list, a mapping by language or {exact, prefix, suffix}, got None"
        ],
    ),
    (
        "quote-form",
        '"The harvest failed."',
        '{en: {fr: "The harvest failed."}}',
        [
            "data/note/document.yaml:12: violation: quote: expected text, a list, a mapping by language or {exact, prefix, suffix}, got {'fr': 'The harvest failed.'}",
            UNCITED,
        ],
    ),
    (
        "quote-without-text",
        '"The harvest failed."',
        '["The harvest failed.", {fr: "La récolte"}]',
        ["data/note/document.yaml:12: violation: quote: the document has no text in 'fr'"],
    ),
    (
        "quotation-without-marks",
        '["Act now.", ',
        '["Act", "now.", ',
        [
            "data/note/document.yaml:17: violation: quote: expected quotation marks around a Quotation, got none in text.en.txt"
        ],
    ),
    (
        "verb-absent",
        "warns",
        "warn",
        ["data/note/document.yaml:16: violation: verb: 'warn' not found in the cited paragraph"],
    ),
    (
        "sentence-without-statement",
        ', "She waits."',
        "",
        ["data/note/text.en.txt:2: warning: no node cites this sentence: 'She waits.'"],
    ),
    (
        "text-missing",
        "note/text.en",
        "note/text.fr",
        ["data/note/document.yaml:7: violation: the text text.fr.txt is not in the folder"],
    ),
    (
        "text-language",
        "  lang: en\n",
        "",
        ["data/note/document.yaml:6: violation: expected a lang on this text or its document, got none"],
    ),
    (
        "not-a-value",
        "{en: warns}",
        "warns",
        ["data/note/document.yaml:16: violation: verb: expected a text by language, such as {fr: …}, got warns"],
    ),
    (
        "not-a-value",
        "{en: warns}",
        "{en: [warns, 3]}",
        ["data/note/document.yaml:16: violation: verb.en: expected a text, got 3"],
    ),
    (
        "not-a-value",
        "lang: en",
        "identifier: {a: b}",
        ["data/note/document.yaml:6: violation: identifier: expected a plain value, got {'a': 'b'}"],
    ),
    (
        "not-a-value",
        "context.jsonld",
        "context.json",
        [
            "data/note/document.yaml:1: violation: @context: expected https://w3id.org/whereas/context.jsonld, got https://w3id.org/whereas/context.json"
        ],
    ),
    (
        "not-a-value",
        "https://w3id.org/whereas/context.jsonld",
        "[https://w3id.org/whereas/context.jsonld, {d: https://example.org/d}]",
        ["data/note/document.yaml:1: violation: d: expected an IRI that ends in / or #, got https://example.org/d"],
    ),
    (
        "not-a-value",
        "https://w3id.org/whereas/context.jsonld",
        "[https://w3id.org/whereas/context.jsonld, {label: https://example.org/}]",
        ["data/note/document.yaml:1: violation: @context: expected a prefix such as d, got label"],
    ),
    (
        "not-a-value",
        "https://w3id.org/whereas/context.jsonld",
        "[https://w3id.org/whereas/context.jsonld, d]",
        ["data/note/document.yaml:1: violation: @context: expected prefixes, got d"],
    ),
    (
        "not-a-value",
        "https://w3id.org/whereas/context.jsonld",
        "[]",
        ["data/note/document.yaml:1: violation: @context: expected https://w3id.org/whereas/context.jsonld, got []"],
    ),
    (
        "not-a-value",
        "- id: doc:note#failed",
        "- \n- id: doc:note#failed",
        ["data/note/document.yaml:3: violation: graph: expected nodes, got None"],
    ),
    (
        "yaml-syntax",
        '"The harvest failed."',
        '"The harvest failed.',
        ["data/note/document.yaml:17: violation: YAML: while parsing a block mapping, did not find expected key"],
    ),
    ("yaml-syntax", "ent:anna", "*anna", ["data/note/document.yaml:15: violation: YAML: found undefined alias"]),
    ("yaml-key", "  speaker", "  2022", ["data/note/document.yaml:15: violation: expected a string as key, got 2022"]),
    (
        "yaml-tag",
        "ent:anna",
        "!person ent:anna",
        [
            "data/note/document.yaml:15: violation: tag !person is not allowed in YAML-LD; quote the value if it starts with '!'"
        ],
    ),
    (
        "yaml-tag",
        "ent:anna",
        "!!int 3",
        [
            "data/note/document.yaml:15: violation: tag tag:yaml.org,2002:int is not allowed in YAML-LD; quote the value if it starts with '!'"
        ],
    ),
    (
        "yaml-number",
        "lang: en",
        "identifier: 12345678901234567890",
        [
            "data/note/document.yaml:6: violation: the number 12345678901234567890 is too large to stay exact; quote it if it is a name"
        ],
    ),
    (
        "yaml-number",
        "lang: en",
        "identifier: " + "1" * 5000,
        [
            "data/note/document.yaml:6: violation: the number 1111111111111111111111111111111111111111 is too large to stay exact; quote it if it is a name"
        ],
    ),
    (
        "yaml-number",
        "lang: en",
        "identifier: 1e999",
        ["data/note/document.yaml:6: violation: the number 1e999 is too large to stay exact; quote it if it is a name"],
    ),
    (
        "control-character",
        "warns",
        '"war\\0ns"',
        ["data/note/document.yaml:16: violation: control character U+0000 at column 14"],
    ),
    ("yaml-cycle", "ent:anna", "&a [*a]", ["data/note/document.yaml:15: violation: an alias contains itself"]),
    (
        "yaml-depth",
        "ent:anna",
        "[" * 50 + "]" * 50,
        ["data/note/document.yaml:15: violation: nested deeper than 40 levels"],
    ),
]

# The rule, a file, what stands in it, and what is told.
FILES = [
    (
        "not-yamlld",
        "note/document.yaml",
        "",
        ["data/note/document.yaml: violation: expected a mapping with @context, id and graph, got nothing"],
    ),
    (
        "not-yamlld",
        "note/document.yaml",
        "# later\n",
        ["data/note/document.yaml: violation: expected a mapping with @context, id and graph, got nothing"],
    ),
    (
        "not-yamlld",
        "note/document.yaml",
        "- a\n",
        ["data/note/document.yaml: violation: expected a mapping with @context, id and graph, got list"],
    ),
    (
        "not-yamlld",
        "note/document.yaml",
        "id: graphs:note\n",
        ["data/note/document.yaml: violation: expected a mapping with @context, id and graph, got a mapping with id"],
    ),
    (
        "yaml-syntax",
        "note/document.yaml",
        "a: 1\n---\nb: 2\n",
        [
            "data/note/document.yaml:2: violation: YAML: expected a single document in the stream, but found another document"
        ],
    ),
    (
        "not-utf8",
        "note/document.yaml",
        b"# \ncaf\xe9",
        ["data/note/document.yaml:2: violation: not UTF-8: byte 0xE9 at offset 6"],
    ),
    (
        "not-utf8",
        "note/text.en.txt",
        b"a\nb\xff",
        ["data/note/text.en.txt:2: violation: not UTF-8: byte 0xFF at offset 3"],
    ),
    (
        "control-character",
        "note/text.en.txt",
        "The\nhar\x00vest",
        ["data/note/text.en.txt:2: violation: control character U+0000 at column 4"],
    ),
    (
        "control-character",
        "note/document.yaml",
        "# \x1b[31m",
        ["data/note/document.yaml:1: violation: control character U+001B at column 3"],
    ),
    (
        "text-unclaimed",
        "note/text.en.md.txt",
        "x",
        ["data/note/text.en.md.txt: violation: no node of type SourceText describes this text"],
    ),
    (
        "text-changed",
        "note/text.en.txt",
        TEXT.replace("\n", "\r\n"),
        [
            "data/note/document.yaml:9: violation: sha256: the text text.en.txt has changed, its digest is now e91e05efd2c93607331d7bed33f5f4194913505902d4819e5b9271255b8b6c7f"
        ],
    ),
    (
        "text-changed",
        "note/text.en.txt",
        f"\ufeff{TEXT}",
        [
            "data/note/document.yaml:9: violation: sha256: the text text.en.txt has changed, its digest is now 3923ef0ef3b8fe7970131aa0d4f636571424379fd107ef108b573479ca360198"
        ],
    ),
    (
        "yaml-depth",
        "note/document.yaml",
        "[" * 100_000,
        ["data/note/document.yaml:1: violation: nested deeper than 40 levels"],
    ),
    (
        "yaml-depth",
        "note/document.yaml",
        "- " * 100_000,
        ["data/note/document.yaml:1: violation: nested deeper than 40 levels"],
    ),
    (
        "yaml-aliases",
        "note/document.yaml",
        BOMB,
        ["data/note/document.yaml: violation: aliases expand to more than 1000000 values"],
    ),
    (
        "link-columns",
        "links/a.sssom.tsv",
        "#x: y\nsubject_id\tobject_id\n",
        [
            "data/links/a.sssom.tsv:2: violation: expected the columns subject_id, subject_label, predicate_id, predicate_modifier, object_id, object_label, mapping_justification, confidence, author_id, reviewer_id, mapping_date, see_also, comment, got subject_id, object_id"
        ],
    ),
    (
        "link-columns",
        "links/a.sssom.tsv",
        HEADER + "ent:a\towl:sameAs\n",
        [
            "data/links/a.sssom.tsv:2: violation: expected the columns subject_id, predicate_id, object_id, mapping_justification, confidence, got 2"
        ],
    ),
    (
        "link-value",
        "links/a.sssom.tsv",
        HEADER + "ent:a\tsame\twd:Q1\tsemapv:ManualMappingCuration\t1\n",
        ["data/links/a.sssom.tsv:2: violation: predicate_id: expected prefix:name or an IRI, got 'same'"],
    ),
    (
        "link-value",
        "links/a.sssom.tsv",
        HEADER + "ent:a\towl:sameAs\twd:Q1\tguess\t2\n",
        [
            "data/links/a.sssom.tsv:2: violation: confidence: expected a number from 0 to 1, got '2'",
            "data/links/a.sssom.tsv:2: violation: mapping_justification: expected a term of semapv:, got 'guess'",
        ],
    ),
]

# Rules over the settings or the engine's material, which no folder of `data/` breaks alone.
MATERIAL = [
    ("settings", "pyproject.toml", "[tool.whereas]\nbas = 1\n", "pyproject.toml:2: violation: unknown setting 'bas' in [tool.whereas], did you mean 'base'?"),
    ("settings", "pyproject.toml", "[tool]\nwhereas = 1\n", "pyproject.toml: violation: tool.whereas: expected a table, got 1"),
    ("unknown-prefix", "pyproject.toml", "[tool.whereas]\npublisher = 'entt:anna'\n", "pyproject.toml:2: violation: unknown prefix 'entt' in 'entt:anna', did you mean 'ent'?"),
    ("unknown-prefix", "pyproject.toml", "[tool.whereas]\ncoverage = {spatial = ['entt:here']}\n", "pyproject.toml:2: violation: unknown prefix 'entt' in 'entt:here', did you mean 'ent'?"),
    ("unknown-language", "pyproject.toml", "[tool.whereas]\nlanguages = ['english']\n", "pyproject.toml:2: violation: unknown language 'english'"),
    ("unknown-language", "pyproject.toml", "[tool.whereas]\ntitle = {fr_FR = 'x'}\n", "pyproject.toml:2: violation: unknown language 'fr_FR'"),
    ("unknown-type", "pyproject.toml", "[tool.whereas]\nminimum = {Clam = 1}\n", "pyproject.toml:2: violation: unknown type 'Clam', did you mean 'Claim'?"),
    ("minimum", "pyproject.toml", "[tool.whereas]\nminimum = {Thing = 1}\n", "pyproject.toml:2: violation: expected at least 1 of type Thing, got 0"),
    ("json-ld", "ontology/context.jsonld", "{}", "ontology/context.jsonld: violation: JSON-LD: KeyError '@context'"),
    ("turtle", "ontology/prefixes.ttl", "@prefix", "ontology/prefixes.ttl:1: violation: Turtle: Parser error at line 1 between columns 1 and 8: Unexpected end of file"),
    ("query", "queries/q.rq", "SELECT * {}", "queries/q.rq: violation: header lacks description, summary"),
]  # fmt: skip

# Tested where the folder, the shapes or the links are.
FOLDER = [
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
    "file-unreadable",
    "file-too-large",
    "text-twice",
]


def test_every_rule_has_a_case():
    assert RULES.keys() == {case[0] for case in [*EDITS, *FILES, *MATERIAL]} | set(FOLDER)


def test_the_page_unchanged_raises_nothing(tmp_path):
    assert lines(write_project(tmp_path, PAGE)) == []


@pytest.mark.parametrize(("rule", "words", "instead", "told"), EDITS)
def test_a_change_of_the_document_is_told_at_its_line(tmp_path, rule, words, instead, told):
    assert words in DOCUMENT
    project = write_project(tmp_path, {**PAGE, "note/document.yaml": DOCUMENT.replace(words, instead, 1)})
    findings, _ = compiled(project)
    assert [finding.line() for finding in findings] == told
    assert rule in {finding.rule for finding in findings}


@pytest.mark.parametrize(("rule", "name", "content", "told"), FILES)
def test_another_file_is_told_at_its_line(tmp_path, rule, name, content, told):
    findings, _ = compiled(write_project(tmp_path, {**PAGE, name: content}))
    assert [finding.line() for finding in findings] == told
    assert rule in {finding.rule for finding in findings}


@pytest.mark.parametrize(("rule", "name", "content", "told"), MATERIAL)
def test_settings_and_material_are_told_in_one_sentence(tmp_path, rule, name, content, told):
    write_project(tmp_path, {})
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, "utf-8")
    try:
        checked = whereas.check(whereas.read_project(tmp_path))
        findings = checked.report.findings if checked.queries else ()
    except whereas.ProjectError as error:
        findings = error.findings
    assert [(finding.rule, finding.line()) for finding in findings] == [(rule, told)]


def test_both_languages_tell_the_same_things():
    def fields(template):
        return {name for _, name, _, _ in string.Formatter().parse(template) if name}

    assert {rule: fields(told.in_language("en")) for rule, told in RULES.items()} == {
        rule: fields(told.in_language("fr")) for rule, told in RULES.items()
    }


@pytest.mark.parametrize(
    ("words", "instead", "told"),
    [
        ("  speaker:", "  speeker:", "15: violation: clé inconnue « speeker » ; vouliez-vous dire « speaker » ?"),
        (
            "{en: warns}",
            "warns",
            "16: violation: verb : un texte par langue, comme {fr: …} est attendu, et non warns",
        ),
    ],
)
def test_french_sentences_are_french_to_the_end(tmp_path, words, instead, told):
    project = write_project(tmp_path, {**PAGE, "note/document.yaml": DOCUMENT.replace(words, instead)})
    findings, _ = compiled(project)
    assert [finding.line("fr") for finding in findings] == [f"data/note/document.yaml:{told}"]


# -------------------------------------------------------------------- files that are not what they seem


def test_a_link_out_of_the_project_is_not_followed(tmp_path):
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    (tmp_path / "project").mkdir()
    project = write_project(tmp_path / "project", PAGE)
    text = project.data / "note/text.en.txt"
    text.unlink()
    text.symlink_to(tmp_path / "secret.txt")
    assert lines(project) == [
        f"data/note/text.en.txt: violation: symbolic link leads out of the project, to {tmp_path / 'secret.txt'}"
    ]


def test_a_link_to_nothing_is_told(tmp_path):
    project = write_project(tmp_path, PAGE)
    (project.data / "note/more.txt").symlink_to("nowhere.txt")
    assert lines(project) == ["data/note/more.txt: violation: no such file"]


def test_a_link_to_itself_is_told(tmp_path):
    project = write_project(tmp_path, PAGE)
    (project.data / "note/more.txt").symlink_to("more.txt")
    assert lines(project) == ["data/note/more.txt: violation: cannot be read: a link that leads to itself"]


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_is_not_opened(tmp_path, make):
    project = write_project(tmp_path, PAGE)
    make(project.data / "note/more.yaml")
    assert lines(project) == ["data/note/more.yaml: violation: cannot be read: not a file"]


def test_a_file_of_200_megabytes_is_not_read(tmp_path):
    project = write_project(tmp_path, PAGE)
    with (project.data / "note/more.txt").open("wb") as file:
        file.truncate(200_000_000)
    assert lines(project) == [
        "data/note/more.txt: violation: file too large: expected at most 16777216 bytes, got 200000000"
    ]


def test_one_text_a_language(tmp_path):
    second = (
        f'- id: doc:note/copy.en\n  type: SourceText\n  sha256: "{hashlib.sha256(TEXT.encode()).hexdigest()}"\n'
        "  lang: en\n"
    )
    files = {**PAGE, "note/document.yaml": DOCUMENT + second, "note/copy.en.txt": TEXT}
    assert lines(write_project(tmp_path, files)) == [
        "data/note/document.yaml:21: violation: expected one text per language, got a second in 'en'"
    ]


@pytest.mark.parametrize("change", [lambda text: text.replace("\n", "\r\n"), lambda text: f"\ufeff{text}"])
def test_line_ends_and_byte_order_mark_change_nothing(tmp_path, change):
    (tmp_path / "changed").mkdir()
    (tmp_path / "sound").mkdir()
    sound = compiled(write_project(tmp_path / "sound", PAGE))
    changed = {**PAGE, "note/document.yaml": change(DOCUMENT)}
    assert compiled(write_project(tmp_path / "changed", changed)) == sound


def test_several_types_are_each_one(tmp_path):
    told = DOCUMENT.replace("type: SourceText", "type: [SourceText]").replace("type: Quotation", "type: [Quotation]")
    (tmp_path / "listed").mkdir()
    (tmp_path / "sound").mkdir()
    assert compiled(write_project(tmp_path / "listed", {**PAGE, "note/document.yaml": told})) == compiled(
        write_project(tmp_path / "sound", PAGE)
    )


def test_all_findings_of_a_folder_come_together_in_order(tmp_path):
    wrong = DOCUMENT.replace("ent:anna", "Anna").replace("type: Claim", "type: Clam")
    more = 'not: yaml-ld\n"!": !x 1\n'
    files = {**PAGE, "note/document.yaml": wrong, "note/more.yaml": more, "note/more.txt": b"\xff"}
    assert lines(write_project(tmp_path, files)) == [
        "data/note/document.yaml:11: violation: unknown type 'Clam', did you mean 'Claim'?",
        "data/note/document.yaml:15: violation: speaker: expected prefix:name or an IRI, got 'Anna'",
        "data/note/more.txt:1: violation: not UTF-8: byte 0xFF at offset 0",
        "data/note/more.yaml:2: violation: tag !x is not allowed in YAML-LD; quote the value if it starts with '!'",
    ]


# -------------------------------------------------------------------- whatever is written, a sentence answers

WORDS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["doc:note", "ent:a", "doc:note/text.en", "SourceText", "Claim", "en", "The harvest failed.", "."]),
)
KEYS = st.one_of(
    st.sampled_from([*sorted(context().terms), "exact", "prefix", "suffix", "en", "fr"]), st.text(max_size=4)
)
VALUES = st.recursive(
    WORDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
NAMES = st.sampled_from(["doc:note", "doc:note/text.en", "doc:note#1", "doc:note#2", "ent:a"])
TYPES = st.sampled_from(["Report", "SourceText", "Claim", "Quotation"])
NODES = st.lists(
    st.fixed_dictionaries(
        {"id": NAMES | WORDS, "type": TYPES | st.lists(TYPES) | WORDS},
        optional={"quote": VALUES, "lang": st.just("en") | WORDS, "verb": VALUES, "identifier": VALUES},
    )
    | st.dictionaries(KEYS, VALUES, max_size=4),
    max_size=4,
)
FEW = settings(max_examples=100, deadline=None)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return write_project(tmp_path_factory.mktemp("fuzz"), PAGE)


def told(project, name, content):
    """The findings of the page with one file of it written anew; what it compiled to can be loaded."""
    (project.data / name).parent.mkdir(exist_ok=True)
    (project.data / name).write_bytes(content)
    findings, quads = compiled(project)
    Graph().load(nquads(quads))
    return findings


@FEW
@given(st.text() | st.binary())
def test_any_text_for_a_document_is_answered_in_sentences(project, content):
    told(project, "note/document.yaml", content if isinstance(content, bytes) else content.encode("utf-8", "replace"))


@FEW
@given(NODES)
def test_any_nodes_are_answered_in_sentences(project, nodes):
    whole = {"@context": context().iri, "id": "graphs:note", "graph": nodes}
    told(project, "note/document.yaml", json.dumps(whole).encode())


@FEW
@given(VALUES)
def test_any_quote_is_answered_in_sentences(project, quote):
    document = DOCUMENT.replace('"The harvest failed."', json.dumps(quote))
    told(project, "note/document.yaml", document.encode())


CELLS = st.text(st.characters(exclude_characters="\t\r\n"), max_size=9)


@FEW
@given(st.lists(st.lists(CELLS | st.sampled_from(["ent:a", "owl:sameAs", "wd:Q1", "1", "Not"]), max_size=6)))
def test_any_row_of_links_is_answered_in_sentences(project, rows):
    content = HEADER + "".join("\t".join(row) + "\n" for row in rows)
    told(project, "links/any.sssom.tsv", content.encode("utf-8", "replace"))
