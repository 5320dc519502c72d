"""The release as files for a store's own bulk loader, and the commands that load them.

For what HTTP is too slow for: hundreds of millions of quads. `whereas load` afterwards compares what the
store holds with the release, and writes down that it is whole.
"""

from __future__ import annotations

import gzip
import re
import shlex
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from whereas.errors import WhereasError
from whereas.i18n import Message
from whereas.parallel import Progress, silent
from whereas.validation.checked_project import CheckedProject

PART = 256 * 2**20  # bytes of N-Quads in a file: loaders read several files side by side
_OURS = re.compile(r"\d{4,}\.nq\.gz(\.part)?")
_OF_QLEVER = "whereas."  # what the names of the files of its index start with, a server may have them open
_LEVEL = 1  # of gzip: the disk gains by it, a higher one takes longer than the loading

_OXIGRAPH = """#!/bin/sh
# Loads the files into an Oxigraph store: sh oxigraph.sh LOCATION. No server may have it open meanwhile.
set -eu
oxigraph load --location "$1" --file "$(dirname "$0")"/*.nq.gz
"""
_VIRTUOSO = """-- Loads the files into Virtuoso 7: isql 1111 dba PASSWORD virtuoso.sql (isql-vt in Debian).
-- DirsAllowed in virtuoso.ini must name the folder. On many cores: rdf_loader_run() in several isql at once.
DELETE FROM DB.DBA.LOAD_LIST WHERE starts_with(ll_file, '{folder}/') = 1;
ld_dir('{folder}', '*.nq.gz', '');
rdf_loader_run();
checkpoint;
SELECT ll_file, ll_error FROM DB.DBA.LOAD_LIST WHERE starts_with(ll_file, '{folder}/') = 1 AND ll_error IS NOT NULL;
"""
_TDB2 = """#!/bin/sh
# Loads the files into a TDB2 database of Jena: sh tdb2.sh LOCATION. No server may have it open meanwhile.
# It takes no file in a folder whose name has a space in it.
set -eu
tdb2.tdbloader --loader=parallel --loc "$1" "$(dirname "$0")"/*.nq.gz
"""
_QLEVER = """# Settings of QLever, in this folder: qlever index && qlever start --access-token "$WHEREAS_QLEVER_TOKEN"
# Who has the token may update; without PERSIST_UPDATES a restart forgets what they did.
[data]
NAME        = whereas
DESCRIPTION = {base}
FORMAT      = nq

[index]
INPUT_FILES     = *.nq.gz
CAT_INPUT_FILES = zcat ${{INPUT_FILES}}
SETTINGS_JSON   = {{ "num-triples-per-batch": 1000000 }}

[server]
PORT            = 7019
PERSIST_UPDATES = true

[runtime]
SYSTEM = docker
IMAGE  = docker.io/adfreiburg/qlever:latest
"""


@dataclass(frozen=True)
class BulkExport:
    """What was written: files of N-Quads, and by store the command that loads them."""

    files: tuple[Path, ...]
    quads: int
    commands: dict[str, str]


def write_bulk(checked: CheckedProject, folder: Path, progress: Progress = silent) -> BulkExport:
    """`folder` holds the release and the loaders' commands; it is new, empty, or holds an older release.

    Raises `WhereasError` when it holds anything else, or cannot be written.
    """
    scripts = {
        "oxigraph.sh": _OXIGRAPH,
        "virtuoso.sql": _VIRTUOSO.format(folder=str(folder.resolve()).replace("'", "''")),
        "tdb2.sh": _TDB2,
        "Qleverfile": _QLEVER.format(base=checked.project.base),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            if path.name.startswith(_OF_QLEVER):
                continue
            if path.name not in scripts and not _OURS.fullmatch(path.name):
                raise WhereasError(Message("{path}: not of a release; give an empty folder", path=path))
        for path in folder.iterdir():
            if not path.name.startswith(_OF_QLEVER):
                path.unlink()
        files = tuple(_write_files(folder, _contents(checked, progress)))
        for name, text in scripts.items():
            (folder / name).write_text(text, "utf-8")
    except OSError as problem:
        place, told = problem.filename or folder, problem.strerror
        raise WhereasError(Message("{place}: cannot be written: {told}", place=place, told=told)) from None
    commands = {
        "Oxigraph": f"sh {shlex.quote(str(folder / 'oxigraph.sh'))} LOCATION",
        "Virtuoso": f"isql 1111 dba PASSWORD {shlex.quote(str(folder / 'virtuoso.sql'))}",
        "Jena TDB2": f"sh {shlex.quote(str(folder / 'tdb2.sh'))} LOCATION",
        "QLever": f'cd {shlex.quote(str(folder))} && qlever index && qlever start --access-token "$WHEREAS_QLEVER_TOKEN"',
    }
    return BulkExport(files, sum(summary.triples for summary in checked.summaries), commands)


def _contents(checked: CheckedProject, progress: Progress) -> Iterator[bytes]:
    for count, summary in enumerate(checked.summaries, 1):
        yield checked.cache.latest("quads", summary.name)
        progress("writing", count, len(checked.summaries))


def _write_files(folder: Path, contents: Iterable[bytes]) -> Iterator[Path]:
    """Files of at most `PART` bytes and one graph more; each has its name once it is whole."""
    pieces = iter(contents)
    piece = next(pieces, b"")
    number = 0
    while piece:
        number += 1
        path = folder / f"{number:04}.nq.gz"
        unfinished = path.with_name(f"{path.name}.part")
        size = 0
        with unfinished.open("wb") as raw, gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as file:
            while piece and size < PART:
                file.write(piece)
                size += len(piece)
                piece = next(pieces, b"")
        shutil.move(unfinished, path)
        yield path
