"""`whereas link review`: proposals decided one by one at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from whereas.cli.command import echo
from whereas.errors import ArgumentError
from whereas.i18n import Message, gettext, number, reader_language

if TYPE_CHECKING:
    from whereas.cli.command import CommandContext
    from whereas.project.sssom import Link
    from whereas.validation.checked_project import CheckedProject

MAX_QUOTES = 3  # passages shown a proposal


def review_proposals(context: CommandContext, checked: CheckedProject, by: str) -> None:
    """Show each proposal with its evidence and write the decision of `by`, until the last one or `q`."""
    from whereas.linking.proposals import decide
    from whereas.linking.records import read_all_links
    from whereas.rdf.wikibase import ENTITY

    proposals = [
        link for link in read_all_links(checked) if link.state == "proposed" and link.object.startswith(ENTITY)
    ]
    reviewed, linked = 0, set()
    for count, proposal in enumerate(proposals, 1):
        if proposal.subject in linked:
            continue
        reviewed += 1
        echo(gettext("{count} of {all}", count=number(count), all=number(len(proposals))), dim=True)
        _print_evidence(checked, proposal)
        qid = proposal.object.removeprefix(ENTITY)
        while (choice := _choice()) == "o":
            click.launch(f"https://www.wikidata.org/wiki/{qid}")
        if choice == "q":
            break
        if choice in ("a", "r"):
            because = click.prompt(gettext("because"), value_proc=_reason)
            try:
                decide(checked, proposal.subject, qid, by, because, choice == "a")
            except ArgumentError as error:  # it contradicts another decision; the next one may not
                echo(error.message.in_language(reader_language()), err=True)
                continue
            if choice == "a":
                linked.add(proposal.subject)
    context.print_message(Message("{count} proposal reviewed", "{count} proposals reviewed", count=reviewed))


def _reason(text: str) -> str:
    """Return the reason as a table cell; raise `click.UsageError` when it cannot be one: click prompts again."""
    from whereas.project.sssom import cell

    try:
        return cell(text, gettext("because"))
    except ArgumentError as error:
        raise click.UsageError(error.message.in_language(reader_language())) from None


def _choice() -> str:
    choice: str = click.prompt(
        gettext("[a]ccept, [r]eject, [s]kip, [o]pen the item, [q]uit"),
        type=click.Choice(["a", "r", "s", "o", "q"], case_sensitive=False),
        show_choices=False,
    )
    return choice


def _print_evidence(checked: CheckedProject, proposal: Link) -> None:
    """Print the entity with passages that mention it, then the item with the reasons for the match."""
    from whereas.rdf.terms import value_of
    from whereas.validation.description import around, describe

    graph, row = checked.graph(), proposal.row
    entity = describe(graph, proposal.subject, reader_language(), checked.project.vocabulary)
    entity_heading, item_heading = gettext("entity"), gettext("item")
    width = max(len(entity_heading), len(item_heading))
    echo(f"{entity_heading:<{width}} {row['subject_id']}  {entity.label or row['subject_label']}")
    quotes: set[str] = set()
    for subject, _, _, _ in around(graph, proposal.subject).triples:
        if len(quotes) < MAX_QUOTES and value_of(subject) != proposal.subject:
            passages = describe(graph, value_of(subject), reader_language(), checked.project.vocabulary).passages
            for words in {passage.exact for passage in passages[:1]} - quotes:
                echo(f"{'':<{width}}   {gettext('“{words}”', words=words)}")
                quotes.add(words)
    confidence = gettext("confidence {value}", value=row.get("confidence", ""))
    echo(f"{item_heading:<{width}} {row['object_id']}  {row.get('object_label', '')}  {confidence}")
    echo(f"{'':<{width}}   {row.get('comment', '')}")
