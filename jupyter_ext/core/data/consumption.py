"""A dataset as an input of a run."""

from __future__ import annotations

import re
import uuid
from typing import Any, NoReturn

from jupyter_ext.core.submission.runconfig_data import data_of
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

from .base import AbstractDataset
from .file_dataset import FileDataset

NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*\Z")
PLACEHOLDER = "DatasetConsumptionConfig"
_MODES = ("direct", "mount", "download")


class DatasetConsumptionConfig:
    """How a dataset comes to a run.

    Parameters
    ----------
    name
        Its name there, and that of the environment variable with its path: letters, digits and ``_``, no digit first.
    dataset
        The dataset.
    mode
        ``mount`` and ``download`` give the script a path; ``direct`` gives it the dataset's id (v1).
    path_on_compute
        Where the script finds it; somewhere where it is None.

    Raises
    ------
    UserErrorException
        The name is no name of a variable, or the mode does not go with the dataset.
    """

    def __init__(self, name: str, dataset: Any, mode: str = "direct", path_on_compute: str | None = None) -> None:
        if not isinstance(name, str) or not NAME.match(name):
            raise UserErrorException(
                f"{name!r} cannot be an input's name: use letters, digits and '_', and no digit first, as "
                "it becomes an environment variable."
            )
        if not isinstance(dataset, AbstractDataset):
            raise UserErrorException(f"An input is a dataset, not a {type(dataset).__name__}.")
        self.name = name
        self._dataset = dataset
        self.mode = self._checked(mode)
        self.path_on_compute = path_on_compute

    @property
    def dataset(self) -> Any:
        """The dataset."""
        return self._dataset

    @property
    def arg_val(self) -> str:
        """What stands for it among a script's arguments, until the run starts."""
        return f"{PLACEHOLDER}:{self.name}"

    def as_mount(self, path_on_compute: str | None = None) -> DatasetConsumptionConfig:
        """Return it with nothing copied where that can be: a link to what is here, a cached copy of what is not."""
        return DatasetConsumptionConfig(self.name, self._dataset, "mount", path_on_compute)

    def as_download(self, path_on_compute: str | None = None) -> DatasetConsumptionConfig:
        """Return it with its files copied to the run before it starts."""
        return DatasetConsumptionConfig(self.name, self._dataset, "download", path_on_compute)

    def as_hdfs(self) -> NoReturn:
        """Say that there is no Spark pool here."""
        raise UserErrorException("as_hdfs is for Spark pools, which are not here: use as_mount() or as_download().")

    def _to_dict(self) -> dict[str, Any]:
        return data_of(self)._to_dict()

    def _checked(self, mode: str) -> str:
        if mode not in _MODES:
            raise UserErrorException(f"An input's mode is {', '.join(_MODES)}, not {mode!r}.")
        if mode != "direct" and not isinstance(self._dataset, FileDataset):
            raise UserErrorException(
                f"A tabular dataset is read directly, so it has no {mode} mode: pass as_named_input({self.name!r}) "
                f"alone, and in the script run.input_datasets[{self.name!r}].to_pandas_dataframe()."
            )
        return mode

    def __str__(self) -> str:
        return self.arg_val

    def __repr__(self) -> str:
        return f"DatasetConsumptionConfig(name={self.name!r}, mode={self.mode!r}, dataset={self._dataset!r})"


def generated_name(kind: str) -> str:
    """Return a name for an input or output that was given none."""
    return f"{kind}__{uuid.uuid4().hex[:8]}"
