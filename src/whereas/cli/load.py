"""`whereas load`: the project into a triple store, or into files for bulk loaders."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from whereas.cli.command import Command, CommandContext, command, echo, echo_data, option
from whereas.errors import ArgumentError, CorruptCacheError, WhereasError
from whereas.http.urls import without_credentials
from whereas.i18n import Message, gettext, ngettext, number, reader_language

if TYPE_CHECKING:
    from whereas.stores.loader import Loader, Plan


@click.command(cls=Command)
@click.argument("target", required=False)
@option("--dry-run", is_flag=True, help="Print what would be sent and dropped, and exit.")
@option("--verify", is_flag=True, help="Read back and compare graphs that the manifest records as complete, too.")
@option("--prune", is_flag=True, help="Drop graphs that are no longer in the project.")
@option(
    "--protocol",
    type=click.Choice(["gsp", "update"]),
    help="Graph Store Protocol or SPARQL Update (default: detected).",
)
@option(
    "--bulk",
    type=click.Path(path_type=Path),
    is_flag=False,
    flag_value=Path("bulk"),
    metavar="[FOLDER]",
    help="Write files for bulk loaders into FOLDER (default: bulk), and print the commands that load them.",
)
@option("--format", "output_format", type=click.Choice(["text", "json"]), default="text", help="Output format.")
@command
def load(
    context: CommandContext,
    target: str | None,
    dry_run: bool,
    verify: bool,
    prune: bool,
    protocol: str | None,
    bulk: Path | None,
    output_format: str,
) -> None:
    """Load the project into a triple store: changed graphs are replaced, read back and compared.

    TARGET is a name in [tool.whereas.stores], or the URL of an Oxigraph or Virtuoso server. An interrupted
    load continues when it is run again.
    """
    if (bulk is None) == (target is None):
        raise click.UsageError(gettext("expected TARGET, or --bulk FOLDER"))
    for name, value in (("dry-run", dry_run), ("verify", verify), ("prune", prune), ("protocol", protocol)):
        if value and bulk is not None:
            raise click.UsageError(gettext("--{option} cannot be used with --bulk", option=name))
    with _error_as_json(output_format):
        if bulk is not None:
            _write(context, bulk, output_format)
        elif target is not None:
            _send(context, target, output_format, dry_run=dry_run, verify=verify, prune=prune, protocol=protocol or "")


def _echo_json(data: Mapping[str, object], indent: int | None = None) -> None:
    echo_data(json.dumps(data, ensure_ascii=False, indent=indent) + "\n", "json")


@contextmanager
def _error_as_json(output_format: str) -> Iterator[None]:
    """Print an error in the JSON output too."""
    try:
        yield
    except CorruptCacheError:
        raise  # the command is run again
    except WhereasError as error:
        if output_format == "json":
            _echo_json({"problem": error.message.in_language(reader_language())})
        raise


def _send(
    context: CommandContext, name: str, output_format: str, *, dry_run: bool, verify: bool, prune: bool, protocol: str
) -> None:
    from whereas.stores.loader import Loader
    from whereas.stores.settings import read_store_config
    from whereas.stores.store import Store

    def report_wait(address: str, seconds: float) -> None:
        if seconds > 1 and not context.quiet:
            line = gettext("{address}: busy, waiting {seconds} s", address=address, seconds=number(seconds))
            echo(line, err=True)

    checked = context.require_valid
    with Store(read_store_config(checked.project, name), protocol, report_wait) as store:
        prune = prune or store.config.prune
        loader = Loader(checked, store)
        plan = loader.plan(verify)
        sent = plan.send
        with context.progress(lines=True) as progress:
            if dry_run and verify:
                plan = loader.compare(plan, progress)
                sent = plan.send
            elif not dry_run:
                with context.timed(gettext("loaded")):
                    sent = loader.run(plan, prune, progress)
    if output_format == "json":
        graphs = {"send": sent, "compare": plan.compare, "unchanged": len(plan.unchanged), "gone": plan.gone}
        dropped = plan.gone if prune else ()
        _echo_json({"dryRun": dry_run, "prune": prune, **graphs, "dropped": dropped}, indent=2)
    else:
        _print_load(context, loader, plan, sent, dry_run=dry_run, prune=prune)


def _print_load(
    context: CommandContext, loader: Loader, plan: Plan, sent: tuple[str, ...], *, dry_run: bool, prune: bool
) -> None:
    """Print one line a graph, and one with the totals."""
    for graph in sent:
        context.print_message(
            Message(
                "would send {graph}: {triples}" if dry_run else "sent {graph}: {triples}",
                graph=graph,
                triples=Message("{count} triple", "{count} triples", count=loader.sizes[graph]),
            )
        )
    for graph in plan.gone:
        if prune:
            context.print_message(Message("would drop {graph}" if dry_run else "dropped {graph}", graph=graph))
        else:
            context.print_message(Message("no longer in the project, kept without --prune: {graph}", graph=graph))
    size = sum(loader.sizes[graph] for graph in sent)
    totals = [ngettext("{count} graph", "{count} graphs", len(sent))]
    if dry_run:
        totals.append(ngettext("{count} triple to send", "{count} triples to send", size))
    else:
        totals.append(ngettext("{count} triple sent", "{count} triples sent", size))
    if complete := len(set(plan.compare) - set(sent)):
        totals.append(gettext("{count} to compare" if dry_run else "{count} verified", count=number(complete)))
    totals.append(ngettext("{count} unchanged", "{count} unchanged", len(plan.unchanged)))
    if prune and plan.gone:
        totals.append(gettext("{count} to drop" if dry_run else "{count} dropped", count=number(len(plan.gone))))
    context.print_message(", ".join(totals))


def _write(context: CommandContext, folder: Path, output_format: str) -> None:
    from whereas.stores.bulk import write_bulk

    if str(folder) in context.project().stores or ":/" in str(folder):
        raise ArgumentError(
            Message("--bulk takes a folder, and '{folder}' is a store", folder=without_credentials(str(folder)))
        )
    checked = context.require_valid
    with context.timed(gettext("written")), context.progress() as progress:
        export = write_bulk(checked, folder, progress)
    if output_format == "json":
        files = [str(path) for path in export.files]
        _echo_json({"files": files, "quads": export.quads, "commands": export.commands}, indent=2)
        return
    context.print_message(
        Message(
            "{folder}: {files}, {quads} quads, {size} MB. Load them with the command of your store:",
            folder=folder,
            files=Message("{count} file", "{count} files", count=len(export.files)),
            quads=number(export.quads),
            size=number(sum(path.stat().st_size for path in export.files) / 1e6, 1),
        )
    )
    for store, line in export.commands.items():
        context.print_message(f"  {store:<10} {line}")
