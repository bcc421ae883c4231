"""Datastores, datasets, and what of them goes into a run and comes out: plain, typed, frozen data."""

from __future__ import annotations

import re
import uuid
from typing import Any

import msgspec

PLACEHOLDER = re.compile(r"\b(?:DatasetConsumptionConfig|DatasetOutputConfig):(\w+)")
"""What stands for the path of an input or an output in arguments and commands (v1)."""

_NAMESPACE = uuid.UUID("9f2a5c0e-7d0b-5d8e-9a38-0c5a4c6f3b11")


class DatastoreRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A datastore, as it is kept.

    Attributes
    ----------
    type
        v1's word: ``AzureBlob``, ``AzureFile``, ``AzureDataLakeGen2``; ``Custom`` for what v1 had not.
    url
        Where it lies, as fsspec writes it.
    options
        What the driver is told besides; nothing secret.
    shown
        Attributes that notebooks read, such as ``account_name``.
    """

    name: str
    type: str
    url: str
    options: dict[str, Any] = {}
    shown: dict[str, Any] = {}
    created: float = 0.0


class Source(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where files of a dataset are.

    Attributes
    ----------
    path
        A file, a folder or a pattern: within the datastore, or a URL.
    datastore
        Its name; None where ``path`` is a URL.
    sealed
        Where the vault has what is secret of the URL.
    """

    path: str
    datastore: str | None = None
    sealed: str | None = None


class DatasetRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A dataset: where its files are, how they are read, and what is done with them.

    Attributes
    ----------
    kind
        ``file`` or ``tabular``.
    table
        Of a tabular one: ``format`` and the options of reading it.
    steps
        What is done with its files or rows, in order: a name and its operands each.
    partition_format
        How columns are read from a file's path.
    run_id
        The run that has written it.
    """

    kind: str
    sources: list[Source]
    table: dict[str, Any] = {}
    steps: list[list[Any]] = []
    partition_format: str | None = None
    id: str = ""
    name: str | None = None
    version: int | None = None
    description: str | None = None
    tags: dict[str, str | None] = {}
    created: float = 0.0
    run_id: str | None = None

    @property
    def definition(self) -> bytes:
        """What it is, apart from what it is called."""
        parts = (self.kind, self.sources, self.table, self.steps, self.partition_format)
        return msgspec.json.encode(parts, order="sorted")

    @property
    def identity(self) -> str:
        """Its id; one that is not registered has that of its definition."""
        return self.id or str(uuid.uuid5(_NAMESPACE, self.definition.decode()))


class DataInput(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A dataset, or a folder of a datastore, that a run is given.

    Attributes
    ----------
    name
        The input's name, which is that of its environment variable too.
    mode
        ``mount``, ``download`` or ``direct``.
    reference
        Whether it is v1's older data reference, whose variable has a prefix.
    """

    name: str
    dataset: DatasetRecord
    mode: str
    path_on_compute: str | None = None
    reference: bool = False


class DataOutput(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A folder of a run that goes to a datastore.

    Attributes
    ----------
    path
        Where it goes, within the datastore.
    mode
        ``mount``: whatever is written is there; ``upload``: copied when the script has ended well.
    source
        The folder that the script writes to; None for one of the run's own.
    globs
        Which of its files; all where it is empty.
    registered
        The dataset that it becomes: name, description and tags, and how a table is read.
    """

    name: str
    datastore: str
    path: str
    mode: str
    source: str | None = None
    overwrite: bool = False
    globs: list[str] = []
    registered: DatasetRecord | None = None
    reference: bool = False


class WrittenOutput(msgspec.Struct, frozen=True, kw_only=True):
    """An output of a run that has ended, with the dataset that it is now."""

    name: str
    dataset: DatasetRecord


class PreparedData(msgspec.Struct, frozen=True, kw_only=True):
    """What the launcher of a run needs to know of its data.

    Attributes
    ----------
    environment
        Variables for the ranks.
    values
        What takes the place of ``DatasetConsumptionConfig:<name>`` and ``DatasetOutputConfig:<name>`` in arguments.
    volumes
        ``host:container`` or ``host:container:ro``, for a container.
    links
        Pairs: a path that the script is to find, absolute or in its folder, and where it leads.
    """

    environment: dict[str, str] = {}
    values: dict[str, str] = {}
    volumes: list[str] = []
    links: list[tuple[str, str]] = []
