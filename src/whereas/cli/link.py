"""`whereas link`: proposals with reasons, decisions by people, and what is done with decided links."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from whereas.cli.session import FINDINGS, CommandContext, Group, command, option
from whereas.errors import ArgumentError
from whereas.i18n import Message, gettext, ngettext, number, reader_language

if TYPE_CHECKING:
    from whereas.linking.item_sources import ItemSource
    from whereas.linking.matching import Match
    from whereas.linking.proposals import Proposal
    from whereas.validation.checked_project import CheckedProject

REPORT_FORMATS = ("text", "json", "github", "sarif")
FILE = "data/links/wikidata.sssom.tsv"
WIKIDATA = "https://query.wikidata.org/sparql"


def source_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Where items are looked up."""
    for source_option in (
        option("--offline", is_flag=True, help="Ask no server: use what is remembered of earlier answers."),
        option("--extract", type=click.Path(path_type=Path), help="Look in this file of Wikidata's entity JSON."),
        option("--endpoint", metavar="URL", default=WIKIDATA, show_default=True, help="Ask this SPARQL endpoint."),
    ):
        function = source_option(function)
    return function


@click.group(cls=Group)
def link() -> None:
    """Link entities to Wikidata: the machine proposes, a person decides."""


@link.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@source_options
@option("--reconcile", metavar="URL", help="Ask this reconciliation service (API 0.2) instead.")
@option("--write", is_flag=True, help="Write the proposals among the links, as rows without a reviewer.")
@option(
    "--accept", type=click.IntRange(min=80), metavar="SCORE", help="Decide what scores so much, 80 or more; needs --by."
)
@option("--by", metavar="NAME", help="The entity that answers for what is accepted, such as ent:editors.")
@command
def propose(
    session: CommandContext, names: tuple[str, ...], endpoint: str, extract: Path | None, reconcile: str | None,
    offline: bool, write: bool, accept: int | None, by: str | None,
) -> None:  # fmt: skip
    """Propose items for entities without a decided link, each with its reasons.

    Nothing is written without --write or --accept. A person is never accepted on a name alone.
    """
    from whereas.iris import compact
    from whereas.linking.proposals import expand_agent, write_proposals
    from whereas.linking.proposals import propose as proposed

    if (accept is None) != (by is None):
        raise ArgumentError(Message("--accept and --by go together: somebody answers for what is accepted"))
    checked = session.require_valid
    agent = expand_agent(checked, by) if by else ""
    asked = _found(checked, names)
    found = proposed(checked, _source(checked, endpoint, extract, offline, reconcile or ""), asked, accept)
    for iri in sorted({*asked} - {proposal.record.iri for proposal in found}):
        session.say("{name}: linked already", name=compact(iri, checked.rules.prefixes))
    for proposal in found:
        if proposal.matches or names:
            _print_proposal(checked, proposal)
    without = sum(not proposal.matches for proposal in found)
    if without and not names:
        session.say("{count} of {all} entities: nothing found", count=number(without), all=number(len(found)))
    if write or accept is not None:
        decided = [proposal for proposal in found if proposal.accepted]
        counts = write_proposals(
            checked, found if write else decided, compact(agent, checked.rules.prefixes) if agent else ""
        )
        session.say("{file}: {proposed} proposed, {decided} decided", file=FILE, proposed=counts[0], decided=counts[1])
    if any(proposal.matches for proposal in found):
        session.say("Next: 'whereas link review' decides what was written" if write else "Next: --write keeps them")


@link.command()
@option("--accept", nargs=2, metavar="NAME QID", help="Decide that the entity is this item.")
@option("--reject", nargs=2, metavar="NAME QID", help="Decide that it is not; remembered.")
@option("--by", required=True, metavar="NAME", help="The entity that decides, such as ent:editors.")
@option("--because", metavar="TEXT", help="Why; written beside the decision.")
@option("--confidence", type=click.FloatRange(0, 1), help="How sure, from 0 to 1.")
@command
def review(
    session: CommandContext, accept: tuple[str, str] | None, reject: tuple[str, str] | None, by: str,
    because: str | None, confidence: float | None,
) -> None:  # fmt: skip
    """Decide proposals one by one, or a single one with --accept or --reject.

    Works on a project whose links are wrong too: a wrong decision is taken back here.
    """
    from whereas.linking.proposals import decide, expand_agent
    from whereas.rdf.wikibase import is_qid

    checked = session.require_valid_sources
    expand_agent(checked, by)
    if not (accept or reject):
        if because or confidence is not None:
            raise ArgumentError(Message("--because and --confidence go with --accept or --reject"))
        from whereas.cli.link_review import review as reviewed

        reviewed(session, checked, by)
        return
    if accept and reject:
        raise ArgumentError(Message("--accept or --reject, not both at once"))
    if not because:
        raise ArgumentError(Message("--because: expected a reason, such as 'born on the same day'"))
    told = accept or reject
    assert told
    name, qid = _found(checked, (told[0],))[0], told[1].removeprefix("wd:")
    if not is_qid(qid):
        raise ArgumentError(Message("expected an item such as Q42, got '{told}'", told=told[1]))
    decide(checked, name, qid, by, because, bool(accept), f"{confidence:g}" if confidence is not None else "")
    session.say(
        "{name} is {item}: written to {file}" if accept else "{name} is not {item}: written to {file}",
        name=told[0],
        item=f"wd:{qid}",
        file=FILE,
    )


