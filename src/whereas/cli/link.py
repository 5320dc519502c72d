"""`whereas link`: proposals with reasons, decisions by people, and uses of decided links."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from whereas.cli.check import format_option, print_report
from whereas.cli.command import FINDINGS, CommandContext, Group, command, echo, echo_data, option
from whereas.errors import ArgumentError
from whereas.i18n import Message, gettext, number, reader_language

if TYPE_CHECKING:
    from whereas.linking.item_sources import ItemSource
    from whereas.linking.matching import Match
    from whereas.linking.proposals import Proposal
    from whereas.validation.checked_project import CheckedProject

FILE = "data/links/wikidata.sssom.tsv"
WIKIDATA = "https://query.wikidata.org/sparql"
MAX_MATCHES = 5  # printed a proposal


def source_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where items are looked up."""
    for decorator in (
        option("--offline", is_flag=True, help="Send no requests: use cached responses only."),
        option(
            "--extract", type=click.Path(path_type=Path), help="Look up items in this file of Wikidata entity JSON."
        ),
        option("--endpoint", metavar="URL", default=WIKIDATA, show_default=True, help="Query this SPARQL endpoint."),
    ):
        function = decorator(function)
    return function


@click.group(cls=Group)
def link() -> None:
    """Link entities to Wikidata: proposals are computed, decisions are made by people."""


@link.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@source_options
@option("--reconcile", metavar="URL", help="Query this reconciliation service (API 0.2) instead.")
@option("--write", is_flag=True, help="Write the proposals to the links file, as rows without a reviewer.")
@option(
    "--accept", type=click.IntRange(min=80), metavar="SCORE",
    help="Accept matches with this score or more, at least 80; requires --by.",
)  # fmt: skip
@option("--by", metavar="NAME", help="The entity responsible for accepted links, such as ent:editors.")
@command
def propose(
    context: CommandContext, names: tuple[str, ...], endpoint: str, extract: Path | None, reconcile: str | None,
    offline: bool, write: bool, accept: int | None, by: str | None,
) -> None:  # fmt: skip
    """Propose items for entities without a decided link, each with its reasons.

    Nothing is written without --write or --accept. A person is never accepted by name alone.
    """
    from whereas.iris import compact
    from whereas.linking import proposals as linking

    if (accept is None) != (by is None):
        raise ArgumentError(Message("--accept and --by require each other"))
    checked = context.require_valid
    prefixes = checked.rules.prefixes
    agent = compact(linking.expand_agent(checked, by), prefixes) if by else ""
    iris = _resolve(checked, names)
    source = _item_source(checked, endpoint, extract, offline, reconcile or "")
    proposals = linking.propose(checked, source, iris, accept)
    for iri in sorted({*iris} - {proposal.record.iri for proposal in proposals}):
        context.print_message(Message("{name}: already linked", name=compact(iri, prefixes)))
    for proposal in proposals:
        if proposal.matches or names:
            _print_proposal(checked, proposal)
    unmatched = sum(not proposal.matches for proposal in proposals)
    if unmatched and not names:
        context.print_message(
            Message("{count} of {all} entities: no match", count=number(unmatched), all=number(len(proposals)))
        )
    if write or accept is not None:
        accepted = [proposal for proposal in proposals if proposal.accepted]
        proposed, decided = linking.write_proposals(checked, proposals if write else accepted, agent)
        context.print_message(
            Message("{file}: {proposed} proposed, {decided} decided", file=FILE, proposed=proposed, decided=decided)
        )
    if any(proposal.matches for proposal in proposals):
        context.print_message(
            Message(
                "Next: decide the proposals with 'whereas link review'"
                if write
                else "Next: write the proposals to the links file with --write"
            )
        )


@link.command()
@option("--accept", nargs=2, metavar="NAME QID", help="Decide that the entity is this item.")
@option("--reject", nargs=2, metavar="NAME QID", help="Decide that the entity is not this item.")
@option("--by", required=True, metavar="NAME", help="The entity that decides, such as ent:editors.")
@option("--because", metavar="TEXT", help="The reason, written with the decision.")
@option("--confidence", type=click.FloatRange(0, 1), help="Confidence, from 0 to 1.")
@command
def review(
    context: CommandContext, accept: tuple[str, str] | None, reject: tuple[str, str] | None, by: str,
    because: str | None, confidence: float | None,
) -> None:  # fmt: skip
    """Decide proposals one by one, or a single pair with --accept or --reject.

    Also works when links of the project have violations, so that a wrong decision can be reversed.
    """
    from whereas.linking.proposals import decide, expand_agent
    from whereas.rdf.wikibase import is_qid

    checked = context.require_valid_sources
    expand_agent(checked, by)
    if accept and reject:
        raise ArgumentError(Message("--accept and --reject cannot be used together"))
    pair = accept or reject
    if not pair:
        if because or confidence is not None:
            raise ArgumentError(Message("--because and --confidence require --accept or --reject"))
        from whereas.cli.link_review import review_proposals

        review_proposals(context, checked, by)
        return
    if not because:
        raise ArgumentError(Message("--because: expected a reason, such as 'same date of birth'"))
    (iri,), qid = _resolve(checked, pair[:1]), pair[1].removeprefix("wd:")
    if not is_qid(qid):
        raise ArgumentError(Message("expected an item such as Q42, got '{got}'", got=pair[1]))
    decide(checked, iri, qid, by, because, bool(accept), f"{confidence:g}" if confidence is not None else "")
    context.print_message(
        Message(
            "{name} is {item}: written to {file}" if accept else "{name} is not {item}: written to {file}",
            name=pair[0],
            item=f"wd:{qid}",
            file=FILE,
        )
    )


