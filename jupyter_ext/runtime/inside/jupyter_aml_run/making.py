"""``Dataset`` inside a run: what the run was given, and tables of addresses and of files that the run can see."""

import os

from .exceptions import UserErrorException
from .inputs import find_dataset

# every script that imports azureml.core imports this module: the parts that read data are imported where they are used

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any

    from .file_data import FileData
    from .steps import TabularData


class FileDatasetFactory:
    """Makes file datasets of files that the run can see."""

    @staticmethod
    def from_files(path: "Any", **kwargs: "Any") -> "FileData":
        """Give a dataset of files.

        Parameters
        ----------
        path
            A path or several.
        **kwargs
            Accepted as in v1.
        """
        from .file_data import FileData  # noqa: PLC0415 - as told above

        del kwargs
        return FileData({}, _files(path))


class TabularDatasetFactory:
    """Makes tables of addresses and of files that the run can see."""

    @staticmethod
    def from_delimited_files(
        path: "Any",
        validate: bool = True,
        include_path: bool = False,
        infer_column_types: bool = True,
        set_column_types: "Any" = None,
        separator: str = ",",
        header: "Any" = True,
        partition_format: "str | None" = None,
        support_multi_line: bool = False,
        empty_as_string: bool = False,
        encoding: str = "utf8",
    ) -> "TabularData":
        """Give a table of CSV files and their kin; parameters as in the notebook."""
        del validate, support_multi_line
        table = {
            "format": "delimited",
            "separator": separator,
            "header": bool(header),
            "encoding": encoding,
            "infer_column_types": infer_column_types,
            "empty_as_string": empty_as_string,
            "include_path": include_path,
            "set_column_types": set_column_types,
        }
        return _table(table, path, partition_format)

    @staticmethod
    def from_parquet_files(path: "Any", include_path: bool = False, **kwargs: "Any") -> "TabularData":
        """Give a table of parquet files; parameters as in the notebook."""
        table = {"format": "parquet", "include_path": include_path}
        return _table(table, path, kwargs.get("partition_format"))

    @staticmethod
    def from_json_lines_files(path: "Any", include_path: bool = False, **kwargs: "Any") -> "TabularData":
        """Give a table of files with a JSON object in each line; parameters as in the notebook."""
        table = {
            "format": "json_lines",
            "include_path": include_path,
            "invalid_lines": kwargs.get("invalid_lines"),
            "encoding": kwargs.get("encoding", "utf8"),
        }
        return _table(table, path, kwargs.get("partition_format"))


class Dataset:
    """Finds the datasets that the run was given, and makes those of addresses and files."""

    File = FileDatasetFactory
    Tabular = TabularDatasetFactory

    @staticmethod
    def get_by_id(workspace: "Any", id: str, **kwargs: "Any") -> "Any":  # noqa: A002 - v1's name
        """Give the input that has an id.

        Raises
        ------
        UserErrorException
            The run was not given it.
        """
        del workspace, kwargs
        return find_dataset(id=id)

    @staticmethod
    def get_by_name(workspace: "Any", name: str, version: "Any" = "latest", **kwargs: "Any") -> "Any":
        """Give the input that is registered under a name.

        Raises
        ------
        UserErrorException
            The run was not given it.
        """
        del workspace, kwargs
        return find_dataset(name=name, version=None if version == "latest" else version)


def _table(table: "dict[str, Any]", path: "Any", partition_format: "str | None") -> "TabularData":
    from .steps import TabularData  # noqa: PLC0415 - as told above

    return TabularData({"table": table, "partition_format": partition_format}, _files(path))


def _files(path: "Any") -> "list[tuple[str, str]]":
    found: "list[tuple[str, str]]" = []
    for one in path if isinstance(path, list) else [path]:
        if not isinstance(one, (str, os.PathLike)):
            raise UserErrorException(
                "Inside a run a dataset is made of addresses and of paths: pass what lies in a datastore as an input, "
                "arguments=['--data', dataset.as_named_input('data')]."
            )
        text = os.fspath(one)
        found += [(os.path.basename(text.split("?")[0]), text)] if "://" in text else local_files(text)
    return found


def local_files(text: str) -> "list[tuple[str, str]]":
    """List the files that a path of this machine means: a file, what is in a folder, what a pattern fits.

    Parameters
    ----------
    text
        The path.

    Raises
    ------
    UserErrorException
        There is none.
    """
    import glob  # noqa: PLC0415 - seldom needed

    names = sorted(glob.glob(os.path.join(text, "**", "*") if os.path.isdir(text) else text, recursive=True))
    root = text if os.path.isdir(text) else os.path.dirname(text)
    files = [(os.path.relpath(name, root or "."), name) for name in names if os.path.isfile(name)]
    if not files:
        raise UserErrorException("There is no file {}.".format(text))
    return files
