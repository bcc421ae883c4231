"""``Dataset``: where datasets are made and found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

from .base import AbstractDataset
from .factory import FileDatasetFactory, TabularDatasetFactory, write_frame
from .preview import Preview

if TYPE_CHECKING:
    from jupyter_ext.core.workspaces.workspace import Workspace

    from .tabular_dataset import TabularDataset


class Dataset(Preview):
    """Makes datasets, ``Dataset.File`` and ``Dataset.Tabular``, and finds registered ones."""

    File = FileDatasetFactory
    Tabular = TabularDatasetFactory

    get_by_name = staticmethod(AbstractDataset.get_by_name)
    get_by_id = staticmethod(AbstractDataset.get_by_id)
    get_all = staticmethod(AbstractDataset.get_all)

    @staticmethod
    def get(workspace: Workspace, name: str | None = None, id: str | None = None) -> Any:  # noqa: A002 - v1's name
        """Return a registered dataset by its name, else by its id (v1's older way)."""
        if name is not None:
            return AbstractDataset.get_by_name(workspace, name)
        return AbstractDataset.get_by_id(workspace, str(id))

    @staticmethod
    def list(workspace: Workspace) -> list[Any]:
        """Return the latest version of each registered dataset."""
        return [*AbstractDataset.get_all(workspace).values()]

    @staticmethod
    def from_delimited_files(
        path: Any,
        separator: str = ",",
        header: Any = True,
        encoding: str = "utf8",
        quoting: bool = False,
        infer_column_types: bool = True,
        skip_rows: int = 0,
        skip_mode: Any = None,
        comment: str | None = None,
        include_path: bool = False,
        archive_options: Any = None,
        partition_format: str | None = None,
    ) -> TabularDataset:
        """Return a table of delimited files (v1's older way); see ``Dataset.Tabular.from_delimited_files``."""
        _refuse(skip_rows=skip_rows, skip_mode=skip_mode, comment=comment, archive_options=archive_options)
        del quoting
        return TabularDatasetFactory.from_delimited_files(
            path,
            include_path=include_path,
            infer_column_types=infer_column_types,
            separator=separator,
            header=header,
            partition_format=partition_format,
            encoding=encoding,
        )

    @staticmethod
    def auto_read_files(path: Any, include_path: bool = False, partition_format: str | None = None) -> TabularDataset:
        """Return a table of files whose format their names tell (v1's older way)."""
        text = str(path[1] if isinstance(path, tuple) else path).lower()
        given: dict[str, Any] = {"include_path": include_path, "partition_format": partition_format}
        if text.endswith(".parquet"):
            return TabularDatasetFactory.from_parquet_files(path, **given)
        if text.endswith((".json", ".jsonl")):
            return TabularDatasetFactory.from_json_lines_files(path, **given)
        return TabularDatasetFactory.from_delimited_files(
            path, separator="\t" if text.endswith(".tsv") else ",", **given
        )

    @staticmethod
    def from_parquet_files(
        path: Any, include_path: bool = False, partition_format: str | None = None
    ) -> TabularDataset:
        """Return a table of parquet files (v1's older way)."""
        return TabularDatasetFactory.from_parquet_files(
            path, include_path=include_path, partition_format=partition_format
        )

    @staticmethod
    def from_json_files(
        path: Any,
        encoding: str = "utf8",
        flatten_nested_arrays: bool = False,
        include_path: bool = False,
        partition_format: str | None = None,
    ) -> TabularDataset:
        """Return a table of files with a JSON object in each line (v1's older way)."""
        _refuse(flatten_nested_arrays=flatten_nested_arrays)
        return TabularDatasetFactory.from_json_lines_files(
            path, include_path=include_path, partition_format=partition_format, encoding=encoding
        )

    @staticmethod
    def from_binary_files(path: Any) -> Any:
        """Return a dataset of files (v1's older way)."""
        return FileDatasetFactory.from_files(path)

    @staticmethod
    def from_excel_files(
        path: Any,
        sheet_name: str | None = None,
        use_column_headers: bool = False,
        skip_rows: int = 0,
        include_path: bool = False,
        infer_column_types: bool = True,
        partition_format: str | None = None,
    ) -> NoReturn:
        """Tell how an Excel file becomes a table."""
        del path, sheet_name, use_column_headers, skip_rows, include_path, infer_column_types, partition_format
        raise UserErrorException(
            "Excel files are read with pandas.read_excel; Dataset.Tabular.register_pandas_dataframe keeps the result."
        )

    @staticmethod
    def from_pandas_dataframe(dataframe: Any, path: Any = None, in_memory: bool = False) -> TabularDataset:
        """Write a DataFrame to ``(datastore, 'folder')`` as parquet; return it as a table (v1's older way)."""
        del in_memory
        return write_frame(dataframe, path)

    @staticmethod
    def from_sql_query(data_source: Any, query: str) -> NoReturn:
        """Tell how a database is read."""
        del data_source
        TabularDatasetFactory.from_sql_query(query)


def _refuse(**given: Any) -> None:
    asked = [name for name, value in given.items() if value]
    if asked:
        raise UserErrorException(
            f"{', '.join(asked)} has no meaning here: read the files with pandas where it is needed."
        )
