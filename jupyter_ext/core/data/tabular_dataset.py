"""Tabular datasets: files that are read as one table."""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.frames import first_rows, needed
from jupyter_ext.runtime.inside.jupyter_aml_run.steps import TabularData
from jupyter_ext.store.data.data_files import at_once, root_of
from jupyter_ext.store.data.data_records import DatasetRecord, Source

from .base import AbstractDataset
from .transfer import upload_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .file_dataset import FileDataset


class TabularDataset(AbstractDataset, TabularData):
    """A table; nothing is read before it is asked for.

    ``Dataset.Tabular.from_delimited_files`` and its kin make one.
    """

    _with = AbstractDataset._with
    id = AbstractDataset.id
    name = AbstractDataset.name
    version = AbstractDataset.version
    partition_keys = AbstractDataset.partition_keys

    @property
    def _definition(self) -> dict[str, Any]:
        record = self._record
        root = root_of(self._entries()) if record.partition_format else ""
        return {
            "table": record.table,
            "steps": record.steps,
            "partition_format": record.partition_format,
            "root": root,
        }

    def _with_table(self, **options: Any) -> TabularDataset:
        return self._derived(table={**self._record.table, **options})

    def _files(self, first: bool = False) -> Iterable[tuple[str, Any]]:
        found = self._entries()[: 1 if first else None]
        few = first or first_rows(self._record.steps) is not None  # then the files are read only as far as needed
        local = map(self._cached, found) if few else at_once(self._cached, found)
        return zip([entry.name for entry in found], local, strict=True)

    def to_dask_dataframe(
        self,
        sample_size: int = 10000,
        dtypes: Any = None,
        on_error: str = "null",
        out_of_range_datetime: str = "null",
    ) -> Any:
        """Read the table into a Dask DataFrame of one part."""
        del sample_size, dtypes
        frame = self.to_pandas_dataframe(on_error, out_of_range_datetime)
        try:
            from dask import dataframe  # noqa: PLC0415 - the user's own
        except ImportError:
            raise UserErrorException("to_dask_dataframe needs Dask: pip install 'dask[dataframe]'.") from None
        return dataframe.from_pandas(frame, npartitions=1)

    def to_spark_dataframe(self) -> NoReturn:
        """Say that there is no Spark here."""
        raise UserErrorException(
            "There is no Spark session here: spark.createDataFrame(dataset.to_pandas_dataframe()) makes one from it."
        )

    def to_csv_files(self, separator: str = ",") -> FileDataset:
        """Write the table as a CSV file into the default datastore; return the file as a dataset."""
        frame = self.to_pandas_dataframe()
        return self._written("part-00000.csv", lambda path: frame.to_csv(path, sep=separator, index=False))

    def to_parquet_files(self) -> FileDataset:
        """Write the table as a parquet file into the default datastore; return the file as a dataset."""
        needed("pyarrow")
        frame = self.to_pandas_dataframe()
        return self._written("part-00000.parquet", lambda path: frame.to_parquet(path, index=False))

    def partition_by(
        self,
        partition_keys: list[str],
        target: Any,
        name: str | None = None,
        show_progress: bool = True,
        partition_as_file_dataset: bool = False,
    ) -> Any:
        """Write the table as a parquet file for each combination of the keys' values; return what was written.

        Parameters
        ----------
        partition_keys
            Columns; they make the folders.
        target
            Where to: ``(datastore, 'path')``.
        name
            Register it under this name.
        partition_as_file_dataset
            Return a file dataset, not a table.
        """
        from .factory import FileDatasetFactory, TabularDatasetFactory, target_of  # noqa: PLC0415 - it makes these

        needed("pyarrow")
        datastore, path = target_of(target)
        frame = self.to_pandas_dataframe()
        with tempfile.TemporaryDirectory() as folder:
            for values, part in frame.groupby(list(partition_keys), dropna=False):
                inner = Path(folder, *(str(value) for value in values))
                inner.mkdir(parents=True)
                part.drop(columns=list(partition_keys)).to_parquet(inner / "part-00000.parquet", index=False)
            upload_folder(datastore, folder, path, overwrite=True, show_progress=show_progress)
        format_ = "/".join(f"{{{key}}}" for key in partition_keys) + "/part-00000.parquet"
        factory = (
            FileDatasetFactory.from_files if partition_as_file_dataset else TabularDatasetFactory.from_parquet_files
        )
        made = factory((datastore, f"{path}/**/*.parquet"), partition_format=f"/{format_}")
        return made.register(datastore.workspace, name, create_new_version=True) if name else made

    def download(
        self,
        stream_column: str,
        target_path: str | None = None,
        overwrite: bool = False,
        ignore_not_found: bool = True,
    ) -> NoReturn:
        """Say that no table here has a column of streams."""
        del target_path, overwrite, ignore_not_found
        _refuse_streams(stream_column)

    def mount(self, stream_column: str, mount_point: str | None = None) -> NoReturn:
        """Say that no table here has a column of streams."""
        del mount_point
        _refuse_streams(stream_column)

    def submit_profile_run(self, compute_target: Any, experiment: Any, cache_datastore_name: Any = None) -> NoReturn:
        """Tell how a profile is made here."""
        del compute_target, experiment, cache_datastore_name
        self.get_profile()

    def get_profile(self, workspace: Any = None) -> NoReturn:
        """Tell how a profile is made here."""
        del workspace
        raise UserErrorException(
            "Profiles are pandas' own here: dataset.to_pandas_dataframe().describe(include='all')."
        )

    def get_profile_runs(self, workspace: Any = None) -> NoReturn:
        """Tell how a profile is made here."""
        self.get_profile(workspace)

    def _written(self, file: str, write: Any) -> FileDataset:
        from .datastore import Datastore  # noqa: PLC0415 - seldom needed
        from .file_dataset import FileDataset  # noqa: PLC0415 - seldom needed

        if self._workspace is None:
            raise UserErrorException("The dataset belongs to no workspace yet: register it first.")
        path = f"dataset/{uuid.uuid4()}"
        datastore = Datastore.get_default(self._workspace)
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder) / file)
            upload_folder(datastore, folder, path, overwrite=False, show_progress=False)
        source = Source(datastore=datastore.name, path=f"{path}/{file}")
        return FileDataset._made(DatasetRecord(kind="file", sources=[source]), self._workspace)


def _refuse_streams(column: str) -> NoReturn:
    raise UserErrorException(
        f"{column!r} is no column of files: a table here holds values. Use Dataset.File.from_files for files."
    )


AbstractDataset._kinds["tabular"] = TabularDataset
