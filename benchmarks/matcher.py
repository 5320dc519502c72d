"""Measure how well the matcher distinguishes members of parliament, beside a plain comparison of labels.

    python -m benchmarks.matcher [FOLDER]

FOLDER holds `official.csv` (the European Parliament's list of the ninth term) and `wikidata.csv`
(Wikidata's), 701 members each. The MEP id that both carry is the answer, not an input: what is sought
is the item of each name of the first among **all** items of the second, in shuffled order.

Three pools are searched. `members` is Wikidata's list. `homonyms` adds, for each item, a person of the
same name, with a lower number, who is in no parliament and has no country, so that only evidence
distinguishes the two. `rivals` adds, for each item, a member of the same name for the
country next in the alphabet, which is harder than reality.

Every item is a candidate there. A second table gives the candidates that each source finds by itself: a SPARQL
endpoint, which matches exact names only, and an extract, which matches words. Both hold `members`.
"""

from __future__ import annotations

import csv
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from servers import oxigraph, put
from whereas.cache import Cache
from whereas.http.response_cache import ResponseCache
from whereas.linking.item_sources import LANGUAGES, Endpoint, Extract, ItemSource
from whereas.linking.matching import ACCEPT, PERSON, EntityRecord, accepted, rank
from whereas.rdf.namespaces import RDFS
from whereas.rdf.terms import iri, literal
from whereas.rdf.wikibase import CLAIM, DIRECT, ENTITY, STATEMENT, VALUE, WIKIBASE, Claim, Item, to_json

FOLDER = Path(__file__).parents[2] / "shared/real/wikidata"
MEMBER = "Q27169"  # member of the European Parliament
COUNTRIES = {
    "Austria": "Q40", "Belgium": "Q31", "Bulgaria": "Q219", "Croatia": "Q224", "Cyprus": "Q229",
    "Czechia": "Q213", "Czech Republic": "Q213", "Denmark": "Q35", "Estonia": "Q191", "Finland": "Q33",
    "France": "Q142", "Germany": "Q183", "Greece": "Q41", "Hungary": "Q28", "Ireland": "Q27", "Republic of Ireland": "Q27", "Italy": "Q38",
    "Latvia": "Q211", "Lithuania": "Q37", "Luxembourg": "Q32", "Malta": "Q233", "Netherlands": "Q55", "Kingdom of the Netherlands": "Q55",
    "Poland": "Q36", "Portugal": "Q45", "Romania": "Q218", "Slovakia": "Q214", "Slovenia": "Q215",
    "Spain": "Q29", "Sweden": "Q34",
}  # fmt: skip
Guess = Callable[
    [EntityRecord, Sequence[Item]], tuple[str, str]
]  # the item proposed, and the item accepted, or nothing


