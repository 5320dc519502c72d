"""`whereas load`: the project into a triple store, or into files for its bulk loader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from whereas.errors import Message
from whereas.session import Session, language_option, verb

if TYPE_CHECKING:
    from whereas.loading import Load, Plan


@click.command()
@click.argument("target", required=False)
@click.option("--dry-run", is_flag=True, help="Say what would be sent and dropped, and stop.")
@click.option("--prune", is_flag=True, help="Drop the graphs of ours that the project no longer has.")
@click.option(
    "--protocol",
    type=click.Choice(["gsp", "update"]),
    help="Graph Store Protocol, or Update (default: the store is asked).",
)
@click.option(
    "--bulk",
    type=click.Path(path_type=Path),
    is_flag=False,
    flag_value=Path("bulk"),
    metavar="[FOLDER]",
    help="Write files for the stores' own bulk loaders, and their commands, into FOLDER (default: bulk).",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="For people, or programs.")
@language_option
@verb
def load(
    session: Session,
    target: str | None,
    dry_run: bool,
    prune: bool,
    protocol: str | None,
    bulk: Path | None,
    form: str,
    lang: str,
) -> None:
    """Send the project to a triple store: the graphs that changed, each whole, read back and compared.

    TARGET is a name in [tool.whereas.stores], or the address of an Oxigraph or Virtuoso server. What was
    stopped half-way goes on when it is run again.
    """
    if (bulk is None) == (target is None):
        raise click.UsageError("expected TARGET, or --bulk FOLDER")
    if bulk is not None:
        _write(session, bulk, form, lang)
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
            with session.timed("loaded"), session.progress() as progress:
                sent = work.run(plan, prune, progress)
    if form == "json":
        told = {"send": sent, "compare": plan.compare, "unchanged": len(plan.unchanged), "gone": plan.gone}
        click.echo(json.dumps({"dryRun": dry_run, "prune": prune, **told}, indent=2))
    else:
        _say(session, work, plan, sent, lang, dry_run=dry_run, prune=prune)


def _say(
    session: Session, work: Load, plan: Plan, sent: tuple[str, ...], lang: str, *, dry_run: bool, prune: bool
) -> None:
    """What was done, or would be, graph by graph, and all of it in one line."""

    def say(en: str, fr: str) -> None:
        session.say(Message(en, fr).in_language(lang))

    for graph in sent:
        size = work.sizes[graph]
        en, fr = ("would send", "serait envoyé") if dry_run else ("sent", "envoyé")
        say(f"{en} {graph}: {size:,} triples", f"{fr} {graph} : {size:,} triplets")
    for graph in plan.gone:
        en, fr = ("would drop", "serait supprimé") if dry_run else ("dropped", "supprimé")
        if not prune:
            en, fr = "no longer ours, kept without --prune:", "n’est plus à nous, gardé sans --prune :"
        say(f"{en} {graph}", f"{fr} {graph}")
    count = sum(work.sizes[graph] for graph in sent)
    same, whole = len(plan.unchanged), len(set(plan.compare) - set(sent))
    en, fr = (", ", ", ")
    if whole:
        en = f", {whole:,} {'to compare' if dry_run else 'found whole'}, "
        fr = f", {whole:,} {'à comparer' if dry_run else 'trouvés entiers'}, "
    say(
        f"{len(sent):,} graphs, {count:,} triples {'to send' if dry_run else 'sent'}{en}{same:,} unchanged",
        f"{len(sent):,} graphes, {count:,} triplets {'à envoyer' if dry_run else 'envoyés'}{fr}{same:,} inchangés",
    )


def _write(session: Session, folder: Path, form: str, lang: str) -> None:
    from whereas.bulk import write_bulk

    checked = session.conforming
    with session.timed("written"), session.progress() as progress:
        made = write_bulk(checked, folder, progress)
    if form == "json":
        told = {"files": [str(path) for path in made.files], "quads": made.quads, "commands": made.commands}
        click.echo(json.dumps(told, indent=2))
        return
    size = sum(path.stat().st_size for path in made.files)
    summary = Message(
        f"{folder}: {len(made.files):,} file{'s' * (len(made.files) > 1)}, {made.quads:,} quads, {size / 1e6:.1f} MB. Then, as your store is:",
        f"{folder} : {len(made.files):,} fichier{'s' * (len(made.files) > 1)}, {made.quads:,} quads, {size / 1e6:.1f} Mo. Ensuite, selon le magasin :",
    )
    session.say(summary.in_language(lang))
    for store, command in made.commands.items():
        session.say(f"  {store:<10} {command}")
