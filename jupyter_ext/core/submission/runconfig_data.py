"""Data in a run configuration, in the shapes that v1 writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from jupyter_ext.core.data.path import DataReferenceConfiguration
from jupyter_ext.core.element import Element

if TYPE_CHECKING:
    from jupyter_ext.core.data.consumption import DatasetConsumptionConfig
    from jupyter_ext.core.data.output import OutputFileDatasetConfig

__all__ = ["Data", "DataReferenceConfiguration", "OutputData", "data_of", "output_data_of"]


class Data(Element):
    """An input of a run.

    Parameters
    ----------
    data_location
        Where: ``{"dataset": {"id": ..., "name": ..., "version": ...}, "dataPath": ..., "uri": ...}``.
    mechanism
        ``mount``, ``download`` or ``direct``.
    environment_variable_name
        The variable that tells the script where it is.
    """

    _keys: ClassVar = {
        "data_location": "dataLocation",
        "create_output_directories": "createOutputDirectories",
        "mechanism": "mechanism",
        "environment_variable_name": "environmentVariableName",
        "path_on_compute": "pathOnCompute",
        "overwrite": "overwrite",
        "options": "options",
    }

    def __init__(
        self,
        data_location: Any = None,
        create_output_directories: bool = False,
        mechanism: str | None = None,
        environment_variable_name: str | None = None,
        path_on_compute: str | None = None,
        overwrite: bool = False,
        options: Any = None,
    ) -> None:
        self.data_location = data_location
        self.create_output_directories = create_output_directories
        self.mechanism = mechanism
        self.environment_variable_name = environment_variable_name
        self.path_on_compute = path_on_compute
        self.overwrite = overwrite
        self.options = options
        self._arm()

    @staticmethod
    def create(data: Any) -> Data:
        """Return an input as a run configuration holds it."""
        return data if isinstance(data, Data) else data_of(data)


class OutputData(Element):
    """An output of a run.

    Parameters
    ----------
    output_location
        Where to: ``{"dataset": ..., "dataPath": {"datastoreName": ..., "relativePath": ...}}``.
    mechanism
        ``mount`` or ``upload``.
    additional_options
        What it is registered as, and what of it is uploaded.
    """

    _keys: ClassVar = {
        "output_location": "outputLocation",
        "mechanism": "mechanism",
        "additional_options": "additionalOptions",
    }

    def __init__(
        self, output_location: Any = None, mechanism: str | None = None, additional_options: Any = None
    ) -> None:
        self.output_location = output_location
        self.mechanism = mechanism
        self.additional_options = additional_options
        self._arm()


def data_of(given: DatasetConsumptionConfig) -> Data:
    """Return an input as v1 writes it."""
    dataset = given.dataset
    known = {"id": dataset.id, "name": dataset.name, "version": dataset.version}
    return Data(
        data_location={"dataset": known, "dataPath": None, "uri": None},
        mechanism=given.mode,
        environment_variable_name=given.name,
        path_on_compute=given.path_on_compute,
    )


def output_data_of(given: OutputFileDatasetConfig) -> OutputData:
    """Return an output as v1 writes it."""
    where = given.destination
    registered = given._registered
    registration = registered and {
        "name": registered.name,
        "description": registered.description,
        "tags": dict(registered.tags),
    }
    return OutputData(
        output_location={
            "dataset": None,
            "dataPath": where and {"datastoreName": where[0].name, "relativePath": where[1]},
        },
        mechanism=given.mode,
        additional_options={
            "pathOnCompute": given.source,
            "registrationOptions": registration,
            "uploadOptions": {"overwrite": given._overwrite, "sourceGlobs": {"globPatterns": given._globs or None}},
        },
    )
