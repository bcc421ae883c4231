"""How datasets are made: ``Dataset.File`` and ``Dataset.Tabular``."""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.frames import needed
from jupyter_ext.store.data import data_files
from jupyter_ext.store.data.data_records import DatasetRecord

from .file_dataset import FileDataset
from .path import DataPath, DataReference, sources_of
from .tabular_dataset import TabularDataset
from .transfer import upload_files, upload_folder

if TYPE_CHECKING:
    from .base import DatasetT
    from .datastore import Datastore

_INVALID_LINES = ("error", "drop")
_COMMENTED = "Validating arguments."


class DataType:
    """The type of a column, for ``set_column_types``."""

    @staticmethod
    def to_bool() -> list[str]:
        """Return the type of truth values."""
        return ["bool"]

    @staticmethod
    def to_long() -> list[str]:
        """Return the type of whole numbers."""
        return ["long"]

    @staticmethod
    def to_float(decimal_mark: str = ".") -> list[str]:
        """Return the type of numbers."""
        del decimal_mark
        return ["float"]

    @staticmethod
    def to_string() -> list[str]:
        """Return the type of text."""
        return ["string"]

    @staticmethod
    def to_datetime(formats: Any = None) -> list[str]:
        """Return the type of times, written in a format of ``strptime``."""
        return ["datetime", *([formats] if isinstance(formats, str) else (formats or []))]

    @staticmethod
    def to_stream(workspace: Any = None) -> NoReturn:
        """Say that a table here has no column of streams."""
        del workspace
        raise UserErrorException("A table here holds values, not files: use Dataset.File.from_files for files.")


class FileDatasetFactory:
    """Makes file datasets."""

    @staticmethod
    def from_files(
        path: Any, validate: bool = True, partition_format: str | None = None, is_file: bool = False
    ) -> FileDataset:
        """Return a dataset of files.

        Parameters
        ----------
        path
            A URL, a path of this machine, ``(datastore, 'path')`` or a DataPath, or a list of these. A path may be a
            file, a folder or a pattern such as ``images/**/*.png``.
        validate
            Look now whether there is something.
        partition_format
            How columns are read from paths, such as ``/{label}/{name}.png``.
        is_file
            Accepted as in v1: one file alone is seen to be that.

        Raises
        ------
        UserErrorException
            It names nothing.
        """
        del is_file
        return _checked(FileDataset, DatasetRecord(kind="file", sources=[]), path, partition_format, validate)

    @staticmethod
    def upload_directory(
        src_dir: str, target: Any, pattern: str | None = None, overwrite: bool = False, show_progress: bool = True
    ) -> FileDataset:
        """Copy a folder into a datastore; return what is there now as a dataset.

        Parameters
        ----------
        src_dir
            The folder.
        target
            Where to: ``(datastore, 'path')`` or a DataPath.
        pattern
            Only what it fits, such as ``*.csv``.
        """
        datastore, path = target_of(target)
        _say(_COMMENTED, "Arguments validated.", f"Uploading file to {path}", show=show_progress)
        upload_folder(
            datastore, src_dir, path, overwrite=overwrite, show_progress=show_progress, pattern=pattern or "**"
        )
        _say("Creating new dataset", show=show_progress)
        return FileDatasetFactory.from_files((datastore, path))


