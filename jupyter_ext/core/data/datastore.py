"""Datastores: where data lie, under a name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean
from jupyter_ext.store.data import datastores

from .datastore_kinds import DatastoreKinds
from .path import DataReference
from .transfer import download, upload_files, upload_folder

if TYPE_CHECKING:
    from jupyter_ext.core.workspaces.workspace import Workspace
    from jupyter_ext.store.data.data_records import DatastoreRecord

_NAME = re.compile(r"^[A-Za-z0-9_]{1,255}\Z")


class Datastore(DatastoreKinds):
    """A place where data lie: a folder of this machine, or object storage.

    Every workspace has ``workspaceblobstore``, which is the default one, and ``workspacefilestore``: folders in the
    workspace's home.

    Parameters
    ----------
    workspace
        The workspace.
    name
        Which; the default one where it is None.

    Raises
    ------
    UserErrorException
        The workspace has none of this name.
    """

    def __init__(self, workspace: Workspace, name: str | None = None) -> None:
        self.workspace = workspace
        record = datastores.find(workspace._paths, name or datastores.default(workspace._paths))
        if record is None:
            known = datastores.names(workspace._paths)
            raise UserErrorException(
                f"Could not find datastore {name!r} in workspace {workspace.name!r} (there: {', '.join(known)})."
                f"{did_you_mean(name, known)} Register it with Datastore.register_azure_blob_container, or "
                "Datastore.register_url for a folder, S3 or Google Cloud Storage."
            )
        self._record: DatastoreRecord = record

    @property
    def name(self) -> str:
        """The datastore's name."""
        return self._record.name

    @property
    def datastore_type(self) -> str:
        """v1's word for its kind: ``AzureBlob``, ``AzureFile``, ``AzureDataLakeGen2``; ``Custom`` for others."""
        return self._record.type

    @property
    def url(self) -> str:
        """Where it lies, as fsspec writes it."""
        return self._record.url

    def __getattr__(self, name: str) -> Any:
        record = self.__dict__.get("_record")
        if record is not None and name in record.shown:
            return record.shown[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @staticmethod
    def get(workspace: Workspace, datastore_name: str) -> Datastore:
        """Return a datastore by its name.

        Raises
        ------
        UserErrorException
            The workspace has none of this name.
        """
        return Datastore(workspace, datastore_name)

    @staticmethod
    def get_default(workspace: Workspace) -> Datastore:
        """Return the default datastore."""
        return Datastore(workspace)

    def set_as_default(self) -> None:
        """Make this the default datastore of its workspace."""
        datastores.set_default(self.workspace._paths, self.name)

    def unregister(self) -> None:
        """Forget the datastore and its credentials; the data stay where they are."""
        datastores.forget(self.workspace._paths, self.name)

    # references

    def path(self, path: str | None = None, data_reference_name: str | None = None) -> DataReference:
        """Return a reference to a file or folder of the datastore."""
        return DataReference(self, data_reference_name, path_on_datastore=path)

    def as_mount(self) -> DataReference:
        """Return a reference to the whole datastore, to be mounted."""
        return self.path(data_reference_name=self.name).as_mount()

    def as_download(self, path_on_compute: str | None = None) -> DataReference:
        """Return a reference to the whole datastore, to be copied to the run."""
        return self.path(data_reference_name=self.name).as_download(path_on_compute)

    def as_upload(self, path_on_compute: str | None = None) -> DataReference:
        """Return a reference to the whole datastore, to which the run's folder is copied at its end."""
        return self.path(data_reference_name=self.name).as_upload(path_on_compute)

    # files

    def upload(
        self, src_dir: str, target_path: str | None = None, overwrite: bool = False, show_progress: bool = True
    ) -> DataReference:
        """Copy a folder of this machine into the datastore; return a reference to where it is now.

        Parameters
        ----------
        src_dir
            The folder; its content is copied.
        target_path
            Where to; the datastore's root where it is None.
        overwrite
            Write over files that are there; otherwise they are left as they are, with a line that says so.
        show_progress
            Print a line for each file, in v1's form.
        """
        upload_folder(self, src_dir, target_path or "", overwrite=overwrite, show_progress=show_progress)
        return self.path(target_path)

    def upload_files(
        self,
        files: list[str],
        relative_root: str | None = None,
        target_path: str | None = None,
        overwrite: bool = False,
        show_progress: bool = True,
    ) -> DataReference:
        """Copy files of this machine into the datastore; return a reference to where they are now.

        Parameters
        ----------
        files
            Their paths.
        relative_root
            Where their names there begin; each one's own folder where it is None.
        """
        upload_files(self, files, relative_root, target_path or "", overwrite=overwrite, show_progress=show_progress)
        return self.path(target_path)

    def download(
        self, target_path: str, prefix: str | None = None, overwrite: bool = False, show_progress: bool = True
    ) -> int:
        """Copy what the datastore holds under a prefix into a folder; return how many files that were.

        Parameters
        ----------
        target_path
            The folder; files keep their names, ``prefix`` included.
        prefix
            A folder or a file there; None for everything.
        """
        return download(self, target_path, prefix or "", overwrite=overwrite, show_progress=show_progress)

    def __deepcopy__(self, memo: Any) -> Datastore:
        return self  # a run configuration that is copied is still about the same datastore

    def __repr__(self) -> str:
        shown = {"name": self.name, "type": self.datastore_type, "url": self.url, **self._record.shown}
        inner = ", ".join(f"{key!r}: {value!r}" for key, value in shown.items())
        return f"Datastore({{{inner}}})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Datastore) and (other.name, other.workspace) == (self.name, self.workspace)

    def __hash__(self) -> int:
        return hash((self.name, self.workspace))

    @classmethod
    def _register(
        cls, workspace: Workspace, record: DatastoreRecord, secrets: dict[str, Any], *, overwrite: bool
    ) -> Datastore:
        if not _NAME.match(record.name):
            raise UserErrorException(
                f"{record.name!r} cannot be a datastore's name: use 1 to 255 letters, digits and '_'."
            )
        known = datastores.find(workspace._paths, record.name)
        given = {key: value for key, value in secrets.items() if value is not None}
        same = known is not None and (known.url, known.options, known.type) == (
            record.url,
            record.options,
            record.type,
        )
        if known is not None and not overwrite and not same:
            raise UserErrorException(
                f"There is a datastore {record.name!r} already, at {known.url}: pass overwrite=True to replace it."
            )
        datastores.save(workspace._paths, record, given)
        return cls(workspace, record.name)
