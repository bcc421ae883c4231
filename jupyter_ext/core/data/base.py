"""What file datasets and tabular ones have in common: names, versions, tags, and how they come to a run."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean
from jupyter_ext.runtime.inside.jupyter_aml_run.partitions import Partitions
from jupyter_ext.store.data import data_cache, data_files, datasets, places

if TYPE_CHECKING:
    from jupyter_ext.core.workspaces.workspace import Workspace
    from jupyter_ext.store.data.data_records import DatasetRecord
    from jupyter_ext.store.paths import WorkspacePaths

    from .consumption import DatasetConsumptionConfig

_NAME = re.compile(r"^[A-Za-z0-9_][A-Za-z0-9_. -]{0,254}\Z")
DatasetT = TypeVar("DatasetT", bound="AbstractDataset")


class AbstractDataset:
    """A dataset; made by ``Dataset.File`` and ``Dataset.Tabular``, or found by name."""

    _kinds: ClassVar[dict[str, type[AbstractDataset]]] = {}
    _record: DatasetRecord
    _workspace: Workspace | None

    def __init__(self) -> None:
        raise UserErrorException(
            "A dataset is made with Dataset.File.from_files or Dataset.Tabular.from_delimited_files and its kin, "
            "or found with Dataset.get_by_name."
        )

    @classmethod
    def _made(cls: type[DatasetT], record: DatasetRecord, workspace: Workspace | None) -> DatasetT:
        dataset = cls.__new__(cls)
        dataset._record = record
        dataset._workspace = workspace
        return dataset

    @staticmethod
    def _of(record: DatasetRecord, workspace: Workspace | None) -> Any:
        from . import file_dataset, tabular_dataset  # noqa: F401, PLC0415 - each makes itself known as it is imported

        return AbstractDataset._kinds[record.kind]._made(record, workspace)

    # what it is

    @property
    def id(self) -> str | None:
        """Its id; None until it is registered or used."""
        return self._record.id or None

    @property
    def name(self) -> str | None:
        """The name it is registered under."""
        return self._record.name

    @property
    def version(self) -> int | None:
        """Its version, from 1."""
        return self._record.version

    @property
    def description(self) -> str | None:
        """Its description."""
        return self._record.description

    @property
    def tags(self) -> dict[str, str | None]:
        """Its tags."""
        return dict(self._record.tags)

    @property
    def data_changed_time(self) -> dt.datetime | None:
        """When the newest of its files was changed, UTC; None where that cannot be told."""
        times = [entry.modified for entry in self._entries() if entry.modified is not None]
        return dt.datetime.fromtimestamp(max(times), dt.timezone.utc) if times else None

    @property
    def partition_keys(self) -> list[str]:
        """The columns that are read from paths."""
        return Partitions(self._record.partition_format).keys if self._record.partition_format else []

    def get_partition_key_values(self, partition_keys: list[str] | None = None) -> list[dict[str, Any]]:
        """Return the combinations of values that the partition keys have.

        Raises
        ------
        UserErrorException
            The dataset has no partition format, or no such keys.
        """
        keys = list(partition_keys or self.partition_keys)
        if not self._record.partition_format or set(keys) - set(self.partition_keys):
            raise UserErrorException(
                f"The dataset's partition keys are {self.partition_keys}: give partition_format as it is made."
            )
        partitions = Partitions(self._record.partition_format)
        found: list[dict[str, Any]] = []
        for entry in self._entries():
            values = partitions.values(entry.place.path)
            chosen = {key: values[key] for key in keys}
            if chosen not in found:
                found.append(chosen)
        return found

    # its names

    def register(
        self: DatasetT,
        workspace: Workspace,
        name: str,
        description: str | None = None,
        tags: dict[str, str] | None = None,
        create_new_version: bool = False,
    ) -> DatasetT:
        """Register the dataset under a name; return the registered version.

        Parameters
        ----------
        workspace
            Where; its datastores' own workspace.
        create_new_version
            Make another version where the name is taken.

        Raises
        ------
        UserErrorException
            The name is taken, or this very dataset is registered under it (v1).
        """
        if not isinstance(name, str) or not _NAME.match(name):
            raise UserErrorException(
                f"{name!r} cannot be a dataset's name: use 1 to 255 letters, digits, '_', '-', '.' and spaces, "
                "a letter, a digit or '_' first."
            )
        self._in(workspace)
        record = msgspec.structs.replace(
            self._record, description=description, tags=_tags(tags), id="", name=None, version=None
        )
        made = datasets.register(workspace._paths, record, name.rstrip(), create_new_version=create_new_version)
        return type(self)._made(made, workspace)

    def update(self: DatasetT, description: str | None = None, tags: dict[str, str] | None = None) -> DatasetT:
        """Change the description, the tags, or both."""
        changes: dict[str, Any] = {}
        if description is not None:
            changes["description"] = description
        if tags is not None:
            changes["tags"] = _tags(tags)
        return self._change(**changes)

    def add_tags(self: DatasetT, tags: dict[str, str]) -> DatasetT:
        """Set tags; the others stay."""
        return self._change(tags={**self._record.tags, **_tags(tags)})

    def remove_tags(self: DatasetT, tags: list[str]) -> DatasetT:
        """Remove tags."""
        gone = [tags] if isinstance(tags, str) else tags
        return self._change(tags={key: value for key, value in self._record.tags.items() if key not in gone})

    def unregister_all_versions(self) -> None:
        """Forget every version of this dataset's name; the files stay where they are."""
        datasets.forget(self._registered(), str(self.name))
        self._record = msgspec.structs.replace(self._record, name=None, version=None, id="")

    @staticmethod
    def get_by_name(workspace: Workspace, name: str, version: Any = "latest", **kwargs: Any) -> Any:
        """Return a registered dataset.

        Parameters
        ----------
        version
            A number, or ``latest``.

        Raises
        ------
        UserErrorException
            There is none of this name and version.
        """
        del kwargs
        known = datasets.versions(workspace._paths, name)
        wanted = (
            known[-1:] if version in ("latest", None) else [one for one in known if str(one.version) == str(version)]
        )
        if wanted:
            return AbstractDataset._of(wanted[0], workspace)
        if known:
            have = ", ".join(str(one.version) for one in known)
            raise UserErrorException(f"Dataset {name!r} has no version {version} (there: {have}).")
        names = datasets.names(workspace._paths)
        raise UserErrorException(
            f"There is no dataset registered under name {name!r} in workspace {workspace.name!r} "
            f"(registered: {', '.join(names) or 'none yet'}).{did_you_mean(name, names)}"
        )

    @staticmethod
    def get_by_id(workspace: Workspace, id: str, **kwargs: Any) -> Any:  # noqa: A002 - v1's name
        """Return the dataset of an id: a registered version, or one that a run has used.

        Raises
        ------
        UserErrorException
            There is none.
        """
        del kwargs
        record = datasets.find_id(workspace._paths, str(id))
        if record is None:
            raise UserErrorException(f"There is no dataset with id {id!r} in workspace {workspace.name!r}.")
        return AbstractDataset._of(record, workspace)

    @staticmethod
    def get_all(workspace: Workspace) -> dict[str, Any]:
        """Return the latest version of each registered dataset by name."""
        latest = [datasets.versions(workspace._paths, name)[-1] for name in datasets.names(workspace._paths)]
        return {str(record.name): AbstractDataset._of(record, workspace) for record in latest}

    # in a run

    def as_named_input(self, name: str) -> DatasetConsumptionConfig:
        """Return it as an input of a run; ``name`` is that of the variable that tells its path there.

        Raises
        ------
        UserErrorException
            The name is no name of a variable.
        """
        from .consumption import DatasetConsumptionConfig  # noqa: PLC0415 - it knows datasets

        return DatasetConsumptionConfig(name, self)

    # for its kin

    def _with(self: DatasetT, *step: Any) -> DatasetT:
        return self._derived(steps=[*self._record.steps, list(step)])

    def _derived(self: DatasetT, **changes: Any) -> DatasetT:
        """Return a dataset like this one, changed, and of no name."""
        fresh: dict[str, Any] = {"id": "", "name": None, "version": None, "description": None, "tags": {}}
        return type(self)._made(msgspec.structs.replace(self._record, **fresh, **changes), self._workspace)

    @property
    def _paths(self) -> WorkspacePaths | None:
        return self._workspace._paths if self._workspace else None

    def _entries(self) -> list[data_files.Entry]:
        """Return its files."""
        return data_files.dataset_entries(self._paths, self._record)

    def _cached(self, entry: data_files.Entry) -> Path:
        """Return the path of a file's copy on this machine: itself where it is here."""
        if entry.local is not None:
            return entry.local
        if self._paths is not None:
            return data_cache.cached(entry, self._paths.data_cache)
        if "_own_cache" not in self.__dict__:  # it has no workspace yet: it lasts as long as this object
            self._own_cache = tempfile.TemporaryDirectory(prefix="aml-data-", ignore_cleanup_errors=True)
        return data_cache.cached(entry, Path(self._own_cache.name))

    def _kept_in(self, workspace: Workspace) -> str:
        """Write the dataset down, where it is not, so that it is found by its id; return that."""
        self._in(workspace)
        self._record = datasets.keep(workspace._paths, self._record)
        self._workspace = workspace
        return self._record.id

    def _in(self, workspace: Workspace) -> None:
        """Refuse a workspace that is not that of the dataset's datastores."""
        if self._workspace is not None and self._workspace != workspace:
            raise UserErrorException(
                f"The dataset's files lie in workspace {self._workspace.name!r}: {workspace.name!r} cannot use them."
            )

    def _registered(self) -> WorkspacePaths:
        if self.name is None or self._paths is None:
            raise UserErrorException("The dataset is not registered: register it first.")
        return self._paths

    def _change(self: DatasetT, **changes: Any) -> DatasetT:
        paths = self._registered()
        self._record = msgspec.structs.replace(self._record, **changes)
        datasets.update(paths, self._record)
        return self

    def __deepcopy__(self: DatasetT, memo: Any) -> DatasetT:
        return self  # a run configuration that is copied is still about the same dataset

    def __repr__(self) -> str:
        sources = [one.path if one.datastore is None else f"('{one.datastore}', '{one.path}')" for one in self._shown()]
        parts = {"source": sources, "definition": [step[0] for step in self._record.steps]}
        if self.name is not None:
            parts["registration"] = [f"{self.name}:{self.version}", str(self.id)]
        lines = "".join(f"\n  {key}: {', '.join(values)}" for key, values in parts.items() if values)
        return f"{type(self).__name__}{lines}"

    def _shown(self) -> list[Any]:
        """Return the sources, nothing secret in them."""
        return [msgspec.structs.replace(one, path=places.shown(one.path)) for one in self._record.sources]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AbstractDataset) and other._record == self._record

    def __hash__(self) -> int:
        return hash(self.id)


def _tags(tags: dict[str, Any] | None) -> dict[str, str | None]:
    return {str(key): None if value is None else str(value) for key, value in (tags or {}).items()}