@link.command()
@source_options
@option("--live", is_flag=True, help="Request the targets in other datasets too (European Parliament, EuroVoc…).")
@option("--record", is_flag=True, help="Record the findings for the report and the pages.")
@format_option
@command
def check(
    context: CommandContext, endpoint: str, extract: Path | None, offline: bool, live: bool, record: bool,
    report_format: str,
) -> None:  # fmt: skip
    """Check decided links: the target exists, does not redirect, and agrees with the entity.

    Cached responses are not used, unless --offline.
    """
    from whereas.linking.verification import today, verify

    if live and offline:
        raise ArgumentError(Message("--live and --offline cannot be used together"))
    checked = context.check()
    if not all(summary.is_sound for summary in checked.summaries):
        checked = context.require_valid  # raises the error
    source = _item_source(checked, endpoint, extract, offline, use_cached=False)
    findings, day = verify(checked, source, live)
    if record:
        from whereas.linking.records import read_all_links
        from whereas.project.link_findings import write_last_check

        write_last_check(checked.project, read_all_links(checked), findings, day)
    print_report(findings, report_format)
    violations = sum(finding.severity == "Violation" for finding in findings)
    if report_format == "text":
        context.print_message(
            Message(
                "{violations}, {warnings}",
                violations=Message("{count} violation", "{count} violations", count=violations),
                warnings=Message("{count} warning", "{count} warnings", count=len(findings) - violations),
            )
        )
        if day != today():
            context.print_message(Message("Wikidata data of {day}", day=day))
    sys.exit(FINDINGS if violations else 0)


@link.command()
@source_options
@command
def enrich(context: CommandContext, endpoint: str, extract: Path | None, offline: bool) -> None:
    """Record statements about linked items in data/wikidata/, published as a graph of their own."""
    from whereas.linking import enrichment

    checked = context.require_valid
    result = enrichment.enrich(checked, _item_source(checked, endpoint, extract, offline))
    items = Message("{count} item", "{count} items", count=result.recorded)
    context.print_message(Message("data/wikidata/items.jsonl: {items}", items=items))
    if result.unchanged:
        items = Message("{count} linked item", "{count} linked items", count=result.unchanged)
        context.print_message(Message("{items} not in this source: earlier record kept", items=items))
    if result.unavailable:
        items = Message("{count} linked item", "{count} linked items", count=result.unavailable)
        context.print_message(Message("{items} not available: see 'whereas link check'", items=items))


@link.command()
@source_options
@option("--format", "output_format", type=click.Choice(["v1", "csv"]), default="v1", help="QuickStatements format.")
@command
def quickstatements(
    context: CommandContext, endpoint: str, extract: Path | None, offline: bool, output_format: str
) -> None:
    """Print QuickStatements that add what Wikidata lacks: labels and official identifiers, with references."""
    from whereas.linking.quickstatements import as_csv, as_v1, edits, fits_v1

    checked = context.require_valid
    missing = edits(checked, _item_source(checked, endpoint, extract, offline))
    echo_data((as_v1 if output_format == "v1" else as_csv)(missing), output_format)
    for edit in missing if output_format == "v1" else ():
        if not fits_v1(edit):
            message = Message(
                "{item}: left out: v1 takes the bar in '{value}' for a tab; write it with --format csv",
                item=edit.qid,
                value=" ".join(edit.value.split()),
            )
            echo(message.in_language(reader_language()), err=True)


# -------------------------------------------------------------------- shared by these commands


def _item_source(
    checked: CheckedProject,
    endpoint: str,
    extract: Path | None,
    offline: bool,
    reconcile: str = "",
    *,
    use_cached: bool = True,
) -> ItemSource:
    """Return the source that the options choose; without `use_cached`, it uses cached responses only when `offline`."""
    from datetime import timedelta

    from whereas.cache import Cache
    from whereas.http.response_cache import MAX_AGE, ResponseCache
    from whereas.linking.item_sources import LANGUAGES, Endpoint, Extract
    from whereas.linking.reconciliation_client import ReconciliationClient
    from whereas.linking.records import languages

    if extract:
        return Extract(extract)
    project = checked.project
    responses = ResponseCache(Cache(project.cache_dir / "answers"), offline, MAX_AGE if use_cached else timedelta(0))
    contact = project.contact or project.homepage
    if reconcile:
        return ReconciliationClient(reconcile, responses, contact)
    return Endpoint(endpoint, tuple(dict.fromkeys((*languages(checked), *LANGUAGES))), responses, contact)


def _resolve(checked: CheckedProject, names: tuple[str, ...]) -> tuple[str, ...]:
    from whereas.validation.description import find

    graph = checked.graph()
    return tuple(find(graph, name, checked.rules.prefixes, checked.project.base) for name in names)


def _print_proposal(checked: CheckedProject, proposal: Proposal) -> None:
    from whereas.iris import compact

    record = proposal.record
    name = compact(record.iri, checked.rules.prefixes)
    label = record.labels.get(reader_language()) or next(iter(record.labels.values()))
    echo(f"{name}  {label}{'' if proposal.matches else gettext(': no match')}", bold=True)
    for match in proposal.matches[:MAX_MATCHES]:
        _print_match(match, gettext(" accepted") if match is proposal.accepted else "")


def _print_match(match: Match, suffix: str) -> None:
    echo(f"  {match.item.qid}  {match.item.name(reader_language())}  {match.score}{suffix}")
    for reason in match.reasons:
        echo(f"    {reason.points:+4}  {reason.message.in_language(reader_language())}")
