"""Places in a datastore: v1's data paths and data references."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from jupyter_ext.core.element import Element
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.data.data_records import Source

if TYPE_CHECKING:
    from jupyter_ext.core.workspaces.workspace import Workspace

    from .datastore import Datastore

NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*\Z")
VARIABLE_PREFIX = "AZUREML_DATAREFERENCE_"
_MODES = ("mount", "download", "upload")


class DataPath:
    """A path in a datastore.

    Parameters
    ----------
    datastore
        The datastore.
    path_on_datastore
        A file, a folder or a pattern there; the whole datastore where it is None.
    name
        A name for references to it.
    """

    def __init__(
        self, datastore: Datastore | None = None, path_on_datastore: str | None = None, name: str | None = None
    ) -> None:
        self._datastore = datastore
        self.path_on_datastore = path_on_datastore
        self._name = name

    @property
    def datastore_name(self) -> str | None:
        """The datastore's name."""
        return self._datastore.name if self._datastore else None

    def create_data_reference(
        self, data_reference_name: str | None = None, datapath_compute_binding: Any = None
    ) -> DataReference:
        """Return a reference to it."""
        return DataReference.create(data_reference_name or self._name, self, datapath_compute_binding)

    @staticmethod
    def create_from_data_reference(data_reference: DataReference) -> DataPath:
        """Return where a reference leads."""
        return DataPath(data_reference.datastore, data_reference.path_on_datastore, data_reference.data_reference_name)


class DataReferenceConfiguration(Element):
    """A data reference, as a run configuration holds it."""

    _keys: ClassVar = {
        "data_store_name": "dataStoreName",
        "mode": "mode",
        "path_on_data_store": "pathOnDataStore",
        "path_on_compute": "pathOnCompute",
        "overwrite": "overwrite",
    }

    def __init__(
        self,
        datastore_name: str | None = None,
        mode: str = "mount",
        path_on_datastore: str | None = None,
        path_on_compute: str | None = None,
        overwrite: bool = False,
    ) -> None:
        self.data_store_name = datastore_name
        self.mode = str(mode).lower()
        self.path_on_data_store = path_on_datastore
        self.path_on_compute = path_on_compute
        self.overwrite = overwrite
        self._arm()


class DataReference:
    """A file or folder of a datastore that a run is given, or that it fills; its text is a variable of the run.

    Parameters
    ----------
    datastore
        The datastore.
    data_reference_name
        Letters, digits and ``_``; one is made where it is None.
    path_on_datastore
        A file or folder there; the whole datastore where it is None.
    mode
        ``mount``, ``download`` or ``upload``.
    path_on_compute
        Where the script finds it; somewhere where it is None.
    overwrite
        Whether files that are there may be written over.
    """

    def __init__(
        self,
        datastore: Datastore,
        data_reference_name: str | None = None,
        path_on_datastore: str | None = None,
        mode: str = "mount",
        path_on_compute: str | None = None,
        overwrite: bool = False,
    ) -> None:
        name = data_reference_name or uuid.uuid4().hex
        if not re.match(r"^[A-Za-z0-9_]+\Z", name):
            raise UserErrorException(f"{name!r} cannot be a data reference's name: use letters, digits and '_'.")
        if mode not in _MODES:
            raise UserErrorException(f"A data reference's mode is {', '.join(_MODES)}, not {mode!r}.")
        self.datastore = datastore
        self.data_reference_name = name
        self.path_on_datastore = path_on_datastore
        self.mode = mode
        self.path_on_compute = path_on_compute
        self.overwrite = overwrite

    def path(self, path: str | None = None, data_reference_name: str | None = None) -> DataReference:
        """Return a reference to what lies beneath this one."""
        whole = "/".join(part.strip("/") for part in (self.path_on_datastore, path) if part)
        return DataReference(self.datastore, data_reference_name, whole or None, self.mode)

    def as_mount(self) -> DataReference:
        """Return a reference of which nothing is copied where that can be."""
        return self._like("mount", None, overwrite=False)

    def as_download(self, path_on_compute: str | None = None, overwrite: bool = False) -> DataReference:
        """Return a reference whose files are copied to the run before it starts."""
        return self._like("download", path_on_compute, overwrite=overwrite)

    def as_upload(self, path_on_compute: str | None = None, overwrite: bool = False) -> DataReference:
        """Return a reference to which files of the run are copied when it has ended well."""
        return self._like("upload", path_on_compute, overwrite=overwrite)

    def to_config(self) -> DataReferenceConfiguration:
        """Return it as a run configuration holds it."""
        return DataReferenceConfiguration(
            self.datastore.name, self.mode, self.path_on_datastore, self.path_on_compute, self.overwrite
        )

    @staticmethod
    def create(
        data_reference_name: str | None = None, datapath: DataPath | None = None, datapath_compute_binding: Any = None
    ) -> DataReference:
        """Return a reference to a data path, in the mode that the binding has."""
        if datapath is None or datapath._datastore is None:
            raise UserErrorException("A data reference needs a data path with a datastore.")
        mode = getattr(datapath_compute_binding, "mode", None) or "mount"
        path = getattr(datapath_compute_binding, "path_on_compute", None)
        overwrite = bool(getattr(datapath_compute_binding, "overwrite", False))
        return DataReference(
            datapath._datastore, data_reference_name, datapath.path_on_datastore, mode, path, overwrite
        )

    def _to_dict(self) -> dict[str, Any]:
        return self.to_config()._to_dict()

    def _like(self, mode: str, path_on_compute: str | None, *, overwrite: bool) -> DataReference:
        return DataReference(
            self.datastore, self.data_reference_name, self.path_on_datastore, mode, path_on_compute, overwrite
        )

    def __str__(self) -> str:
        return f"${VARIABLE_PREFIX}{self.data_reference_name}"

    def __repr__(self) -> str:
        return str(self)


