"""What a run has written, brought to its datastores and registered, at its end."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.data import datasets, places
from jupyter_ext.store.data.data_records import DatasetRecord, Source, WrittenOutput
from jupyter_ext.store.data.data_upload import files_inside, put, put_folder
from jupyter_ext.store.records import replace

from .data import OUTPUTS, made_since, staged

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jupyter_ext.store.data.data_records import DataInput, DataOutput
    from jupyter_ext.store.paths import RunPaths, WorkspacePaths
    from jupyter_ext.store.records import RunSpec


def collect(paths: RunPaths, spec: RunSpec, say: Callable[[str], None], *, succeeded: bool) -> None:
    """Bring a run's outputs to where they go, and register them; of a run that failed only what is mounted (v1).

    Raises
    ------
    UserErrorException
        A datastore cannot be written, or a file is there that may not be written over.
    """
    references = [one for one in spec.inputs if one.reference and one.mode == "mount"]
    if not (spec.outputs or references) or (paths.data / OUTPUTS).exists():
        return
    if paths.data.is_symlink():
        raise UserErrorException("The run's data folder has become a link: nothing is copied from it.")
    workspace = paths.workspace
    begun = paths.data / ".collecting"
    again = begun.exists()  # by a runner that was killed: what it has copied is ours
    paths.data.mkdir(exist_ok=True)
    begun.touch()
    for reference in references:
        _copy_back(paths, spec, reference, say)
    written = []
    for one in spec.outputs:
        if one.mode == "mount" or succeeded:
            _copy(paths, spec, one, say, again=again)
        if succeeded and not one.reference:
            written.append(WrittenOutput(name=one.name, dataset=_dataset(workspace, spec, one)))
    replace(paths.data / OUTPUTS, msgspec.json.encode(written))
    begun.unlink()


def _copy(paths: RunPaths, spec: RunSpec, one: DataOutput, say: Callable[[str], None], *, again: bool) -> None:
    place = places.datastore_place(paths.workspace, one.datastore).under(one.path)
    folder = staged(paths, spec, one, place)
    if folder is None or not folder.is_dir():
        return
    overwrite = one.overwrite or one.mode == "mount" or again
    count = put_folder(folder, place, overwrite=overwrite, globs=one.globs, within=_limit(paths, spec))
    say(f"output {one.name}: {count} file{'' if count == 1 else 's'} to {place.address}")
    if folder.parent in (paths.data, paths.written) and not one.globs:
        shutil.rmtree(folder, ignore_errors=True)


def _limit(paths: RunPaths, spec: RunSpec) -> Path | None:
    """Return the folder that links may not lead out of: elsewhere a script can name what it could not read."""
    return paths.root if spec.is_elsewhere else None


def _copy_back(paths: RunPaths, spec: RunSpec, one: DataInput, say: Callable[[str], None]) -> None:
    """Copy what the script has put beside the files of a remote data reference, which v1 mounts to be written to."""
    place = places.place_of(paths.workspace, one.dataset.sources[0])
    folder = paths.data / one.name
    if place.is_local or not folder.is_dir():
        return
    made = files_inside(made_since(paths, folder), _limit(paths, spec))
    for file in made:
        put(file, place.under(file.relative_to(folder).as_posix()))
    if made:
        say(f"data reference {one.name}: {len(made)} new file{'' if len(made) == 1 else 's'} to {place.address}")


def _dataset(workspace: WorkspacePaths, spec: RunSpec, one: DataOutput) -> DatasetRecord:
    """Return what an output is now, registered where that is asked for."""
    path = one.path
    record = one.registered
    if record is not None and record.kind == "tabular":
        table = dict(record.table)
        path = f"{path}/{table.pop('glob', '**')}"
        record = msgspec.structs.replace(record, table=table)
    source = Source(datastore=one.datastore, path=path)
    if record is None:
        return datasets.keep(workspace, DatasetRecord(kind="file", sources=[source], run_id=spec.run_id))
    whole = msgspec.structs.replace(record, sources=[source], run_id=spec.run_id, created=time.time())
    return datasets.register(workspace, whole, str(record.name), create_new_version=True, same_again=True)
