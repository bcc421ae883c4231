"""The data of a run: brought to where its script finds them, before it starts."""

from __future__ import annotations

import os
import posixpath
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.engines.container import RUN_DIR
from jupyter_ext.store.data import data_cache, data_files, places
from jupyter_ext.store.data.data_records import PLACEHOLDER, PreparedData
from jupyter_ext.store.data.datastores import StorageException
from jupyter_ext.store.records import encode, replace

from .data_links import PREPARED, remove_links

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from jupyter_ext.store.data.data_files import Entry
    from jupyter_ext.store.data.data_records import DataInput, DataOutput
    from jupyter_ext.store.data.places import Place
    from jupyter_ext.store.paths import RunPaths
    from jupyter_ext.store.records import RunSpec

_IN_CONTAINER = "/aml/data"
_REFERENCE = "AZUREML_DATAREFERENCE_"
OUTPUTS = "outputs.json"
INPUTS = "inputs.json"
_TELL_SECONDS = 3.0


def prepare(paths: RunPaths, spec: RunSpec, say: Callable[[str], None], check_canceled: Callable[[], None]) -> None:
    """Bring a run's data to this machine; another runner that comes after finds that it is done.

    Raises
    ------
    UserErrorException
        Something of it is not there, or cannot be reached.
    """
    if not (spec.inputs or spec.outputs) or (paths.data / PREPARED).exists():
        return
    work = _Preparation(paths, spec, say, check_canceled)
    for one in spec.inputs:
        check_canceled()
        work.add_input(one)
    for output in spec.outputs:
        work.add_output(output)
    replace(paths.data / INPUTS, msgspec.json.encode(work.described))
    replace(paths.data / PREPARED, encode(work.prepared()))


def fill_in(text: str, prepared: PreparedData, quote: Callable[[str], str] = str) -> str:
    """Put paths in the place of v1's placeholders, quoted as whoever reads the text needs it."""

    def value(match: re.Match[str]) -> str:
        found = prepared.values.get(match.group(1))
        return match.group() if found is None else quote(found)

    return PLACEHOLDER.sub(value, text)


def made_since(paths: RunPaths, folder: Path) -> list[Path]:
    """Return what the script has put into, or changed in, a folder that was laid out for it."""
    try:
        then = (paths.data / PREPARED).lstat().st_ctime_ns
    except FileNotFoundError:  # it has never started
        return []
    return [file for file in folder.rglob("*") if file.is_file() and file.stat().st_ctime_ns > then]


