"""`whereas load`: the project into a triple store, or into files for its bulk loader."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from whereas.cli.session import Command, CommandContext, command, option
from whereas.errors import ArgumentError, CorruptCacheError, WhereasError
from whereas.http.urls import without_credentials
from whereas.i18n import Message, gettext, ngettext, number, reader_language

if TYPE_CHECKING:
    from whereas.stores.loader import Loader, Plan


@click.command(cls=Command)
@click.argument("target", required=False)
@option("--dry-run", is_flag=True, help="Say what would be sent and dropped, and stop.")
@option("--verify", is_flag=True, help="Read back and compare the graphs that the manifest calls whole, too.")
@option("--prune", is_flag=True, help="Drop the graphs of ours that the project no longer has.")
@option(
    "--protocol",
    type=click.Choice(["gsp", "update"]),
    help="Graph Store Protocol, or Update (default: the store is asked).",
)
@option(
    "--bulk",
    type=click.Path(path_type=Path),
    is_flag=False,
    flag_value=Path("bulk"),
    metavar="[FOLDER]",
    help="Write files for the stores' own bulk loaders, and their commands, into FOLDER (default: bulk).",
)
@option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="For people, or programs.")
@command
def load(
    session: CommandContext,
    target: str | None,
    dry_run: bool,
    verify: bool,
    prune: bool,
    protocol: str | None,
    bulk: Path | None,
    form: str,
) -> None:
    """Send the project to a triple store: the graphs that changed, each whole, read back and compared.

    TARGET is a name in [tool.whereas.stores], or the address of an Oxigraph or Virtuoso server. What was
    stopped half-way goes on when it is run again.
    """
    if (bulk is None) == (target is None):
        raise click.UsageError(gettext("expected TARGET, or --bulk FOLDER"))
    for name, given in (("dry-run", dry_run), ("verify", verify), ("prune", prune), ("protocol", protocol)):
        if given and bulk is not None:
            raise click.UsageError(
                gettext("--bulk writes files and asks no store: --{option} says nothing to it", option=name)
            )
    with _problem_in(form):
        if bulk is not None:
            _write(session, bulk, form)
        elif target is not None:
            _send(session, target, form, dry_run=dry_run, verify=verify, prune=prune, protocol=protocol or "")


@contextmanager
def _problem_in(form: str) -> Iterator[None]:
    """For programs, what went wrong is in the answer too."""
    try:
        yield
    except CorruptCacheError:
        raise  # the work is done again
    except WhereasError as problem:
        if form == "json":
            click.echo(json.dumps({"problem": problem.message.in_language(reader_language())}, ensure_ascii=False))
        raise


def _send(
    session: CommandContext, name: str, form: str, *, dry_run: bool, verify: bool, prune: bool, protocol: str
) -> None:
    from whereas.stores.loader import Loader
    from whereas.stores.settings import read_store_config
    from whereas.stores.store import Store

    def wait(address: str, seconds: float) -> None:
        if seconds > 1 and not session.quiet:
            told = gettext("{address}: busy, waiting {seconds} s", address=address, seconds=number(seconds))
            click.echo(told, err=True)

    checked = session.require_valid
    with Store(read_store_config(checked.project, name), protocol, wait) as store:
        prune = prune or store.config.prune
        work = Loader(checked, store)
        plan = work.plan(verify)
        sent = plan.send
        with session.progress(lines=True) as progress:
            if dry_run and verify:
                plan = work.compare(plan, progress)
                sent = plan.send
            elif not dry_run:
                with session.timed(gettext("loaded")):
                    sent = work.run(plan, prune, progress)
    if form == "json":
        told = {"send": sent, "compare": plan.compare, "unchanged": len(plan.unchanged), "gone": plan.gone}
        dropped = plan.gone if prune else ()
        click.echo(json.dumps({"dryRun": dry_run, "prune": prune, **told, "dropped": dropped}, indent=2))
    else:
        _say(session, work, plan, sent, dry_run=dry_run, prune=prune)


def _say(
    session: CommandContext, work: Loader, plan: Plan, sent: tuple[str, ...], *, dry_run: bool, prune: bool
) -> None:
    """What was done, or would be, graph by graph, and all of it in one line."""
    for graph in sent:
        triples = ngettext("{count} triple", "{count} triples", work.sizes[graph])
        session.say(
            "would send {graph}: {triples}" if dry_run else "sent {graph}: {triples}", graph=graph, triples=triples
        )
    for graph in plan.gone:
        if prune:
            session.say("would drop {graph}" if dry_run else "dropped {graph}", graph=graph)
        else:
            session.say("no longer ours, kept without --prune: {graph}", graph=graph)
    size, same = sum(work.sizes[graph] for graph in sent), len(plan.unchanged)
    told = [ngettext("{count} graph", "{count} graphs", len(sent))]
    if dry_run:
        told.append(ngettext("{count} triple to send", "{count} triples to send", size))
    else:
        told.append(ngettext("{count} triple sent", "{count} triples sent", size))
    if whole := len(set(plan.compare) - set(sent)):
        told.append(gettext("{count} to compare" if dry_run else "{count} found whole", count=number(whole)))
    told.append(ngettext("{count} unchanged", "{count} unchanged", same))
    if prune and plan.gone:
        told.append(gettext("{count} to drop" if dry_run else "{count} dropped", count=number(len(plan.gone))))
    session.say("{line}", line=", ".join(told))


def _write(session: CommandContext, folder: Path, form: str) -> None:
    from whereas.stores.bulk import write_bulk

    if str(folder) in session.project().stores or ":/" in str(folder):
        raise ArgumentError(
            Message("--bulk takes a folder, and '{folder}' is a store", folder=without_credentials(str(folder)))
        )
    checked = session.require_valid
    with session.timed(gettext("written")), session.progress() as progress:
        made = write_bulk(checked, folder, progress)
    if form == "json":
        told = {"files": [str(path) for path in made.files], "quads": made.quads, "commands": made.commands}
        click.echo(json.dumps(told, indent=2))
        return
    session.say(
        "{folder}: {files}, {quads} quads, {size} MB. Then, as your store is:",
        folder=folder,
        files=ngettext("{count} file", "{count} files", len(made.files)),
        quads=number(made.quads),
        size=number(sum(path.stat().st_size for path in made.files) / 1e6, 1),
    )
    for store, line in made.commands.items():
        session.say("{line}", line=f"  {store:<10} {line}")