class TabularDatasetFactory:
    """Makes tabular datasets. Reading them needs pandas."""

    @staticmethod
    def from_delimited_files(
        path: Any,
        validate: bool = True,
        include_path: bool = False,
        infer_column_types: bool = True,
        set_column_types: dict[str, Any] | None = None,
        separator: str = ",",
        header: Any = True,
        partition_format: str | None = None,
        support_multi_line: bool = False,
        empty_as_string: bool = False,
        encoding: str = "utf8",
    ) -> TabularDataset:
        """Return a table of CSV files and their kin.

        Parameters
        ----------
        path
            As for ``Dataset.File.from_files``.
        validate
            Look now whether there is something.
        include_path
            Have a column ``Path`` with each row's file.
        infer_column_types
            Find out what numbers and truth values are; otherwise all is text.
        set_column_types
            Types of columns, from :class:`DataType`.
        separator
            What stands between columns.
        header
            Whether the first line of each file has the columns' names: True, False, or v1's ``PromoteHeadersBehavior``.
        partition_format
            How columns are read from paths.
        support_multi_line
            Accepted as in v1: a quoted value may always have several lines.
        empty_as_string
            What is empty is text with nothing in it, not null.
        encoding
            Of the files.
        """
        del support_multi_line
        table = {
            "format": "delimited",
            "separator": separator,
            "header": _has_header(header),
            "encoding": encoding,
            "infer_column_types": infer_column_types,
            "empty_as_string": empty_as_string,
        }
        return _table(table, path, partition_format, include_path, set_column_types, validate)

    @staticmethod
    def from_parquet_files(
        path: Any,
        validate: bool = True,
        include_path: bool = False,
        set_column_types: dict[str, Any] | None = None,
        partition_format: str | None = None,
    ) -> TabularDataset:
        """Return a table of parquet files, which reading needs pyarrow for; parameters as for delimited ones."""
        return _table({"format": "parquet"}, path, partition_format, include_path, set_column_types, validate)

    @staticmethod
    def from_json_lines_files(
        path: Any,
        validate: bool = True,
        include_path: bool = False,
        set_column_types: dict[str, Any] | None = None,
        partition_format: str | None = None,
        invalid_lines: str = "error",
        encoding: str = "utf8",
    ) -> TabularDataset:
        """Return a table of files with a JSON object in each line; parameters as for delimited ones.

        Parameters
        ----------
        invalid_lines
            What is done with a line that is no JSON: ``error`` or ``drop``.
        """
        if invalid_lines not in _INVALID_LINES:
            raise UserErrorException(f"invalid_lines is 'error' or 'drop', not {invalid_lines!r}.")
        table = {"format": "json_lines", "invalid_lines": invalid_lines, "encoding": encoding}
        return _table(table, path, partition_format, include_path, set_column_types, validate)

    @staticmethod
    def from_sql_query(
        query: Any, validate: bool = True, set_column_types: Any = None, query_timeout: int = 30
    ) -> NoReturn:
        """Tell how a database is read."""
        del query, validate, set_column_types, query_timeout
        raise UserErrorException(
            "A database cannot be a datastore here: read it with pandas.read_sql, and keep what was read with "
            "Dataset.Tabular.register_pandas_dataframe."
        )

    @staticmethod
    def register_pandas_dataframe(
        dataframe: Any,
        target: Any,
        name: str,
        description: str | None = None,
        tags: dict[str, str] | None = None,
        show_progress: bool = True,
        row_group_size: int | None = None,
        make_target_path_unique: bool = True,
    ) -> TabularDataset:
        """Write a pandas DataFrame into a datastore as a parquet file, and register it as a table.

        Parameters
        ----------
        target
            Where to: ``(datastore, 'path')``, a DataPath, or a datastore.
        name
            What it is registered under; a new version where the name is taken (v1).
        row_group_size
            Rows in each group of the file.
        make_target_path_unique
            Put it into a new folder under the target.
        """
        needed("pyarrow")
        datastore, path = target_of(target)
        _say(
            _COMMENTED,
            "Arguments validated.",
            "Successfully obtained datastore reference and path.",
            show=show_progress,
        )
        folder = "/".join(part for part in (path, str(uuid.uuid4()) if make_target_path_unique else "") if part)
        _say(f"Uploading file to {folder}", show=show_progress)
        made = write_frame(dataframe, (datastore, folder), row_group_size)
        _say("Successfully uploaded file to datastore.", "Creating and registering a new dataset.", show=show_progress)
        registered = made.register(datastore.workspace, name, description, tags, create_new_version=True)
        _say("Successfully created and registered a new dataset.", show=show_progress)
        return registered

    @staticmethod
    def register_dask_dataframe(
        dataframe: Any,
        target: Any,
        name: str,
        description: str | None = None,
        tags: dict[str, str] | None = None,
        show_progress: bool = True,
    ) -> TabularDataset:
        """Write a Dask DataFrame as :meth:`register_pandas_dataframe` does; it has to fit into memory."""
        frame = dataframe.compute()
        return TabularDatasetFactory.register_pandas_dataframe(frame, target, name, description, tags, show_progress)

    @staticmethod
    def register_spark_dataframe(
        dataframe: Any,
        target: Any,
        name: str,
        description: str | None = None,
        tags: dict[str, str] | None = None,
        show_progress: bool = True,
    ) -> TabularDataset:
        """Write a Spark DataFrame as :meth:`register_pandas_dataframe` does; it has to fit into memory."""
        frame = dataframe.toPandas()
        return TabularDatasetFactory.register_pandas_dataframe(frame, target, name, description, tags, show_progress)


def target_of(target: Any) -> tuple[Datastore, str]:
    """Return the datastore and the path that v1's ``target`` means."""
    from .datastore import Datastore  # noqa: PLC0415 - it needs what is here

    if isinstance(target, Datastore):
        return target, ""
    if isinstance(target, DataPath | DataReference):
        datastore = target._datastore if isinstance(target, DataPath) else target.datastore
        target = (datastore, target.path_on_datastore or "")
    if isinstance(target, tuple) and len(target) == 2 and isinstance(target[0], Datastore):  # noqa: PLR2004 - a pair
        return target[0], str(target[1] or "").strip("/")
    raise UserErrorException(f"A target is (datastore, 'path') or a DataPath, not {target!r}.")


def write_frame(dataframe: Any, target: Any, row_group_size: int | None = None) -> TabularDataset:
    """Write a pandas DataFrame into a datastore as a parquet file; return it as a table."""
    needed("pyarrow")
    datastore, folder = target_of(target)
    rows = {"row_group_size": row_group_size} if row_group_size else {}
    with tempfile.TemporaryDirectory() as aside:
        file = Path(aside) / "part-00000.parquet"
        dataframe.to_parquet(file, index=False, **rows)
        upload_files(datastore, [str(file)], None, folder, overwrite=True, show_progress=False)
    return TabularDatasetFactory.from_parquet_files((datastore, f"{folder}/part-00000.parquet"))


def _table(
    table: dict[str, Any], path: Any, partition_format: str | None, include_path: bool, types: Any, validate: bool
) -> TabularDataset:
    if include_path:
        table["include_path"] = True
    if types:
        table["set_column_types"] = {str(column): list(kind) for column, kind in types.items()}
    return _checked(
        TabularDataset, DatasetRecord(kind="tabular", sources=[], table=table), path, partition_format, validate
    )


def _checked(
    kind: type[DatasetT], record: DatasetRecord, path: Any, partition_format: str | None, validate: bool
) -> DatasetT:
    sources, workspace = sources_of(path)
    record = msgspec.structs.replace(record, sources=sources, partition_format=partition_format)
    dataset = kind._made(record, workspace)
    if validate:
        data_files.check(dataset._paths, sources)
    return dataset


def _has_header(header: Any) -> bool:
    if isinstance(header, bool):
        return header
    return getattr(header, "name", str(header)) not in ("NO_HEADERS", "0")


def _say(*lines: str, show: bool) -> None:
    if show:
        print("\n".join(lines), flush=True)  # noqa: T201 - v1's words
