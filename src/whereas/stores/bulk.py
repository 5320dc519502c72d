"""Write the project as files for a store's own bulk loader, with the commands that load them.

For what HTTP is too slow for: hundreds of millions of quads. `whereas load` afterwards compares the store
with the project, and marks its graphs as complete.
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

FILE_BYTES = 256 * 2**20  # of N-Quads in a file: loaders read several files at a time
_QUADS = re.compile(r"\d{4,}\.nq\.gz(\.part)?")
_QLEVER_INDEX = "whereas."  # what the names of its files start with; a server may have them open
_GZIP_LEVEL = 1  # a higher one takes longer than the loading

_OXIGRAPH = """#!/bin/sh
# Loads the files into an Oxigraph store: sh oxigraph.sh LOCATION. No server may have it open.
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
# Loads the files into a TDB2 database of Jena: sh tdb2.sh LOCATION. No server may have it open.
# Jena cannot read files in a folder whose name contains a space.
set -eu
tdb2.tdbloader --loader=parallel --loc "$1" "$(dirname "$0")"/*.nq.gz
"""
_QLEVER = """# Settings of QLever, in this folder: qlever index && qlever start --access-token "$WHEREAS_QLEVER_TOKEN"
# Updates need the token; without PERSIST_UPDATES they are lost when the server restarts.
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
    """The files of N-Quads written, and by store the command that loads them."""

    files: tuple[Path, ...]
    quads: int
    commands: dict[str, str]


def write_bulk(checked: CheckedProject, folder: Path, progress: Progress = silent) -> BulkExport:
    """Write the project and the loaders' commands to `folder`, in the place of what an older call wrote there.

    Raise `WhereasError` when the folder holds anything else, or cannot be written.
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
            if path.name.startswith(_QLEVER_INDEX):
                continue
            if path.name not in scripts and not _QUADS.fullmatch(path.name):
                raise WhereasError(Message("{path}: not a file of a bulk export; choose an empty folder", path=path))
        for path in folder.iterdir():
            if not path.name.startswith(_QLEVER_INDEX):
                path.unlink()
        files = tuple(_write_files(folder, _contents(checked, progress)))
        for name, text in scripts.items():
            (folder / name).write_text(text, "utf-8")
    except OSError as problem:
        path, reason = problem.filename or folder, problem.strerror
        raise WhereasError(Message("{path}: cannot be written: {reason}", path=path, reason=reason)) from None
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
    """Write files of at most `FILE_BYTES` bytes and one graph more; each gets its name once it is complete."""
    chunks = iter(contents)
    chunk = next(chunks, b"")
    number = 0
    while chunk:
        number += 1
        path = folder / f"{number:04}.nq.gz"
        part = path.with_name(f"{path.name}.part")
        size = 0
        with part.open("wb") as raw, gzip.GzipFile("", "wb", _GZIP_LEVEL, raw, mtime=0) as file:
            while chunk and size < FILE_BYTES:
                file.write(chunk)
                size += len(chunk)
                chunk = next(chunks, b"")
        shutil.move(part, path)
        yield path