def main(folder: Path) -> None:
    """Print the table."""
    records, truth, members = read(folder)
    homonyms = [homonym(item, n) for n, item in enumerate(members)]
    rivals = [rival(item, n) for n, item in enumerate(members)]
    bare = [replace(record, identifiers={}) for record in records]
    alone = [replace(record, countries=frozenset(), positions=frozenset()) for record in bare]
    print(
        "| pool | who | evidence | precision | recall | precision, accepted | recall, accepted | wrong, accepted | s |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name, pool in (("members", members), ("homonyms", members + homonyms), ("rivals", members + rivals)):
        random.Random(1).shuffle(pool)
        print(row(name, "same label", "name", exact, bare, truth, pool))
        print(row(name, "same label but for case", "name", caseless, bare, truth, pool))
        print(row(name, "whereas", "name", matcher, alone, truth, pool))
        print(row(name, "whereas", "name, country, position", matcher, bare, truth, pool))
        print(row(name, "whereas", "the same, and MEP id", matcher, records, truth, pool))
    print(
        "\n| source | right item brought up | proposed first | accepted | wrong, accepted | s |\n|---|---|---|---|---|---|"
    )
    with TemporaryDirectory() as place, oxigraph() as server:
        put(f"{server.address}/store?default", "".join(as_triples(members)).encode(), "text/turtle")
        extract = Path(place) / "items.jsonl"
        extract.write_text("".join(json.dumps(to_json(item)) + "\n" for item in members), "utf-8")
        endpoint = Endpoint(server.query, LANGUAGES, ResponseCache(Cache(Path(place))))
        print(recall("endpoint", endpoint, bare, truth))
        print(recall("endpoint, by MEP id too", endpoint, records, truth))
        print(recall("extract", Extract(extract), bare, truth))


def read(folder: Path) -> tuple[list[EntityRecord], dict[str, str], list[Item]]:
    """Return the official list as records, the item of each by IRI, and Wikidata's list as items."""
    records, items = [], []
    with (folder / "official.csv").open(encoding="utf-8") as file:
        for entry in csv.DictReader(file):
            records.append(
                EntityRecord(
                    f"urn:mep:{entry['id']}",
                    {"en": entry["name"]},
                    types=frozenset({PERSON}),
                    identifiers={"P1186": entry["id"]},
                    countries=frozenset({COUNTRIES[entry["country"]]}),
                    positions=frozenset({MEMBER}),
                )
            )
    truth = {}
    with (folder / "wikidata.csv").open(encoding="utf-8") as file:
        for entry in csv.DictReader(file):
            truth[f"urn:mep:{entry['id']}"] = entry["item"]
            claims = {"P31": "Q5", "P27": COUNTRIES[entry["country"]], "P39": MEMBER, "P1186": entry["id"]}
            items.append(
                Item(entry["item"], {"en": entry["name"]}, {}, {name: (Claim(text),) for name, text in claims.items()})
            )
    return records, truth, items


def homonym(item: Item, n: int) -> Item:
    """Make an item for somebody else of the same name, with a lower number."""
    return Item(f"Q{n + 1}00", item.labels, {}, {"P31": (Claim("Q5"),)})


def rival(item: Item, n: int) -> Item:
    """Make an item for somebody else of the same name and position, of the next country."""
    order = sorted(set(COUNTRIES.values()))
    country = order[(order.index(item.values("P27")[0]) + 1) % len(order)]
    claims = {"P31": (Claim("Q5"),), "P27": (Claim(country),), "P39": (Claim(MEMBER),)}
    return Item(f"Q{n + 1}00", item.labels, {}, claims | {"P1186": (Claim(f"9{n:06}"),)})


def as_triples(items: Sequence[Item]) -> Iterator[str]:
    """Yield the items as Wikidata's RDF, as far as it is queried."""
    for item in items:
        subject = iri(ENTITY + item.qid)
        yield f"{subject} {iri(f'{RDFS}label')} {literal(item.labels['en'], language='en')} .\n"
        for name, (claim,) in item.claims.items():
            statement = iri(f"{STATEMENT}{item.qid}-{name}")
            value = literal(claim.value) if name == "P1186" else iri(ENTITY + claim.value)
            yield f"{subject} {iri(DIRECT + name)} {value} ; {iri(CLAIM + name)} {statement} .\n"
            yield f"{statement} {iri(VALUE + name)} {value} ; {iri(f'{WIKIBASE}rank')} {iri(f'{WIKIBASE}NormalRank')} .\n"


def recall(name: str, source: ItemSource, records: Sequence[EntityRecord], truth: Mapping[str, str]) -> str:
    start = time.perf_counter()
    candidates = source.candidates(records)
    spent = time.perf_counter() - start
    hits = sum(truth[record.iri] in [item.qid for item in candidates[record.iri]] for record in records)
    guesses = [(truth[record.iri], *matcher(record, candidates[record.iri])) for record in records]
    first, sure = (sum(guess[column] == guess[0] for guess in guesses) for column in (1, 2))
    wrong = sum(bool(guess[2]) and guess[2] != guess[0] for guess in guesses)
    return f"| {name} | {hits} of {len(records)} | {first} | {sure} | {wrong} | {spent:.1f} |"


def matcher(record: EntityRecord, pool: Sequence[Item]) -> tuple[str, str]:
    ranked = rank(record, pool)
    sure = accepted(record, ranked, ACCEPT)
    return ranked[0].item.qid if ranked else "", sure.item.qid if sure else ""


def exact(record: EntityRecord, pool: Sequence[Item]) -> tuple[str, str]:
    qids = [item.qid for item in pool if item.labels["en"] == record.labels["en"]]
    return (qids[0],) * 2 if qids else ("", "")


def caseless(record: EntityRecord, pool: Sequence[Item]) -> tuple[str, str]:
    qids = [item.qid for item in pool if item.labels["en"].casefold() == record.labels["en"].casefold()]
    return (qids[0],) * 2 if qids else ("", "")


def row(
    pool_name: str,
    who: str,
    evidence: str,
    guess: Guess,
    records: list[EntityRecord],
    truth: dict[str, str],
    pool: list[Item],
) -> str:
    start = time.perf_counter()
    guesses = [(truth[record.iri], *guess(record, pool)) for record in records]
    spent = time.perf_counter() - start
    cells = [pool_name, who, evidence]
    for column in (1, 2):
        answered = [each for each in guesses if each[column]]
        right = sum(each[column] == each[0] for each in answered)
        cells += [f"{right / len(answered):.4f}" if answered else "–", f"{right / len(guesses):.4f}"]
    wrong = sum(bool(sure) and sure != right for right, _, sure in guesses)
    return "| " + " | ".join([*cells, str(wrong), f"{spent:.1f}"]) + " |"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
