"""Compute targets: node slots, for which runs queue."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jupyter_ext.core.notices import notice
from jupyter_ext.runtime.inside.jupyter_aml_run.events import read_state
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import ComputeTargetException, UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean
from jupyter_ext.store.queueing.queue import Queue
from jupyter_ext.store.records import ComputeRecord, encode, read_record, replace, write_once
from jupyter_ext.store.runners import advance

if TYPE_CHECKING:
    import builtins
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_ext.core.runs.run import Run
    from jupyter_ext.core.workspaces.workspace import Workspace

_RESERVED = ("amlcompute", "local", "containerinstance")
_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9-]{1,31}\Z")


class ComputeTarget:
    """A compute target of a workspace: ``ComputeTarget(workspace, name)`` returns it as the class that it is.

    Raises
    ------
    ComputeTargetException
        There is none of this name; the message begins with ``ComputeTargetNotFound`` (v1).
    """

    _compute_type = ""

    def __new__(cls, workspace: Workspace, name: str, *args: Any, **kwargs: Any) -> ComputeTarget:
        """Return the target as an object of its own class."""
        del args, kwargs
        record = read_record(file_of(workspace, name), ComputeRecord)
        if record is None:
            names = [target.name for target in ComputeTarget.list(workspace)]
            raise ComputeTargetException(
                f"ComputeTargetNotFound: Compute Target with name {name} not found in workspace {workspace.name} "
                f"(there: {', '.join(names) or 'none yet'}).{did_you_mean(name, names)} "
                "Make it with %aml compute add, or ComputeTarget.create."
            )
        own = _classes()[record.type]
        if not issubclass(own, cls):
            raise ComputeTargetException(f"Compute target {name} is of type {record.type}, not {cls.__name__}.")
        target: ComputeTarget = object.__new__(own)
        return target

    def __init__(self, workspace: Workspace, name: str) -> None:
        self.workspace = workspace
        self.name = name
        self.refresh_state()

    @staticmethod
    def create(workspace: Workspace, name: str, provisioning_configuration: Any) -> ComputeTarget:
        """Make a target; where one of this name exists, its sizes are changed to these, as in v1.

        Parameters
        ----------
        provisioning_configuration
            What :meth:`AmlCompute.provisioning_configuration` gives.

        Raises
        ------
        UserErrorException
            The name is one that v1 keeps for itself.
        ComputeTargetException
            The name is not legal, or what is asked for cannot be made here.
        """
        if hasattr(provisioning_configuration, "_attached"):
            return _attached(workspace, checked_name(name), provisioning_configuration)
        record = getattr(provisioning_configuration, "_record", None)
        if record is None:
            raise ComputeTargetException(
                f"A {type(provisioning_configuration).__name__} makes no compute target: use "
                "AmlCompute.provisioning_configuration."
            )
        made: ComputeRecord = record(checked_name(name))
        if not write_once(file_of(workspace, name), encode(made)):
            replace(file_of(workspace, name), encode(made))
            advance(Queue(workspace._catalogue), name)
        return ComputeTarget(workspace, name)

    @staticmethod
    def attach(workspace: Workspace, name: str, attach_configuration: Any) -> ComputeTarget:
        """Make a target of machines that are there: a Ray cluster.

        Parameters
        ----------
        attach_configuration
            What :meth:`RayCompute.attach_configuration` gives.

        Raises
        ------
        UserErrorException
            There is a target of this name, or the name is one that v1 keeps for itself.
        ComputeTargetException
            The cluster does not answer or is of another version, or it is another machine than a Ray cluster's; the
            message tells what to do.
        """
        checked_name(name)
        if hasattr(attach_configuration, "_attached"):
            return _attached(workspace, name, attach_configuration)
        what = getattr(attach_configuration, "what", f"a {type(attach_configuration).__name__}")
        raise ComputeTargetException(
            f"{name} cannot be attached: {what} is neither this machine nor a Ray cluster. Use 'local', "
            "ComputeTarget.create with AmlCompute.provisioning_configuration, or RayCompute.attach_configuration."
        )

    @staticmethod
    def deserialize(workspace: Workspace, object_dict: dict[str, Any]) -> ComputeTarget:
        """Return the target that :meth:`serialize` has described."""
        return ComputeTarget(workspace, object_dict["name"])

    @staticmethod
    def list(workspace: Workspace) -> builtins.list[ComputeTarget]:
        """Return the targets of a workspace, by name."""
        files = sorted(workspace._paths.computes.glob("*.json"))
        return [ComputeTarget(workspace, file.stem) for file in files]

    def wait_for_completion(self, show_output: bool = False, is_delete_operation: bool = False) -> None:
        """Return at once, as there is nothing to wait for; say so where it is asked for."""
        del is_delete_operation
        if show_output:
            print(f"{self.name}: {self.provisioning_state}")  # noqa: T201 - asked for by show_output

    @property
    def type(self) -> str:
        """What kind of target it is."""
        return self._compute_type

    @property
    def provisioning_state(self) -> str:
        """Always ``Succeeded``: slots on this machine are there at once."""
        return "Succeeded"

    @property
    def provisioning_errors(self) -> builtins.list[Any]:
        """Always empty."""
        return []

    def refresh_state(self) -> None:
        """Read the target again."""
        record = read_record(file_of(self.workspace, self.name), ComputeRecord)
        if record is None:
            raise ComputeTargetException(f"ComputeTargetNotFound: {self.name} has been deleted.")
        self._record = record

    def _rescale(self, changed: ComputeRecord) -> None:
        """Write down new sizes, and move the line; runs that need more nodes by now are told."""
        replace(file_of(self.workspace, self.name), encode(changed))
        self.refresh_state()
        queue = Queue(self.workspace._catalogue)
        advance(queue, self.name)
        wide = ", ".join(f"{run_id} ({nodes})" for run_id, nodes in queue.too_wide(self.name).items())
        if wide:
            notice(f"these runs need more nodes than {self.name} has now, and wait until it has as many: {wide}.")

    def delete(self) -> None:
        """Remove the target.

        Raises
        ------
        ComputeTargetException
            Runs use it, or wait for it.
        """
        queue = Queue(self.workspace._catalogue)
        advance(queue, self.name)  # a run that has just ended may not have left the line yet
        runs = [run_id for run_id, _ in queue.line(self.name)]
        if runs:
            count = "1 run" if len(runs) == 1 else f"{len(runs)} runs"
            raise ComputeTargetException(
                f"{self.name} has {count}: wait until they have ended, or cancel them, %aml cancel {' '.join(runs)}."
            )
        file_of(self.workspace, self.name).unlink(missing_ok=True)

    def detach(self) -> None:
        """Raise, as in v1: a target that was created is deleted, not detached.

        Raises
        ------
        ComputeTargetException
            Always.
        """
        raise ComputeTargetException(f"{self.name} was created here: delete() removes it.")

    def get_status(self) -> Any:
        """Return the state of provisioning."""
        return self.provisioning_state

    def get_active_runs(
        self,
        type: str | None = None,  # noqa: A002 - v1's name
        tags: Any = None,
        properties: Any = None,
        status: str | None = None,
    ) -> Iterator[Run]:
        """Yield the runs that use the target or wait for it, newest first."""
        from jupyter_ext.core.runs.run import Run  # noqa: PLC0415 - runs know targets

        line = {run_id for run_id, _ in Queue(self.workspace._catalogue).line(self.name)}
        return (run for run in Run.list_by_compute(self, type, tags, properties, status) if run.id in line)

    def serialize(self) -> dict[str, Any]:
        """Return what the target is, under v1's keys."""
        record = self._record
        return {
            "id": f"/workspaces/{self.workspace.name}/computes/{self.name}",
            "name": self.name,
            "location": self.workspace.location,
            "tags": record.tags,
            "properties": {
                "computeType": self.type,
                "description": record.description,
                "provisioningState": self.provisioning_state,
                "properties": {
                    "vmSize": record.vm_size,
                    "vmPriority": record.vm_priority,
                    "scaleSettings": scale_settings(record),
                },
            },
        }

    @property
    def tags(self) -> dict[str, str]:
        """The target's tags."""
        return dict(self._record.tags or {})

    def __repr__(self) -> str:
        return f"{type(self).__name__}(workspace={self.workspace!r}, name={self.name}, type={self.type})"


