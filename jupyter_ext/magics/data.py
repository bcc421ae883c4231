"""``--data NAME=DATASET``: what a run is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ext.commands.data import find_dataset, new_dataset
from jupyter_ext.core.data.base import AbstractDataset
from jupyter_ext.core.data.consumption import DatasetConsumptionConfig
from jupyter_ext.core.data.file_dataset import FileDataset
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean
from jupyter_ext.store.data import datasets, datastores

if TYPE_CHECKING:
    from pathlib import Path

    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_ext.core.workspaces.workspace import Workspace


def named_input(
    shell: InteractiveShell, workspace: Workspace, folder: Path, name: str, given: str
) -> DatasetConsumptionConfig:
    """Return the input that ``NAME=DATASET`` means: files are mounted, a table is read by the script.

    Parameters
    ----------
    folder
        Where relative paths begin.
    given
        A dataset of the notebook's own, a registered one, a path, a URL, or ``DATASTORE:PATH``.

    Raises
    ------
    UserErrorException
        It means nothing.
    """
    own = shell.user_ns.get(given)
    if isinstance(own, DatasetConsumptionConfig):
        return DatasetConsumptionConfig(name, own.dataset, own.mode, own.path_on_compute)
    dataset = own if isinstance(own, AbstractDataset) else _found(workspace, folder, given)
    mode = "mount" if isinstance(dataset, FileDataset) else "direct"
    return DatasetConsumptionConfig(name, dataset, mode)


def _found(workspace: Workspace, folder: Path, given: str) -> AbstractDataset:
    registered = datasets.names(workspace._paths)
    if given.partition(":")[0] in registered:
        return find_dataset(workspace, given)  # type: ignore[no-any-return]
    is_place = "://" in given or given.partition(":")[0] in datastores.names(workspace._paths)
    if is_place or (folder / given).exists() or any(mark in given for mark in "/*"):
        return new_dataset(workspace, given, folder)  # type: ignore[no-any-return]
    known = ", ".join(registered) or "none yet"
    raise UserErrorException(
        f"{given!r} is no dataset of the notebook, no registered one ({known}), and no path in {folder}."
        f"{did_you_mean(given, registered)}"
    )
