"""`whereas load`: the project into a triple store, or into files for its bulk loader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from whereas.phrases import counted, number, said
from whereas.session import Command, Session, option, verb

if TYPE_CHECKING:
    from whereas.loading import Load, Plan


@click.command(cls=Command)
@click.argument("target", required=False)
@option("--dry-run", is_flag=True, help="Say what would be sent and dropped, and stop.")
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
@verb
def load(
    session: Session,
    target: str | None,
    dry_run: bool,
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
        raise click.UsageError(said("expected TARGET, or --bulk FOLDER"))
    if bulk is not None:
        _write(session, bulk, form)
        return
    assert target is not None
    from whereas.loading import Load
    from whereas.stores import Store
    from whereas.targets import read_target

    checked = session.conforming
    with Store(read_target(checked.project, target), protocol or "") as store:
        prune = prune or store.target.prune
        work = Load(checked, store)
        plan = work.plan()
        sent = plan.send
        if not dry_run:
            with session.timed(said("loaded")), session.progress() as progress:
                sent = work.run(plan, prune, progress)
    if form == "json":
        told = {"send": sent, "compare": plan.compare, "unchanged": len(plan.unchanged), "gone": plan.gone}
        click.echo(json.dumps({"dryRun": dry_run, "prune": prune, **told}, indent=2))
    else:
        _say(session, work, plan, sent, dry_run=dry_run, prune=prune)


def _say(session: Session, work: Load, plan: Plan, sent: tuple[str, ...], *, dry_run: bool, prune: bool) -> None:
    """What was done, or would be, graph by graph, and all of it in one line."""
    for graph in sent:
        triples = counted("{count} triple", "{count} triples", work.sizes[graph])
        session.say(
            "would send {graph}: {triples}" if dry_run else "sent {graph}: {triples}", graph=graph, triples=triples
        )
    for graph in plan.gone:
        if prune:
            session.say("would drop {graph}" if dry_run else "dropped {graph}", graph=graph)
        else:
            session.say("no longer ours, kept without --prune: {graph}", graph=graph)
    size, same = sum(work.sizes[graph] for graph in sent), len(plan.unchanged)
    told = [counted("{count} graph", "{count} graphs", len(sent))]
    if dry_run:
        told.append(counted("{count} triple to send", "{count} triples to send", size))
    else:
        told.append(counted("{count} triple sent", "{count} triples sent", size))
    if whole := len(set(plan.compare) - set(sent)):
        told.append(said("{count} to compare" if dry_run else "{count} found whole", count=number(whole)))
    told.append(counted("{count} unchanged", "{count} unchanged", same))
    session.say("{line}", line=", ".join(told))


def _write(session: Session, folder: Path, form: str) -> None:
    from whereas.bulk import write_bulk

    checked = session.conforming
    with session.timed(said("written")), session.progress() as progress:
        made = write_bulk(checked, folder, progress)
    if form == "json":
        told = {"files": [str(path) for path in made.files], "quads": made.quads, "commands": made.commands}
        click.echo(json.dumps(told, indent=2))
        return
    session.say(
        "{folder}: {files}, {quads} quads, {size} MB. Then, as your store is:",
        folder=folder,
        files=counted("{count} file", "{count} files", len(made.files)),
        quads=number(made.quads),
        size=number(sum(path.stat().st_size for path in made.files) / 1e6, 1),
    )
    for store, command in made.commands.items():
        session.say("{line}", line=f"  {store:<10} {command}")
