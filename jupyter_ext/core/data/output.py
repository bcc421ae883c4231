"""A folder of a run that becomes data of a datastore."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, NoReturn

from jupyter_ext.core.submission.runconfig_data import output_data_of
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.data.data_records import DatasetRecord

from .consumption import NAME, generated_name

if TYPE_CHECKING:
    from .datastore import Datastore

PLACEHOLDER = "DatasetOutputConfig"


class OutputFileDatasetConfig:
    """Where what a run writes goes, and what it becomes.

    Parameters
    ----------
    name
        Its name in the run, and that of the variable with the path to write to; one is made where it is None.
    destination
        ``(datastore, 'path')``; in the path ``{run-id}`` and ``{output-name}`` are filled in. Where it is None,
        ``dataset/{run-id}/{output-name}`` in the default datastore.
    source
        The folder that the script writes to; one of the run's own where it is None.
    partition_format
        How columns are read from the paths of the files.

    Raises
    ------
    UserErrorException
        The name is no name of a variable, or the destination none.
    """

    def __init__(
        self,
        name: str | None = None,
        destination: Any = None,
        source: str | None = None,
        partition_format: str | None = None,
    ) -> None:
        name = name or generated_name("output")
        if not NAME.match(name):
            raise UserErrorException(
                f"{name!r} cannot be an output's name: use letters, digits and '_', and no digit first, as "
                "it becomes an environment variable."
            )
        self.name = name
        self.destination = _destination(destination)
        self.source = source
        self.mode = "mount"
        self._partition_format = partition_format
        self._overwrite = False
        self._globs: list[str] = []
        self._registered: DatasetRecord | None = None
        self._table: dict[str, Any] | None = None

    @property
    def arg_val(self) -> str:
        """What stands for it among a script's arguments, until the run starts."""
        return f"{PLACEHOLDER}:{self.name}"

    def as_mount(self, disable_metadata_cache: bool = False) -> OutputFileDatasetConfig:
        """Return it so that whatever is written is kept, however the run ends.

        Parameters
        ----------
        disable_metadata_cache
            Accepted as in v1.
        """
        del disable_metadata_cache
        return self._like(mode="mount")

    def as_upload(self, overwrite: bool = False, source_globs: Any = None) -> OutputFileDatasetConfig:
        """Return it so that what is written is copied when the run has ended well; of one that fails nothing is (v1).

        Parameters
        ----------
        overwrite
            Write over files that are at the destination.
        source_globs
            A pattern or several: only what they fit.
        """
        globs = [source_globs] if isinstance(source_globs, str) else list(source_globs or [])
        return self._like(mode="upload", _overwrite=overwrite, _globs=globs)

    def register_on_complete(
        self, name: str, description: str | None = None, tags: dict[str, str] | None = None
    ) -> OutputFileDatasetConfig:
        """Return it so that what is written is registered when the run has ended well: a new version of ``name``."""
        if not name:
            raise UserErrorException("register_on_complete needs the name of the dataset.")
        shown: dict[str, str | None] = {
            str(key): None if value is None else str(value) for key, value in (tags or {}).items()
        }
        record = DatasetRecord(kind="file", sources=[], name=name, description=description, tags=shown)
        return self._like(_registered=record)

    def as_input(self, name: str | None = None) -> NoReturn:
        """Say that an output is an input of later steps of pipelines, which are not here."""
        del name
        raise UserErrorException(
            "An output becomes an input of a later run: register_on_complete('<name>') it, and when the run has ended "
            "pass Dataset.get_by_name(ws, '<name>').as_named_input(...) on."
        )

    def read_delimited_files(
        self,
        include_path: bool = False,
        separator: str = ",",
        header: Any = True,
        partition_format: str | None = None,
        path_glob: str | None = None,
        set_column_types: Any = None,
    ) -> OutputFileDatasetConfig:
        """Return it so that it is registered as a table of delimited files; parameters as for making one."""
        table = {"format": "delimited", "separator": separator, "header": bool(header), "include_path": include_path}
        return self._read(table, partition_format, path_glob, set_column_types)

    def read_parquet_files(
        self,
        include_path: bool = False,
        partition_format: str | None = None,
        path_glob: str | None = None,
        set_column_types: Any = None,
    ) -> OutputFileDatasetConfig:
        """Return it so that it is registered as a table of parquet files; parameters as for making one."""
        table = {"format": "parquet", "include_path": include_path}
        return self._read(table, partition_format, path_glob, set_column_types)

    def _to_dict(self) -> dict[str, Any]:
        return output_data_of(self)._to_dict()

    def _read(
        self, table: dict[str, Any], partition_format: str | None, path_glob: str | None, types: Any
    ) -> OutputFileDatasetConfig:
        if types:
            table["set_column_types"] = {str(column): list(kind) for column, kind in types.items()}
        table["glob"] = path_glob or "**"
        return self._like(_table=table, _partition_format=partition_format or self._partition_format)

    def _like(self, **changes: Any) -> OutputFileDatasetConfig:
        other = copy.copy(self)
        for name, value in changes.items():
            setattr(other, name, value)
        return other

    def __str__(self) -> str:
        return self.arg_val

    def __repr__(self) -> str:
        return f"OutputFileDatasetConfig(name={self.name!r}, mode={self.mode!r}, destination={self.destination!r})"


def _destination(given: Any) -> tuple[Datastore, str | None] | None:
    if given is None:
        return None
    datastore, path = given if isinstance(given, tuple) and len(given) == 2 else (given, None)  # noqa: PLR2004 - a pair
    if not hasattr(datastore, "workspace"):
        raise UserErrorException(f"An output's destination is (datastore, 'path'), not {given!r}.")
    return datastore, path
