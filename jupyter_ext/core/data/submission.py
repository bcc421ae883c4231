"""From the data that a run configuration names to what is written down of them."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.core.submission.runconfig_data import (
    Data,
    DataReferenceConfiguration,
    OutputData,
    data_of,
    output_data_of,
)
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.data import data_files, datasets, places
from jupyter_ext.store.data.data_records import DataInput, DataOutput, DatasetRecord, Source

from .base import AbstractDataset
from .consumption import DatasetConsumptionConfig
from .datastore import Datastore
from .output import OutputFileDatasetConfig
from .path import DataPath, DataReference

if TYPE_CHECKING:
    from jupyter_ext.core.submission.runconfig import RunConfiguration
    from jupyter_ext.core.workspaces.workspace import Workspace

_DEFAULT_PATH = "dataset/{run-id}/{output-name}"


class RunData:
    """The inputs and outputs of one run, gathered from its configuration.

    Parameters
    ----------
    workspace
        Where the run is submitted.
    run_id
        The run, for the paths of outputs.
    """

    def __init__(self, workspace: Workspace, run_id: str) -> None:
        self._workspace = workspace
        self._run_id = run_id
        self._inputs: dict[str, DataInput] = {}
        self._outputs: dict[str, DataOutput] = {}

    @property
    def inputs(self) -> list[DataInput]:
        """What the run is given, written down so that it is found by its id."""
        paths = self._workspace._paths
        return [
            one if one.reference else msgspec.structs.replace(one, dataset=datasets.keep(paths, one.dataset))
            for one in self._inputs.values()
        ]

    @property
    def outputs(self) -> list[DataOutput]:
        """What goes to datastores."""
        return list(self._outputs.values())

    def gather(self, configuration: RunConfiguration, command: Any) -> None:
        """Take in all that a configuration names, and leave v1's placeholders in its arguments.

        Parameters
        ----------
        configuration
            It is changed: what stands among its arguments is listed under ``data`` and ``output_data`` too.
        command
            The command as it was given, whose words may be data.

        Raises
        ------
        UserErrorException
            Something cannot be an input or output, or two have one name.
        """
        given = (configuration.data, configuration.output_data, configuration.data_references)
        for kind in given:
            for name, one in list(kind.items()):
                self._take_in(configuration, one, name)
        configuration.arguments = [self._take_in(configuration, one) for one in configuration.arguments]
        for word in command if isinstance(command, list | tuple) else ():
            self._take_in(configuration, word)
        self._check()

    def _take_in(self, configuration: RunConfiguration, one: Any, name: str | None = None) -> Any:
        """Note what ``one`` is; return what stands for it among arguments."""
        if isinstance(one, DatasetConsumptionConfig):
            one.dataset._in(self._workspace)
            self._add_input(
                DataInput(
                    name=one.name, dataset=one.dataset._record, mode=one.mode, path_on_compute=one.path_on_compute
                )
            )
            if name not in (None, one.name):
                del configuration.data[name]
            configuration.data[one.name] = data_of(one)
            return one.arg_val
        if isinstance(one, OutputFileDatasetConfig):
            self._add_output(self._output(one))
            configuration.data.pop(one.name, None)
            configuration.output_data[one.name] = output_data_of(one)
            return one.arg_val
        if isinstance(one, DataReference):
            self._add_reference(one.data_reference_name, one.to_config())
            configuration.data_references[one.data_reference_name] = one.to_config()
            return str(one)
        if name is not None:
            self._take_in_element(one, name)
        elif isinstance(one, AbstractDataset | Data | OutputData | Datastore | DataPath):
            raise UserErrorException(
                f"A {type(one).__name__} cannot be an argument as it is: pass "
                "dataset.as_named_input('name').as_mount(), datastore.path('...').as_mount() or an "
                "OutputFileDatasetConfig."
            )
        return one

    def _take_in_element(self, one: Any, name: str) -> None:
        if isinstance(one, Data):
            self._add_input(self._of_data(one, name))
        elif isinstance(one, DataReferenceConfiguration):
            self._add_reference(name, one)
        elif isinstance(one, OutputData):
            self._add_output(self._of_output_data(one, name))
        else:
            raise UserErrorException(f"{name!r} of the run configuration's data is a {type(one).__name__}.")

    def _add_input(self, one: DataInput) -> None:
        known = self._inputs.get(one.name)
        if one.name in self._outputs or (known is not None and known != one):
            raise UserErrorException(f"Two inputs or outputs have the name {one.name!r}: give each one of its own.")
        self._inputs[one.name] = one

    def _add_output(self, one: DataOutput) -> None:
        known = self._outputs.get(one.name)
        if one.name in self._inputs or (known is not None and known != one):
            raise UserErrorException(f"Two inputs or outputs have the name {one.name!r}: give each one of its own.")
        self._outputs[one.name] = one

    def _add_reference(self, name: str, one: DataReferenceConfiguration) -> None:
        datastore = str(one.data_store_name)
        path = one.path_on_data_store or ""
        if one.mode == "upload":
            self._add_output(
                DataOutput(
                    name=name,
                    datastore=datastore,
                    path=path,
                    mode="upload",
                    source=one.path_on_compute,
                    overwrite=bool(one.overwrite),
                    reference=True,
                )
            )
            return
        record = DatasetRecord(kind="file", sources=[Source(datastore=datastore, path=path)])
        self._add_input(
            DataInput(
                name=name,
                dataset=record,
                mode=one.mode,
                path_on_compute=one.path_on_compute,
                reference=True,
            )
        )

    def _output(self, one: OutputFileDatasetConfig) -> DataOutput:
        datastore, path = one.destination or (Datastore.get_default(self._workspace), None)
        if datastore.workspace != self._workspace:
            raise UserErrorException(f"Output {one.name!r} goes to a datastore of another workspace.")
        registered = one._registered
        if registered is not None and one._table is not None:
            registered = msgspec.structs.replace(registered, kind="tabular", table=one._table)
        if registered is not None:
            registered = msgspec.structs.replace(registered, partition_format=one._partition_format)
        return DataOutput(
            name=one.name,
            datastore=datastore.name,
            path=self._filled(path, one.name),
            mode=one.mode,
            source=one.source,
            overwrite=one._overwrite,
            globs=one._globs,
            registered=registered,
        )

    def _of_data(self, one: Data, name: str) -> DataInput:
        known = (one.data_location or {}).get("dataset") or {}
        record = None
        if known.get("id"):
            record = datasets.find_id(self._workspace._paths, str(known["id"]))
        elif known.get("name"):
            record = AbstractDataset.get_by_name(self._workspace, known["name"], known.get("version"))._record
        if record is None:
            raise UserErrorException(f"Input {name!r} of the run configuration names no dataset that is known here.")
        mode = str(one.mechanism or "direct").lower()
        return DataInput(name=name, dataset=record, mode=mode, path_on_compute=one.path_on_compute)

    def _of_output_data(self, one: OutputData, name: str) -> DataOutput:
        where = (one.output_location or {}).get("dataPath") or {}
        more = one.additional_options or {}
        upload = more.get("uploadOptions") or {}
        registered = more.get("registrationOptions") or {}
        return DataOutput(
            name=name,
            datastore=where.get("datastoreName") or Datastore.get_default(self._workspace).name,
            path=self._filled(where.get("relativePath"), name),
            mode=str(one.mechanism or "mount").lower(),
            source=more.get("pathOnCompute"),
            overwrite=bool(upload.get("overwrite")),
            globs=list((upload.get("sourceGlobs") or {}).get("globPatterns") or []),
            registered=DatasetRecord(kind="file", sources=[], name=registered["name"]) if registered else None,
        )

    def _filled(self, path: str | None, name: str) -> str:
        filled = (path or _DEFAULT_PATH).replace("{run-id}", self._run_id).replace("{output-name}", name)
        return filled.strip("/")

    def _check(self) -> None:
        """Refuse what is known not to be there; remote places are looked at when the run is prepared."""
        paths = self._workspace._paths
        for one in self._outputs.values():
            places.datastore_place(paths, one.datastore).under(one.path)
            _check_inside(one.name, one.source)
        for given in self._inputs.values():
            _check_inside(given.name, given.path_on_compute)
            for source in given.dataset.sources:
                place = places.place_of(paths, source)
                if place.is_local and not given.reference and not data_files.has_pattern(source.path):
                    with place.doing(f"Input {given.name!r} cannot be used"):
                        place.fs.info(place.path)


def _check_inside(name: str, path: str | None) -> None:
    """Refuse a path relative to the script's folder that leads out of it."""
    if path and not Path(path).is_absolute() and posixpath.normpath(path).partition("/")[0] in ("..", "."):
        raise UserErrorException(
            f"{name!r} would lie at {path!r}, which is not in the script's folder: name a folder in it, or an "
            "absolute path."
        )
