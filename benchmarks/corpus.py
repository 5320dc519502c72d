"""Invented projects of any size, in the shape of the real one: the same seed gives the same bytes.

Documents hold 5 to 40 statements, short ones being the most frequent, each statement anchored in a
sentence of its own; they share entities, of which a few are named often, and every third document
follows up a demand of the one before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from random import Random

BASE = "https://corpus.example/"
SETTINGS = f"""[tool.whereas]
base = "{BASE}"
title = {{ en = "Invented statements", fr = "Prises de position inventées" }}
description = {{ en = "A corpus to measure with.", fr = "Un corpus pour mesurer." }}
publisher = "ent:e0"
licence = "https://creativecommons.org/licenses/by/4.0/"
languages = ["en", "fr"]
"""
CONTEXT = [
    "https://w3id.org/whereas/context.jsonld",
    {n: f"{BASE}{p}/" for n, p in (("doc", "doc"), ("ent", "ent"), ("graphs", "graph"))},
]
LINKS = "\t".join(
    ("subject_id", "predicate_id", "object_id", "mapping_justification", "confidence", "reviewer_id", "mapping_date")
)

_KINDS = ("Organization", "Person", "Place", "Organization")
_HEADS = ("Al", "Bor", "Cam", "Dun", "El", "Far", "Gren", "Har", "Ing", "Kel", "Lor", "Mar", "Nor", "Os", "Pel", "Ros")
_MIDDLES = ("a", "ber", "co", "den", "er", "fo", "gi", "hol", "in", "lan", "mi", "ne", "o", "per", "ri", "sel")
_TAILS = ("bridge", "by", "dale", "field", "ford", "ham", "leigh", "mont", "port", "stead", "ton", "wick")
_ACTS = (
    "open the archives of the old harbour to everybody who asks",
    "suspend the contract for the northern railway",
    "publish the names of the firms that were paid",
    "protect the families who gave evidence",
    "send observers to the trials that begin in spring",
    "stop the sale of the river meadows",
    "repair the wells before the next winter",
    "receive the delegation of the teachers",
)
_FACTS = (
    "the inquiry was closed without a hearing",
    "more than two hundred houses were emptied in one night",
    "the letters of the mayor were never answered",
    "the figures of the last report were wrong",
    "the water of the upper valley is not fit to drink",
    "the schools of the district have been shut since autumn",
    "the agreement was signed without a vote",
    "the journalists were kept away from the hall",
)


@dataclass
class _Document:
    """A document being written: its sentences and the nodes that cite them."""

    name: str
    day: date
    sentences: list[str] = field(default_factory=list)
    nodes: list[dict[str, object]] = field(default_factory=list)

    def add(self, kind: str, quote: str | list[str], /, **properties: object) -> str:
        """Add a node that cites `quote`, and return its name."""
        number = len(self.nodes) + 1
        label = {"en": f"{kind} {number} of {self.name}", "fr": f"{kind} {number} de {self.name}"}
        node = {"id": f"d:n{number}", "type": kind, "label": label, **properties, "quote": quote}
        self.nodes.append(node)
        return f"d:n{number}"


def write_corpus(folder: Path, documents: int, seed: int = 2026) -> None:
    """Write a project of that many documents into `folder`; it builds without a finding."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(SETTINGS, "utf-8")
    names = [f"2024-{number:05}-statement" for number in range(documents)]
    entities = min(8 + documents // 4, len(_HEADS) * len(_MIDDLES) * len(_TAILS))
    _write_entities(folder / "data", entities)
    for number, name in enumerate(names):
        named = range(number, entities, documents)  # so that every entity is mentioned
        before = names[number - 1] if number % 3 == 2 else ""
        _write_document(folder / "data" / name, number, named, entities, before, Random(f"{seed} {number}"))


def change(folder: Path, number: int) -> None:
    """Change a label in one document, which stays valid."""
    path = folder / f"data/2024-{number:05}-statement/document.yaml"
    path.write_text(path.read_text("utf-8").replace('"en": "Claim ', '"en": "Changed claim ', 1), "utf-8")


def _write_entities(data: Path, count: int) -> None:
    names = list(_names(count))
    nodes = [
        {"id": f"ent:e{n}", "type": _KINDS[n % len(_KINDS)], "label": {"en": name, "fr": name}}
        for n, name in enumerate(names)
    ]
    _write(data / "entities/entities.yaml", _yaml(CONTEXT, "graphs:entities", nodes))
    rows = [
        f"ent:e{n}\towl:sameAs\twd:Q9{n:06}\tsemapv:ManualMappingCuration\t0.95\tent:e0\t2024-01-01"
        for n in range(0, count, 2)
    ]
    _write(data / "links/wikidata.sssom.tsv", "\n".join([LINKS, *rows, ""]))


def _names(count: int) -> Iterator[str]:
    # Neighbours in number differ in their first letters, as they would in a list of real names.
    parts = product(_TAILS, _MIDDLES, _HEADS)
    for _, (tail, middle, head) in zip(range(count), parts, strict=False):
        yield f"{head}{middle}{tail}"


def _write_document(folder: Path, number: int, named: range, entities: int, before: str, chance: Random) -> None:
    day = date(2024, 1, 1) + timedelta(days=number // 20)
    document = _Document(folder.name, day)
    names = list(_names(entities))
    publisher = _agent(entities, chance)
    _demand(document, names, publisher, chance)
    _claim(document, publisher, [f"ent:e{n}" for n in named] or [publisher], chance)
    if before:
        _follow_up(document, publisher, before, chance)
    for _ in range(int(chance.triangular(2, 40, 6))):
        _MAKERS[chance.choices(range(len(_MAKERS)), _WEIGHTS)[0]](document, names, publisher, chance)
    text = "\n\n".join(" ".join(document.sentences[at : at + 4]) for at in range(0, len(document.sentences), 4)) + "\n"
    home = f"doc:{folder.name}"
    first = [
        {
            "id": home, "type": "PressRelease", "publisher": publisher, "issued": day.isoformat(), "lang": "en",
            "title": {"en": f"Statement {number}", "fr": f"Prise de position {number}"},
        },
        {
            "id": f"{home}/text.en", "type": "SourceText", "formatOf": home, "lang": "en",
            "label": {"en": "text of the statement", "fr": "texte de la prise de position"},
            "mediaType": "text/plain;charset=UTF-8", "sha256": hashlib.sha256(text.encode()).hexdigest(),
        },
    ]  # fmt: skip
    context = [CONTEXT[0], {**CONTEXT[1], "d": f"{BASE}doc/{folder.name}#"}]
    _write(folder / "text.en.txt", text)
    _write(folder / "document.yaml", _yaml(context, f"graphs:{folder.name}", [*first, *document.nodes]))


# -------------------------------------------------------------------- what documents say


def _demand(document: _Document, names: list[str], publisher: str, chance: Random) -> None:
    addressee, target = _agent(len(names), chance), _any(len(names), chance)
    sentence = _sentence(document, f"We ask that {_name(addressee, names)} {chance.choice(_ACTS)}")
    document.add(
        "Demand", sentence, speaker=publisher, attribution="mode:own-voice", kind="k:prevention",
        addressee=addressee, target=target,
    )  # fmt: skip


def _claim(document: _Document, publisher: str, about: list[str], chance: Random) -> None:
    sentence = _sentence(document, f"It is known that {chance.choice(_FACTS)}")
    note = {"en": "The text does not say since when.", "fr": "Le texte ne dit pas depuis quand."}
    document.add("Claim", sentence, speaker=publisher, attribution="mode:own-voice", about=about, note=note)


def _some_claim(document: _Document, names: list[str], publisher: str, chance: Random) -> None:
    about = sorted({_any(len(names), chance) for _ in range(chance.randint(1, 3))})
    _claim(document, publisher, about, chance)


def _finding(document: _Document, names: list[str], publisher: str, chance: Random) -> None:
    speaker = _agent(len(names), chance)
    sentence = _sentence(document, f"{_name(speaker, names)} warns of a crime, since {chance.choice(_FACTS)}")
    document.add(
        "Finding", sentence, speaker=speaker, attribution="mode:reported-speech", verb={"en": "warns"},
        qualification="q:crime-against-humanity", degree="deg:serious-risk",
    )  # fmt: skip


def _quotation(document: _Document, names: list[str], publisher: str, chance: Random) -> None:
    speaker, number = _agent(len(names), chance), len(document.sentences) + 1
    words = f"Under item {number} we learnt that {chance.choice(_FACTS)}"
    document.sentences.append(f"“{words},” recalls {_name(speaker, names)} on point {number}.")
    said = [words, f"recalls {_name(speaker, names)} on point {number}."]
    quotation = document.add("Quotation", said, speaker=speaker, verb={"en": "recalls"})
    document.add(
        "Claim", words, speaker=speaker, attribution="mode:direct-quotation", expressedIn=quotation,
        about=_any(len(names), chance),
    )  # fmt: skip


def _event(document: _Document, names: list[str], publisher: str, chance: Random) -> None:
    participant = _agent(len(names), chance)
    day = document.day - timedelta(days=chance.randint(1, 200))
    sentence = _sentence(document, f"On {day.isoformat()} {_name(participant, names)} met those concerned")
    document.add("Event", sentence, date=day.isoformat(), participant=participant)


def _follow_up(document: _Document, publisher: str, before: str, chance: Random) -> None:
    sentence = _sentence(document, f"What we asked last time was not done: {chance.choice(_FACTS)}")
    document.add(
        "Claim", sentence, speaker=publisher, attribution="mode:own-voice", about=f"doc:{before}#n1",
        followUpOf=f"doc:{before}#n1", followUpStatus="suite:not-met", asOf=document.day.isoformat(),
        source=f"doc:{before}", corroboration="cor:single-source",
    )  # fmt: skip


_MAKERS = (_some_claim, _demand, _finding, _quotation, _event)
_WEIGHTS = (40, 20, 10, 18, 12)


def _sentence(document: _Document, words: str) -> str:
    """Append `words` as the next sentence of the text, made unique by its number."""
    document.sentences.append(f"{words} (item {len(document.sentences) + 1}).")
    return document.sentences[-1]


def _any(entities: int, chance: Random) -> str:
    """Pick an entity; the lower its number, the more often."""
    return f"ent:e{int(entities * chance.random() ** 3)}"


def _agent(entities: int, chance: Random) -> str:
    """Pick an organisation, with the distribution of `_any`."""
    number = int(entities * chance.random() ** 3)
    return f"ent:e{number - number % len(_KINDS)}"


def _name(entity: str, names: list[str]) -> str:
    return names[int(entity.removeprefix("ent:e"))]


def _yaml(context: object, graph: str, nodes: list[dict[str, object]]) -> str:
    """Format YAML with one key per line and values in flow style, as people write it."""
    head = [f'"@context": {json.dumps(context)}', f"id: {graph}", "graph:"]
    blocks = [
        f"- id: {node['id']}\n"
        + "".join(f"  {key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in node.items() if key != "id")
        for node in nodes
    ]
    return "\n".join([*head, *blocks])


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
