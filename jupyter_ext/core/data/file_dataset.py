"""File datasets: files of datastores, of addresses, or of this machine, under paths of their own."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any, NoReturn

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.expressions import Expression, column
from jupyter_ext.runtime.inside.jupyter_aml_run.file_data import Mount
from jupyter_ext.runtime.inside.jupyter_aml_run.steps import Steps

from .base import AbstractDataset
from .transfer import download_entries, link_entries

if TYPE_CHECKING:
    from .consumption import DatasetConsumptionConfig


class FileDataset(AbstractDataset, Steps):
    """Files; nothing is read before they are asked for.

    ``Dataset.File.from_files`` makes one.
    """

    _with = AbstractDataset._with

    def to_path(self) -> list[str]:
        """List the files, as paths within the dataset."""
        return [f"/{entry.name}" for entry in self._entries()]

    def download(
        self, target_path: str | None = None, overwrite: bool = False, ignore_not_found: bool = False
    ) -> list[str]:
        """Copy the files into a folder; return their paths.

        Parameters
        ----------
        target_path
            The folder; a new one in the system's temporary folder where it is None.
        overwrite
            Write over what is there.
        ignore_not_found
            Nothing to copy is no error.

        Raises
        ------
        UserErrorException
            A file is there, and ``overwrite`` is False; or the data are not there.
        """
        try:
            found = self._entries()
        except UserErrorException as error:
            if ignore_not_found and isinstance(error.__cause__, FileNotFoundError):
                return []
            raise
        return download_entries(found, target_path or tempfile.mkdtemp(prefix="aml-data-"), overwrite=overwrite)

    def mount(self, mount_point: str | None = None, **kwargs: Any) -> Mount:
        """Return a context in which the files lie under a folder: links to local ones, cached copies of remote ones.

        Parameters
        ----------
        mount_point
            The folder, empty or not there; one is made where it is None. The context's ``mount_point`` tells it.
        """
        del kwargs
        return Mount(mount_point, lambda folder: link_entries(self._entries(), folder, self._cached))

    def as_mount(self, path_on_compute: str | None = None) -> DatasetConsumptionConfig:
        """Return it as an input of a run, of which nothing is copied where that can be."""
        return self._input().as_mount(path_on_compute)

    def as_download(self, path_on_compute: str | None = None) -> DatasetConsumptionConfig:
        """Return it as an input of a run, whose files are copied to the run before it starts."""
        return self._input().as_download(path_on_compute)

    def as_hdfs(self) -> DatasetConsumptionConfig:
        """Say that there is no Spark pool here."""
        return self._input().as_hdfs()

    def file_metadata(self, col: str) -> Expression:
        """Return something that is known of each file, for :meth:`filter`: ``Size`` or ``LastModifiedTime``."""
        return column(col)

    def as_cache(self, datacache_store: Any) -> NoReturn:
        """Say that there are no data cache stores: remote files are cached without one."""
        del datacache_store
        raise UserErrorException(
            "Remote files are cached on this machine as they are used: there is nothing to set up."
        )

    def hydrate(self, datacache_store: Any, replica_count: Any = None) -> NoReturn:
        """Say that there are no data cache stores: remote files are cached without one."""
        del replica_count
        self.as_cache(datacache_store)

    def _input(self) -> DatasetConsumptionConfig:
        from .consumption import DatasetConsumptionConfig, generated_name  # noqa: PLC0415 - it knows datasets

        return DatasetConsumptionConfig(generated_name("input"), self)


AbstractDataset._kinds["file"] = FileDataset