@link.command()
@source_options
@option("--live", is_flag=True, help="Ask the European Parliament's, EuroVoc's and other servers too.")
@option("--record", is_flag=True, help="Record what is found, for the report and the pages.")
@option("--format", "form", type=click.Choice(REPORT_FORMATS), default="text", help="How findings are printed.")
@command
def check(
    session: CommandContext, endpoint: str, extract: Path | None, offline: bool, live: bool, record: bool, form: str
) -> None:
    """Hold decided links to what they lead to: it exists, has not moved, and agrees with ours.

    Servers are asked anew, whatever is remembered of them, unless --offline.
    """
    from whereas.linking.verification import today, verify
    from whereas.validation.reports import FORMATS

    if live and offline:
        raise ArgumentError(Message("--live asks servers, --offline asks none: give one of them"))
    checked = session.check()
    if not all(summary.is_sound for summary in checked.summaries):
        checked = session.require_valid  # says that it is not
    findings, day = verify(checked, _source(checked, endpoint, extract, offline, anew=True), live)
    if record:
        from whereas.linking.records import read_all_links
        from whereas.project.link_findings import write_last_check

        write_last_check(checked.project, read_all_links(checked), findings, day)
    click.echo(FORMATS[form](findings, reader_language()), nl=False)
    violations = sum(found.severity == "Violation" for found in findings)
    if form == "text":
        warnings = len(findings) - violations
        session.say(
            "{violations}, {warnings}",
            violations=ngettext("{count} violation", "{count} violations", violations),
            warnings=ngettext("{count} warning", "{count} warnings", warnings),
        )
        if day != today():
            session.say("Wikidata as it was on {day}", day=day)
    sys.exit(FINDINGS if violations else 0)


@link.command()
@source_options
@command
def enrich(session: CommandContext, endpoint: str, extract: Path | None, offline: bool) -> None:
    """Record what linked items say, in data/wikidata/, for a graph of its own."""
    from whereas.linking.enrichment import enrich as enriched

    checked = session.require_valid
    done = enriched(checked, _source(checked, endpoint, extract, offline))
    session.say("data/wikidata/items.jsonl: {items}", items=ngettext("{count} item", "{count} items", done.recorded))
    if done.unknown:
        session.say(
            "{items} not found here: left as recorded before",
            items=ngettext("{count} linked item", "{count} linked items", done.unknown),
        )
    if done.nothing:
        session.say(
            "{items} without anything: 'whereas link check' tells why",
            items=ngettext("{count} linked item", "{count} linked items", done.nothing),
        )


@link.command()
@source_options
@option("--format", "form", type=click.Choice(["v1", "csv"]), default="v1", help="Which form of QuickStatements.")
@command
def quickstatements(session: CommandContext, endpoint: str, extract: Path | None, offline: bool, form: str) -> None:
    """Print what Wikidata lacks and our graph knows: labels and official identifiers, with references."""
    from whereas.linking.quickstatements import as_csv, as_v1, edits

    checked = session.require_valid
    given = edits(checked, _source(checked, endpoint, extract, offline))
    click.echo((as_v1 if form == "v1" else as_csv)(given), nl=False)


# -------------------------------------------------------------------- what they share


def _source(
    checked: CheckedProject,
    endpoint: str,
    extract: Path | None,
    offline: bool,
    reconcile: str = "",
    *,
    anew: bool = False,
) -> ItemSource:
    """Where items are looked up; with `anew`, no answer that is remembered is used unless `offline`."""
    from datetime import timedelta

    from whereas.cache import Cache
    from whereas.http.response_cache import MAX_AGE, ResponseCache
    from whereas.linking.item_sources import LANGUAGES, Endpoint, Extract
    from whereas.linking.reconciliation_client import ReconciliationClient
    from whereas.linking.records import languages

    if extract:
        return Extract(extract)
    project = checked.project
    memory = ResponseCache(Cache(project.cache_dir / "answers"), offline, timedelta(0) if anew else MAX_AGE)
    contact = project.contact or project.homepage
    if reconcile:
        return ReconciliationClient(reconcile, memory, contact)
    return Endpoint(endpoint, tuple(dict.fromkeys((*languages(checked), *LANGUAGES))), memory, contact)


def _found(checked: CheckedProject, names: tuple[str, ...]) -> tuple[str, ...]:
    from whereas.validation.description import find

    graph = checked.graph()
    return tuple(find(graph, name, checked.rules.prefixes, checked.project.base) for name in names)


def _print_proposal(checked: CheckedProject, proposal: Proposal) -> None:
    from whereas.iris import compact

    record = proposal.record
    name = compact(record.iri, checked.rules.prefixes)
    label = record.labels.get(reader_language()) or next(iter(record.labels.values()))
    click.secho(f"{name}  {label}{'' if proposal.matches else gettext(': nothing found')}", bold=True)
    for match in proposal.matches[:5]:
        _print_match(match, gettext(" accepted") if match is proposal.accepted else "")


def _print_match(match: Match, told: str) -> None:
    click.echo(f"  {match.item.qid}  {match.item.name(reader_language())}  {match.score}{told}")
    for reason in match.reasons:
        click.echo(f"    {reason.points:+4}  {reason.message.in_language(reader_language())}")
