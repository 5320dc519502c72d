"""Proposals decided one by one, by a person at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from whereas.errors import ArgumentError
from whereas.i18n import gettext, ngettext, number, reader_language

if TYPE_CHECKING:
    from whereas.cli.session import CommandContext
    from whereas.project.sssom import Link
    from whereas.validation.checked_project import CheckedProject


def review(session: CommandContext, checked: CheckedProject, by: str) -> None:
    """Show each proposal with its evidence, and take the decision of `by`; it ends with the last, or with `q`."""
    from whereas.linking.proposals import decide
    from whereas.linking.records import read_all_links
    from whereas.rdf.wikibase import ENTITY

    waiting = [link for link in read_all_links(checked) if link.state == "proposed" and link.object.startswith(ENTITY)]
    seen, settled = 0, set()
    for count, proposal in enumerate(waiting, 1):
        if proposal.subject in settled:
            continue
        seen += 1
        click.secho(gettext("{count} of {all}", count=number(count), all=number(len(waiting))), dim=True)
        _print_evidence(checked, proposal)
        while (answer := _answer()) == "o":
            click.launch(f"https://www.wikidata.org/wiki/{proposal.object.removeprefix(ENTITY)}")
        if answer == "q":
            break
        if answer in ("a", "r"):
            because = click.prompt(gettext("because"), value_proc=_reason)
            try:
                decide(checked, proposal.subject, proposal.object.removeprefix(ENTITY), by, because, answer == "a")
            except ArgumentError as problem:  # somebody decided otherwise: the next proposal may still be decided
                click.echo(problem.message.in_language(reader_language()), err=True)
                continue
            settled |= {proposal.subject} if answer == "a" else set()
    session.say("{seen}", seen=ngettext("{count} proposal seen", "{count} proposals seen", seen))


def _reason(text: str) -> str:
    """The reason given, asked for again where it cannot be one."""
    from whereas.project.sssom import cell

    try:
        return cell(text, gettext("because"))
    except ArgumentError as problem:
        raise click.UsageError(problem.message.in_language(reader_language())) from None


def _answer() -> str:
    told: str = click.prompt(
        gettext("[a]ccept, [r]eject, [s]kip, [o]pen the item, [q]uit"),
        type=click.Choice(["a", "r", "s", "o", "q"], case_sensitive=False),
        show_choices=False,
    )
    return told


def _print_evidence(checked: CheckedProject, proposal: Link) -> None:
    """Ours with the words that speak of it, then the item with what speaks for it."""
    from whereas.rdf.terms import value_of
    from whereas.validation.description import around, describe

    graph, row = checked.graph(), proposal.row
    ours = describe(graph, proposal.subject, reader_language(), checked.project.vocabulary)
    ours_heading, theirs_heading = gettext("ours"), gettext("theirs")
    width = max(len(ours_heading), len(theirs_heading))
    click.echo(f"{ours_heading:<{width}} {row['subject_id']}  {ours.label or row['subject_label']}")
    shown: set[str] = set()
    for subject, _, _, _ in around(graph, proposal.subject).triples:
        if len(shown) < 3 and value_of(subject) != proposal.subject:
            passages = describe(graph, value_of(subject), reader_language(), checked.project.vocabulary).passages
            for words in {passage.exact for passage in passages[:1]} - shown:
                click.echo(f"{'':<{width}}   {gettext('“{words}”', words=words)}")
                shown.add(words)
    confidence = gettext("confidence {value}", value=row.get("confidence", ""))
    click.echo(f"{theirs_heading:<{width}} {row['object_id']}  {row.get('object_label', '')}  {confidence}")
    click.echo(f"{'':<{width}}   {row.get('comment', '')}")