class DataPathComputeBinding:
    """How a data path comes to a run: v1's ``mode``, ``path_on_compute`` and ``overwrite``."""

    def __init__(self, mode: str = "mount", path_on_compute: str | None = None, overwrite: bool = False) -> None:
        self.mode = mode
        self.path_on_compute = path_on_compute
        self.overwrite = overwrite


def sources_of(path: Any) -> tuple[list[Source], Workspace | None]:
    """Return what v1's ``path`` means, and the workspace of the datastores in it.

    Parameters
    ----------
    path
        A URL, a path of this machine, ``(datastore, path)``, a DataPath or a DataReference; or a list of these.

    Raises
    ------
    UserErrorException
        It is none of these, or names nothing, or datastores of several workspaces.
    """
    sources: list[Source] = []
    workspaces: list[Workspace] = []
    for one in path if isinstance(path, list) else [path]:
        more, workspace = _of_one(one)
        sources += more
        if workspace is not None and workspace not in workspaces:
            workspaces.append(workspace)
    if not sources:
        raise UserErrorException("No path is given: name a URL, a file, or (datastore, 'path').")
    if len(workspaces) > 1:
        raise UserErrorException("The datastores are of several workspaces: a dataset belongs to one.")
    return sources, workspaces[0] if workspaces else None


def _of_one(path: Any) -> tuple[list[Source], Workspace | None]:
    if isinstance(path, str | Path) and str(path):
        return [_of_text(str(path))], None
    if isinstance(path, DataPath | DataReference):
        datastore = path._datastore if isinstance(path, DataPath) else path.datastore
        pair: tuple[Any, ...] = (datastore, path.path_on_datastore or "")
    else:
        pair = path if isinstance(path, tuple) and len(path) == 2 else (None, None)  # noqa: PLR2004 - a pair
    datastore, inner = pair
    if not hasattr(datastore, "workspace") or not isinstance(inner, str | list | tuple):
        raise UserErrorException(
            f"A dataset's path is a URL, a path of this machine, (datastore, 'path') or a DataPath, or a list of them, "
            f"not {path!r}."
        )
    paths = [inner] if isinstance(inner, str) else inner
    return [Source(datastore=datastore.name, path=one.lstrip("/")) for one in paths], datastore.workspace


def _of_text(text: str) -> Source:
    if "://" in text:
        return Source(path=text)
    return Source(path=f"file://{Path(text).expanduser().absolute()}")