def remove_inputs(paths: RunPaths, spec: RunSpec, say: Callable[[str], None]) -> None:
    """Remove the links and copies that the run was given; what it was given stays written down.

    What a script has written beside the files of a data reference stays where it has not been copied back.
    """
    remove_links(paths)
    if paths.data.is_symlink():  # a script's doing: it would remove what is elsewhere
        return
    copied_back = (paths.data / OUTPUTS).exists()
    for one in spec.inputs:
        folder = paths.data / one.name
        if one.reference and one.mode == "mount" and not copied_back and made_since(paths, folder):
            say(f"data reference {one.name}: what the script has written was not copied back; it is kept at {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def staged(paths: RunPaths, spec: RunSpec, one: DataOutput, place: Place) -> Path | None:
    """Return the folder of this machine that an output is copied from; None where it is written in place."""
    if spec.ray:
        return paths.written / one.name
    if one.source and not Path(one.source).is_absolute():
        return paths.work / one.source
    if one.mode == "mount" and place.is_local and not one.source and not one.globs:
        return None
    return paths.data / one.name


class _Preparation:
    def __init__(
        self, paths: RunPaths, spec: RunSpec, say: Callable[[str], None], check_canceled: Callable[[], None]
    ) -> None:
        self._say = say
        self._check_canceled = check_canceled
        self._paths = paths
        self._spec = spec
        self._workspace = paths.workspace
        self._environment: dict[str, str] = {}
        self._values: dict[str, str] = {}
        self._volumes: list[str] = []
        self._links: list[tuple[str, str]] = []
        self.described: dict[str, Any] = {}

    def prepared(self) -> PreparedData:
        """Return what the launcher needs to know."""
        inputs = [one for one in self._spec.inputs if not one.reference]
        outputs = [one.name for one in self._spec.outputs if not one.reference]
        lists = {
            "AZUREML_DATASET_ENVIRONMENT_VARS": ",".join(f"{one.name}:{one.mode}" for one in inputs),
            "AZUREML_DATASET_FILE_OUTPUTS": ";".join(outputs),
        }
        environment = {**{name: value for name, value in lists.items() if value}, **self._environment}
        return PreparedData(environment=environment, values=self._values, volumes=self._volumes, links=self._links)

    def add_input(self, one: DataInput) -> None:
        """Bring an input here, and tell how many files that were; where it is here already there is nothing to do."""
        whole = self._whole(one)
        if whole is not None:
            path = self._seen(whole, one.name, "" if one.reference else ":ro")
            self._set(one.name, self._at(one.path_on_compute, path), reference=one.reference)
            return
        found = self._found(one)
        path = self._laid_out(one, found)
        if one.mode == "direct":
            self._describe(one, path, found)
            self._set(one.name, one.dataset.identity, reference=False)
        else:
            path = self._at(one.path_on_compute, path)
            path = posixpath.join(path, found[0].name) if found and self._is_single(one) else path
            self._set(one.name, path, reference=one.reference)
        self._say(f"input {one.name}: {len(found)} file{'' if len(found) == 1 else 's'}")

    def add_output(self, one: DataOutput) -> None:
        """Make the folder that an output is written to."""
        place = places.datastore_place(self._workspace, one.datastore).under(one.path)
        folder = staged(self._paths, self._spec, one, place)
        if folder is None:
            target = Path(place.path)
            target.mkdir(parents=True, exist_ok=True)
            path = self._seen(target, one.name, "")
        elif one.source and folder.is_relative_to(self._paths.work):
            self._links.append((one.source, ""))
            path = self._seen(folder, one.name, "")
        else:
            folder.mkdir(parents=True, exist_ok=True)
            path = self._at(one.source, self._seen(folder, one.name, ""))
        self._set(one.name, path, reference=one.reference)

    def _set(self, name: str, value: str, *, reference: bool) -> None:
        self._environment[f"{_REFERENCE}{name}" if reference else name] = value
        self._values[name] = value

    def _found(self, one: DataInput) -> list[Entry]:
        """Return an input's files; a data reference may lead to where nothing is yet."""
        try:
            return data_files.dataset_entries(self._workspace, one.dataset)
        except StorageException as error:
            if one.reference and isinstance(error.__cause__, FileNotFoundError):
                return []
            raise

    def _is_single(self, one: DataInput) -> bool:
        record = one.dataset
        return (
            len(record.sources) == 1
            and not record.steps
            and data_files.is_single_file(self._workspace, record.sources[0])
        )

    def _whole(self, one: DataInput) -> Path | None:
        """Return the folder of this machine that the input is as it stands, so that nothing has to be done."""
        record = one.dataset
        if len(record.sources) != 1 or record.steps or one.mode != "mount" or self._spec.ray:
            return None
        source = record.sources[0]
        place = places.place_of(self._workspace, source)
        path = place.path.removesuffix("/**")  # all that is in the folder
        if not place.is_local or data_files.has_pattern(f"/{source.path}".removesuffix("/**")):
            return None
        folder = Path(path)
        if one.reference and not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)
        return folder if folder.is_dir() else None

    def _laid_out(self, one: DataInput, found: list[Entry]) -> str:
        """Put files into a folder of the run; return the folder as the script sees it."""
        folder = self._paths.data / one.name
        shutil.rmtree(folder, ignore_errors=True)  # half laid out by a runner that was killed
        folder.mkdir(parents=True)
        bases: dict[str, str] = {}
        here = data_files.at_once(self._brought, found, self._progress(one, len(found)))
        for entry, file in zip(found, here, strict=True):
            target = folder / entry.name
            target.parent.mkdir(parents=True, exist_ok=True)
            if self._spec.ray:  # from here it goes to the nodes
                target.symlink_to(file)
            elif one.mode == "download":
                shutil.copyfile(file, target)
            elif entry.local is not None:
                target.symlink_to(self._link_target(one, entry, bases))
            elif one.reference or (not self._spec.container and os.geteuid() == 0):
                shutil.copy(file, target)  # who may write to it, root whatever its mode, would write to the cache
            else:
                data_files.link(file, target)
        return self._seen(folder, one.name, "" if one.mode == "download" or one.reference else ":ro")

    def _progress(self, one: DataInput, total: int) -> Callable[[int], None]:
        due = time.monotonic() + _TELL_SECONDS

        def look(done: int) -> None:
            nonlocal due
            self._check_canceled()
            if time.monotonic() > due:
                due = time.monotonic() + _TELL_SECONDS
                self._say(f"input {one.name}: {done} of {total} files")

        return look

    def _link_target(self, one: DataInput, entry: Entry, bases: dict[str, str]) -> str:
        if not self._spec.container:
            return str(entry.local)
        path = entry.place.path
        base = path.removesuffix(f"/{entry.name}") or "/"
        base = posixpath.dirname(path) if base == path else base  # its name may begin with that of its datastore
        if base not in bases:
            bases[base] = self._seen(Path(base), f"{one.name}.{len(bases)}", ":ro")
        return posixpath.join(bases[base], posixpath.relpath(path, base))

    def _brought(self, entry: Entry) -> Path:
        return entry.local or data_cache.cached(entry, self._workspace.data_cache)

    def _seen(self, folder: Path, label: str, flag: str) -> str:
        """Return how the script sees a folder or file of this machine."""
        if not self._spec.is_elsewhere:
            return str(folder)
        if self._spec.ray or (not flag and folder.is_relative_to(self._paths.root)):
            return posixpath.join(RUN_DIR, folder.relative_to(self._paths.root).as_posix())
        target = f"{_IN_CONTAINER}/{label}"
        self._volumes.append(f"{folder}:{target}{flag}")
        return target

    def _at(self, asked: str | None, path: str) -> str:
        """Let the script find at ``asked`` what it would find at ``path``; return where it finds it."""
        if not asked:
            return path
        if not Path(asked).is_absolute():
            self._links.append((asked, path))
            work = f"{RUN_DIR}/work" if self._spec.is_elsewhere else str(self._paths.work)
            return posixpath.normpath(posixpath.join(work, asked))
        if self._spec.container:
            bound = next((volume for volume in self._volumes if volume.split(":")[1] == path), None)
            host = bound.split(":")[0] if bound else str(self._paths.root / posixpath.relpath(path, RUN_DIR))
            self._volumes.append(f"{host}:{asked}" + (":ro" if bound and bound.endswith(":ro") else ""))
        else:
            self._links.append((asked, path))
        return asked

    def _describe(self, one: DataInput, path: str, found: list[Entry]) -> None:
        record = one.dataset
        self.described[one.name] = {
            "id": record.identity,
            "name": record.name,
            "version": record.version,
            "kind": record.kind,
            "table": record.table,
            "steps": record.steps if record.kind == "tabular" else [],
            "partition_format": record.partition_format,
            "root": data_files.root_of(found),
            "files": [[entry.name, posixpath.join(path, entry.name)] for entry in found],
        }