def file_of(workspace: Workspace, name: str) -> Path:
    """Return where a target is written down."""
    return workspace._paths.compute(name)


def state_of_node(workspace: Workspace, run_id: str | None) -> str:
    """Return what a node does, given the run that has it, in v1's words."""
    if run_id is None:
        return "idle"
    paths = workspace._catalogue.run_paths(run_id)
    if paths is None:  # another workspace's
        return "running"
    has_begun = read_state(str(paths.root))["status"] in ("Running", "Finalizing", "CancelRequested")
    return "running" if has_begun else "preparing"


def scale_settings(record: ComputeRecord) -> dict[str, Any]:
    """Return how many nodes a target has, under v1's keys."""
    return {
        "minNodeCount": record.min_nodes,
        "maxNodeCount": record.max_nodes,
        "nodeIdleTimeBeforeScaleDown": f"PT{record.idle_seconds}S",
    }


def checked_name(name: str) -> str:
    """Return a target's name.

    Raises
    ------
    UserErrorException
        It is one that v1 keeps for itself.
    ComputeTargetException
        It is not legal.
    """
    if name.lower() in _RESERVED:
        raise UserErrorException(f"{name!r} is a reserved name: choose another for a compute target.")
    if not _NAME.match(name):
        raise ComputeTargetException(
            f"{name!r} cannot be a compute target's name: use 2 to 32 letters, digits and '-', a letter first."
        )
    return name


def _classes() -> dict[str, type[ComputeTarget]]:
    from .aml_compute import AmlCompute  # noqa: PLC0415 - it is a compute target
    from .compute_instance import ComputeInstance  # noqa: PLC0415 - so is this
    from .ray_compute import RayCompute  # noqa: PLC0415 - and this

    return {one._compute_type: one for one in (AmlCompute, ComputeInstance, RayCompute)}


def _attached(workspace: Workspace, name: str, configuration: Any) -> ComputeTarget:
    file = file_of(workspace, name)
    if file.exists():
        raise UserErrorException(
            f"There is a compute target {name!r} already: choose another name, or delete or detach that one first."
        )
    replace(file, encode(configuration._attached(name, file.with_suffix(".d"))))
    return ComputeTarget(workspace, name)
