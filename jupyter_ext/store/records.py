"""What is written down once and read by every part: plain, typed, frozen data."""

from __future__ import annotations

import getpass
import os
import shlex
import tempfile
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.events import TERMINAL as TERMINAL  # noqa: PLC0414 - for all readers
from jupyter_ext.store.data.data_records import PLACEHOLDER, DataInput, DataOutput

from .sweep_record import Sweep  # noqa: TC001 - msgspec reads the types

if TYPE_CHECKING:
    from pathlib import Path

RecordT = TypeVar("RecordT", bound=msgspec.Struct)
Argument = str | int | float | bool | None
DEFAULT_MAX_SECONDS = 2592000
"""v1's own limit for every run, 30 days, which says nothing about how long one takes."""

RAY_IDLE_SECONDS = 120


class RayCluster(msgspec.Struct, frozen=True, kw_only=True):
    """Where the nodes of a target are, when they are machines of a Ray cluster.

    Attributes
    ----------
    address
        ``HOST:PORT``.
    cpus, gpus
        What a run takes of each of its nodes.
    idle_seconds
        How long what starts a run's ranks stays on a node for the next one.
    hosts, ports
        The addresses of a run's nodes, and free ports of each, once it has them.
    processes
        Those that make up a cluster that was started here, the head first: each its process id and when it began.
    """

    address: str
    cpus: float = 1.0
    gpus: float = 0.0
    idle_seconds: int = RAY_IDLE_SECONDS
    hosts: list[str] = []
    ports: list[list[int]] = []
    processes: list[tuple[int, float]] = []


class RunSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What a run was asked to do: the content of ``run.json``.

    Attributes
    ----------
    created
        Unix seconds.
    arguments
        The script's arguments, types kept as v1 keeps them.
    command
        A shell command instead of a script.
    environment
        v1's serialised environment; never holds a password.
    container
        Whether the ranks run in a container or as processes.
    interpreter
        The Python of processes when no environment was asked for.
    environment_variables
        Set for every rank. The values of those named in ``hidden_variables`` are not written down.
    run_definition
        The run configuration as ``get_details()['runDefinition']`` gives it.
    distribution
        How the ranks find one another: ``pytorch``, ``tensorflow``, ``mpi`` or ``torchrun``. None: as ``pytorch``,
        where they are several.
    min_node_count, max_restarts
        With how few nodes ``torchrun`` goes on, and how often it starts the ranks again when one fails.
    gpus_per_node
        GPUs that each node is given, and no other run meanwhile.
    max_retries
        How often it is placed again when a node of it dies.
    ray
        The cluster that its nodes are on; None: they are on this machine.
    inputs, outputs
        The data that it is given, and what of it goes to datastores.
    """

    run_id: str
    experiment: str
    workspace: str
    type: str | None
    created: float
    subscription_id: str = ""
    resource_group: str = ""
    number: int = 1
    parent: str | None = None
    display_name: str | None = None
    script: str | None = None
    arguments: list[Argument] = []
    command: str | None = None
    target: str = "local"
    ray: RayCluster | None = None
    node_count: int = 1
    gpus_per_node: int = 0
    processes_per_node: int = 1
    parameter_servers: int = 0
    distribution: str | None = None
    min_node_count: int | None = None
    max_restarts: int = 0
    environment: dict[str, Any] | None = None
    container: bool = False
    interpreter: str | None = None
    environment_variables: dict[str, str] = {}
    hidden_variables: list[str] = []
    docker_arguments: list[str] = []
    shm_size: str | None = None
    max_run_duration_seconds: float | None = None
    max_retries: int = 0
    snapshot_id: str | None = None
    snapshot_seconds: float | None = None
    snapshot_files: int | None = None
    snapshot_bytes: int | None = None
    source_directory: str | None = None
    tags: dict[str, str | None] = {}
    properties: dict[str, str | None] = {}
    run_definition: dict[str, Any] = {}
    submitted_by: str = ""
    inputs: list[DataInput] = []
    outputs: list[DataOutput] = []
    sweep: Sweep | None = None

    @property
    def is_elsewhere(self) -> bool:
        """Whether the ranks do not see this machine's files: in a container, or on another machine."""
        return self.container or self.ray is not None

    @property
    def rank_count(self) -> int:
        """How many processes there are over all nodes."""
        return self.node_count * self.processes_per_node + self.parameter_servers

    @property
    def gpus(self) -> int:
        """How many GPUs it needs over all nodes."""
        return self.node_count * self.gpus_per_node

    @property
    def seconds_at_most(self) -> float | None:
        """How long it takes at most, where whoever submitted it has said so."""
        limit = self.max_run_duration_seconds
        return None if limit is None or limit >= DEFAULT_MAX_SECONDS else limit

    @property
    def command_line(self) -> str:
        """The command as it was typed, for people."""
        words = [self.script, *self.arguments] if self.script else self.arguments
        return PLACEHOLDER.sub(r"$\1", self.command or shlex.join(map(str, words)))


class ExperimentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An experiment, as it is kept."""

    name: str
    id: str
    created: float
    archived: float | None = None
    tags: dict[str, str | None] = {}


class ComputeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A compute target, as it is kept: node slots of this machine."""

    name: str
    type: str = "AmlCompute"
    vm_size: str = ""
    vm_priority: str = "dedicated"
    min_nodes: int = 0
    max_nodes: int = 1
    idle_seconds: int = 1800
    tags: dict[str, str] | None = None
    description: str | None = None
    ray: RayCluster | None = None
    created: float
    modified: float

    @property
    def is_here(self) -> bool:
        """Whether its nodes are slots of this machine, whose GPUs they share."""
        return self.type in ("AmlCompute", "ComputeInstance")


class EnvironmentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A registered version of an environment."""

    name: str
    version: str
    created: float
    definition: dict[str, Any]


class BuiltRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a run's environment was built to, as far as it tells what ran; ``build`` writes it.

    Attributes
    ----------
    kind
        ``image``, ``venv`` or ``interpreter``.
    key
        The content hash of what was asked for.
    python, version
        The interpreter, and its version.
    image, tag
        The image's id and name.
    lock
        The installed packages, as ``name==version``.
    """

    kind: str
    key: str
    python: str
    version: str = ""
    image: str | None = None
    tag: str | None = None
    lock: list[str] = []


class ModelRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A registered version of a model; its files lie beside it.

    Attributes
    ----------
    datasets
        Pairs of what a dataset was used for, and its id.
    """

    name: str
    version: int
    created: float
    run_id: str | None = None
    experiment: str | None = None
    path: str = ""
    size: int = 0
    tags: dict[str, str | None] = {}
    properties: dict[str, str | None] = {}
    description: str | None = None
    framework: str | None = None
    framework_version: str | None = None
    created_by: str = ""
    datasets: list[list[str]] = []


class LaunchSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What the launcher of one node is told; read by ``runtime/launcher.py``.

    Attributes
    ----------
    gpus
        The ids of the node's GPUs; None: all that its launcher sees.
    beat
        ``file``, relative to the run directory, which has to change at least every so many ``seconds``: where it does
        not, nobody looks after the launcher any more, and it ends.
    spawned
        The run's ranks on this node, where it is not the launcher that starts them but ``mpirun``; none under
        ``torchrun``, which chooses which ranks a node has when the nodes have met.
    each
        What each of those is: its ``argv`` or its ``shell``, ``cwd``, and the ``logs`` of all ranks.
    """

    version: int
    node: int
    argv: list[str] | None = None
    shell: str | None = None
    cwd: str = "work"
    env: dict[str, str] = {}
    path: dict[str, list[str]] = {}
    ranks: list[dict[str, Any]]
    gpus: list[str] | None = None
    max_seconds: float | None = None
    grace_seconds: float = 10.0
    serve: dict[str, Any] | None = None
    beat: dict[str, Any] | None = None
    spawned: list[int] | None = None
    each: dict[str, Any] | None = None


def write_once(path: Path, data: bytes) -> bool:
    """Put ``data`` at ``path`` whole or not at all; return False when something is there already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = _part(path, data)
    try:
        os.link(part, path)
    except FileExistsError:
        return False
    finally:
        os.unlink(part)  # noqa: PTH108 - it is a str
    return True


def replace(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Put ``data`` at ``path`` whole, in place of what is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.replace(_part(path, data, mode), path)  # noqa: PTH105 - the first is a str


def _part(path: Path, data: bytes, mode: int = 0o644) -> str:
    """Write ``data`` beside ``path``; return where."""
    part = tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False)  # noqa: SIM115
    try:
        with part:
            part.write(data)
        os.chmod(part.name, mode)  # noqa: PTH101 - a temporary file is private; a record is not
    except BaseException:
        os.unlink(part.name)  # noqa: PTH108 - NamedTemporaryFile gives a str
        raise
    return part.name


def encode(record: msgspec.Struct) -> bytes:
    """Return ``record`` as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(record), indent=2)


def read_record(path: Path, kind: type[RecordT]) -> RecordT | None:
    """Return the record at ``path``, or None when there is none."""
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return msgspec.json.decode(data, type=kind)


def user_name() -> str:
    """Return this user's name; in a container a user may have none, and then it is the number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
