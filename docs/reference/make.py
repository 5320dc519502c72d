"""Write the reference pages from the code and the project: `python docs/reference/make.py`.

A test fails when a page is out of date.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import click

import whereas
from whereas.cli.main import main
from whereas.findings import RULES
from whereas.i18n import choose_language, language_kept
from whereas.iris import shorten
from whereas.project.ontology import read_context, read_turtle
from whereas.project.queries import Query, read_checks
from whereas.project.settings import SETTINGS
from whereas.rdf.terms import language_of, value_of
from whereas.stores.settings import STORE_SETTINGS

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SKOS = "http://www.w3.org/2004/02/skos/core#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SHACL = "http://www.w3.org/ns/shacl#"
NOTES = """\
A text is published with the characters that the file has, in quotation marks or not: `identifier: 007` is `007`, and so is
a year as a title. Only `null` and `~` without quotation marks are findings. Numbers are numbers under keys of a numeric
datatype.

A day (`xsd:date`) is one of the calendar, as [XML Schema 1.1](https://www.w3.org/TR/xmlschema11-2/#date) writes it:
`2026-01-31`, with a time zone `2026-01-31+02:00`, before our era `-0551-09-28`. There is a year `0000`, the one before
the year 1, so that `-0551` is 552 before our era; pages say so. A year or month alone has its own datatype:
`birthDate: {"@value": "1969", "@type": "xsd:gYear"}`.

Each thing has pages and data files named after its `id`, percent-encoding decoded. Names that would have the same files on
some disk are findings: `ent:abc` beside `ent:ABC`, `é` in one character beside `e` with an accent, `ent:foo` beside
`ent:foo.ttl` or `ent:foo.en`. So are names that no file can have everywhere: more than 200 bytes of UTF-8 between two
slashes, the characters `* ? : < > | "` and the backslash, and Windows' devices (`con`, `aux`).

An IRI is a valid one (RFC 3987), without white space and invisible characters; anything else is a finding that says what
to write. Language tags that differ in case only are one language; they are published in lower case.

A `quote` is looked for as it is written and, where it does not occur so, without what nobody sees: Unicode normalization
and ligatures, kinds of spaces and single line ends, soft hyphens and zero-width characters, kinds of hyphens, apostrophes
and straight or curly quotation marks. What is published is what the text has. Letters, accents, digits and words count.

"""
NOTICE = "<!-- Written by docs/reference/make.py -->\n\n"


def pages() -> dict[str, str]:
    """Return each page by file name."""
    with language_kept():
        choose_language("en")
        checked = whereas.check(whereas.read_project(ROOT))
        generated = {
            "commands.md": commands(),
            "settings.md": settings(),
            "messages.md": messages(),
            "queries.md": queries(checked),
            "shapes.md": shapes(checked),
            "ontology.md": ontology(checked),
            "keys.md": keys(checked),
        }
        return {name: NOTICE + "".join(lines) for name, lines in generated.items()}


def commands() -> Iterator[str]:
    yield "# Commands\n\nExit codes: 0 success; 1 the project has violations; 2 the command failed; 130 interrupted. "
    yield "`NO_COLOR` is respected; progress is shown on terminals only.\n\nThe language of output is that of `LANGUAGE`, "
    yield "`LC_ALL`, `LC_MESSAGES` or `LANG`, the first that is set; `--lang`, before or after the command, chooses it for "
    yield "one run. It is the `language` of a saved query too, if it is one of the project's `languages`; otherwise results "
    yield "are in the project's first language.\n"
    whole = click.Context(main, info_name="whereas", **main.context_settings)
    for name, command in sorted(main.commands.items()):
        context = click.Context(command, info_name=name, parent=whole, terminal_width=90, max_content_width=90)
        text = command.get_usage(context) + "\n\n" + (command.help or "").strip()
        yield f"\n## whereas {name}\n\n```\n{text}\n\n"
        yield "".join(_options(command, context))
        yield "```\n"
        if isinstance(command, click.Group) and name != "ask":
            for inner_name, inner in sorted(command.commands.items()):
                inner_context = click.Context(inner, info_name=inner_name, parent=context, terminal_width=90)
                yield f"\n### whereas {name} {inner_name}\n\n```\n{inner.get_usage(inner_context)}\n\n"
                yield (inner.help or "").strip() + "\n\n" + "".join(_options(inner, inner_context)) + "```\n"


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record:
            yield f"  {record[0]}\n      {record[1]}\n"


def settings() -> Iterator[str]:
    yield "# Settings\n\nIn `pyproject.toml`, under `[tool.whereas]`. All are optional.\n\n| setting | what it is |\n|---|---|\n"
    for name, setting in SETTINGS.items():
        yield f"| `{name}` | {setting.description} |\n"
    yield "\n## Stores\n\nUnder `[tool.whereas.stores.NAME]`.\n\n| key | what it is |\n|---|---|\n"
    for name, told in STORE_SETTINGS.items():
        yield f"| `{name}` | {told} |\n"


def messages() -> Iterator[str]:
    yield "# Messages of `whereas check`\n\nEach finding is reported with its file and line; in French with `--lang fr`.\n\n"
    yield "| rule | English | French |\n|---|---|---|\n"
    for name, message in RULES.items():
        yield f"| `{name}` | {_cell(message.in_language('en'))} | {_cell(message.in_language('fr'))} |\n"


def queries(checked: whereas.Checked) -> Iterator[str]:
    yield "# Saved queries\n\nRun one with `whereas ask NAME`, or send the file to any SPARQL endpoint.\n"
    theme = ""
    for query in checked.queries.values():
        if query.theme != theme:
            theme = query.theme
            yield f"\n## {theme}\n"
        yield _card(query)


def _card(query: Query) -> str:
    lines = [
        f"\n### {query.name}\n",
        f"**{query.summary.in_language('en')}** · {query.summary.in_language('fr')}\n",
        f"{query.description.in_language('en')}\n",
    ]
    for title, variables in (("Parameters", query.parameters), ("Columns", query.columns)):
        if variables:
            lines.append(f"{title}:\n")
            for variable in variables:
                kind = shorten(variable.type, query.prefixes)
                empty = " (may be empty)" if variable.optional else ""
                lines.append(f"- `{variable.name}` (`{kind}`): {variable.label.in_language('en')}{empty}")
            lines.append("")
    return "\n".join(lines) + "\n"


def shapes(checked: whereas.Checked) -> Iterator[str]:
    values_of: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for subject, predicate, term, _ in checked.rules.shapes.quads:
        if subject.startswith("<"):
            values_of[subject[1:-1]][predicate[1:-1]][language_of(term)] = value_of(term)
    yield "# Shapes and checks\n\nThe rules that `whereas check` runs.\n\n"
    yield "| shape | English | French |\n|---|---|---|\n"
    for name, values in sorted(values_of.items()):
        message = values.get(f"{SHACL}message")
        if message:
            french, slash, english = message.get("", "").partition(" / ")
            shown = shorten(name, checked.rules.prefixes)
            yield f"| `{shown}` | {_cell(message.get('en', english if slash else french))} | {_cell(message.get('fr', french))} |\n"
    yield "\n## Checks on a document or on the whole dataset\n\n| check | scope | English | French |\n|---|---|---|---|\n"
    for check in read_checks(checked.project):
        yield f"| `{check.name}` | {check.scope} | {_cell(check.message.in_language('en'))} | {_cell(check.message.in_language('fr'))} |\n"


def ontology(checked: whereas.Checked) -> Iterator[str]:
    prefixes = checked.rules.prefixes
    yield "# Ontology\n"
    for title, name in (("Terms", "whereas.ttl"), ("Schemes", "schemes.ttl")):
        values_of: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
        for subject, predicate, term, _ in read_turtle(checked.project, name):
            values_of[value_of(subject)][predicate[1:-1]][language_of(term)] = value_of(term)
        yield f"\n## {title}\n"
        for term, values in sorted(values_of.items()):
            definition = values.get(f"{SKOS}definition", {})
            label = values.get(f"{RDFS}label") or values.get(f"{SKOS}prefLabel", {})
            if definition and label:
                yield f"\n### `{shorten(term, prefixes)}`\n\n"
                yield f"**{label.get('en', '')}** · {label.get('fr', '')}\n\n{definition.get('en', '')}\n\n"
                yield f"*{definition.get('fr', '')}*\n"


def keys(checked: whereas.Checked) -> Iterator[str]:
    context = read_context(checked.project)
    prefixes = checked.rules.prefixes
    yield "# Keys of a document file\n\nThe keys defined by `ontology/context.jsonld`, and `quote`, which cites the text.\n\n"
    yield NOTES
    yield "| key | property | value |\n|---|---|---|\n"
    for key, predicate in context.keys.items():
        if not predicate.startswith("^"):
            holds = {"iri": "IRIs (`prefix:name`)", "language": "text by language", "": "text, as written"}
            kind = context.holds(key)
            several = ", several" if context.is_set(key) else ""
            yield f"| `{key}` | `{shorten(predicate, prefixes)}` | {holds.get(kind, f'`{shorten(kind, prefixes)}`')}{several} |\n"
    yield "\n| type | class |\n|---|---|\n"
    for name, kind in context.types.items():
        yield f"| `{name}` | `{shorten(kind, prefixes)}` |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    for name, text in pages().items():
        (HERE / name).write_text(text, "utf-8")
