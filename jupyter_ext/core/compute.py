"""Compute targets: node slots, for which runs queue."""

from __future__ import annotations

import platform
import re
import time
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import ComputeTargetException, UserErrorException
from jupyter_ext.store.queue import Queue
from jupyter_ext.store.records import ComputeRecord, encode, read_record, replace, write_once
from jupyter_ext.store.runners import advance

from .times import iso

if TYPE_CHECKING:
    import builtins
    from pathlib import Path

    from .workspace import Workspace

_IDLE_SECONDS = 1800
_RESERVED = ("amlcompute", "local", "containerinstance")
_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9-]{1,31}\Z")
_GPU_SIZES = re.compile(r"^standard_n[cdv]", re.IGNORECASE)


class AmlComputeProvisioningConfiguration:
    """What a target is to have; see :meth:`AmlCompute.provisioning_configuration`."""

    def __init__(
        self,
        vm_size: str = "",
        vm_priority: str = "dedicated",
        min_nodes: Any = 0,
        max_nodes: Any = None,
        idle_seconds_before_scaledown: Any = 1800,
        tags: dict[str, str] | None = None,
        description: str | None = None,
    ) -> None:
        self.vm_size = vm_size or ""
        self.vm_priority = vm_priority
        self.min_nodes = _count("min_nodes", 0 if min_nodes is None else min_nodes)
        self.max_nodes = _count("max_nodes", max_nodes)
        self.idle_seconds_before_scaledown = _count(
            "idle_seconds_before_scaledown", idle_seconds_before_scaledown or 1800
        )
        self.tags = tags
        self.description = description
        if self.max_nodes < max(self.min_nodes, 1):
            raise ComputeTargetException(
                f"max_nodes is {self.max_nodes}: it must be at least 1, and at least min_nodes ({self.min_nodes})."
            )


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
        record = read_record(_file(workspace, name), ComputeRecord)
        if record is None:
            known = ", ".join(target.name for target in ComputeTarget.list(workspace)) or "none yet"
            raise ComputeTargetException(
                f"ComputeTargetNotFound: Compute Target with name {name} not found in workspace {workspace.name} "
                f"(there: {known}). Make it with ComputeTarget.create."
            )
        target: ComputeTarget = object.__new__(AmlCompute)
        return target

    def __init__(self, workspace: Workspace, name: str) -> None:
        self.workspace = workspace
        self.name = name
        self.refresh_state()

    @staticmethod
    def create(
        workspace: Workspace, name: str, provisioning_configuration: AmlComputeProvisioningConfiguration
    ) -> ComputeTarget:
        """Make a target; where one of this name exists, its sizes are changed to these, as in v1.

        Raises
        ------
        UserErrorException
            The name is one that v1 keeps for itself.
        ComputeTargetException
            The name is not legal.
        """
        if name.lower() in _RESERVED:
            raise UserErrorException(f"{name!r} is a reserved name: choose another for a compute target.")
        if not _NAME.match(name):
            raise ComputeTargetException(
                f"{name!r} cannot be a compute target's name: use 2 to 32 letters, digits and '-', a letter first."
            )
        now = time.time()
        asked = provisioning_configuration
        record = ComputeRecord(
            name=name,
            vm_size=asked.vm_size.upper(),
            vm_priority=asked.vm_priority,
            min_nodes=asked.min_nodes,
            max_nodes=asked.max_nodes,
            idle_seconds=asked.idle_seconds_before_scaledown,
            tags=asked.tags,
            description=asked.description,
            created=now,
            modified=now,
        )
        if not write_once(_file(workspace, name), encode(record)):
            replace(_file(workspace, name), encode(record))
            advance(Queue(workspace._catalogue), name)
        _say_what_is_missing(record)
        return ComputeTarget(workspace, name)

    @staticmethod
    def list(workspace: Workspace) -> builtins.list[ComputeTarget]:
        """Return the targets of a workspace, by name."""
        files = sorted(workspace._paths.computes.glob("*.json"))
        return [ComputeTarget(workspace, file.stem) for file in files]

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
        record = read_record(_file(self.workspace, self.name), ComputeRecord)
        if record is None:
            raise ComputeTargetException(f"ComputeTargetNotFound: {self.name} has been deleted.")
        self._record = record

    def delete(self) -> None:
        """Remove the target.

        Raises
        ------
        ComputeTargetException
            Runs use it, or wait for it.
        """
        line = Queue(self.workspace._catalogue).line(self.name)
        if line:
            raise ComputeTargetException(
                f"{self.name} has {len(line)} runs: cancel them, or wait until they have ended."
            )
        _file(self.workspace, self.name).unlink(missing_ok=True)

    def detach(self) -> None:
        """Raise, as in v1: a target that was created is deleted, not detached."""
        raise ComputeTargetException(f"{self.name} was created here: delete() removes it.")

    def get_status(self) -> Any:
        """Return the state of provisioning."""
        return self.provisioning_state

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
                    "scaleSettings": _scale(record),
                },
            },
        }

    def __repr__(self) -> str:
        return f"{type(self).__name__}(workspace={self.workspace!r}, name={self.name}, type={self.type})"


class AmlComputeStatus:
    """What an :class:`AmlCompute` is doing."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._content = content
        self.current_node_count: int = content["currentNodeCount"]
        self.target_node_count: int = content["targetNodeCount"]
        self.allocation_state: str = content["allocationState"]
        self.provisioning_state: str = content["provisioningState"]
        self.node_state_counts: dict[str, int] = content["nodeStateCounts"]
        self.errors = content["errors"]
        self.vm_size: str = content["vmSize"]
        self.vm_priority: str = content["vmPriority"]
        self.scale_settings: dict[str, Any] = content["scaleSettings"]
        self.creation_time: str = content["creationTime"]
        self.modified_time: str = content["modifiedTime"]

    def serialize(self) -> dict[str, Any]:
        """Return the status under v1's keys."""
        return self._content

    def __repr__(self) -> str:
        return f"AmlComputeStatus({self._content})"


class AmlCompute(ComputeTarget):
    """Node slots on this machine, at most ``max_nodes`` in use at once."""

    _compute_type = "AmlCompute"

    @staticmethod
    def provisioning_configuration(
        vm_size: str = "",
        vm_priority: str = "dedicated",
        min_nodes: Any = 0,
        max_nodes: Any = None,
        idle_seconds_before_scaledown: Any = 1800,
        admin_username: str | None = None,
        admin_user_password: str | None = None,
        admin_user_ssh_key: str | None = None,
        vnet_resourcegroup_name: str | None = None,
        vnet_name: str | None = None,
        subnet_name: str | None = None,
        tags: dict[str, str] | None = None,
        description: str | None = None,
        remote_login_port_public_access: str = "NotSpecified",
        identity_type: str | None = None,
        identity_id: Any = None,
        location: str | None = None,
        enable_node_public_ip: bool = True,
    ) -> AmlComputeProvisioningConfiguration:
        """Describe a target.

        Parameters
        ----------
        vm_size
            What a node has, in v1's names; what this machine cannot give is said when the target is made.
        min_nodes, max_nodes
            Nodes that stay, and nodes at most. ``max_nodes`` must be given.
        idle_seconds_before_scaledown
            Kept; slots on this machine cost nothing while they are idle.

        The parameters for accounts, networks and identities are accepted as in v1 and have no meaning here.

        Raises
        ------
        ComputeTargetException
            A number is missing, negative, or less than another that it must reach.
        """
        del (
            admin_username,
            admin_user_password,
            admin_user_ssh_key,
            vnet_resourcegroup_name,
            vnet_name,
            subnet_name,
        )
        del remote_login_port_public_access, identity_type, identity_id, location, enable_node_public_ip
        return AmlComputeProvisioningConfiguration(
            vm_size, vm_priority, min_nodes, max_nodes, idle_seconds_before_scaledown, tags, description
        )

    @property
    def vm_size(self) -> str:
        """What a node has, in v1's names."""
        return self._record.vm_size

    @property
    def status(self) -> AmlComputeStatus:
        """The same as :meth:`get_status`."""
        return self.get_status()

    def get_status(self) -> AmlComputeStatus:
        """Return how many nodes are there and in use."""
        self.refresh_state()
        record = self._record
        running = sum(granted for _, granted in Queue(self.workspace._catalogue).line(self.name))
        current = max(record.min_nodes, running)
        counts = dict.fromkeys(("preparing", "running", "idle", "unusable", "leaving", "preempted"), 0)
        counts.update(running=running, idle=current - running)
        return AmlComputeStatus(
            {
                "currentNodeCount": current,
                "targetNodeCount": current,
                "nodeStateCounts": {f"{name}NodeCount": count for name, count in counts.items()},
                "allocationState": "Steady",
                "allocationStateTransitionTime": iso(record.modified),
                "errors": None,
                "creationTime": iso(record.created),
                "modifiedTime": iso(record.modified),
                "provisioningState": self.provisioning_state,
                "provisioningStateTransitionTime": None,
                "scaleSettings": _scale(record),
                "vmPriority": record.vm_priority.capitalize(),
                "vmSize": record.vm_size,
            }
        )

    def wait_for_completion(
        self,
        show_output: bool = False,
        min_node_count: int | None = None,
        timeout_in_minutes: float = 25,
        is_delete_operation: bool = False,
    ) -> None:
        """Return at once, as the slots are there; say what v1 says."""
        del min_node_count, timeout_in_minutes, is_delete_operation
        if show_output:
            print("Succeeded\nAmlCompute wait for completion finished\n")  # noqa: T201 - asked for by show_output
            print("Minimum number of nodes requested have been provisioned")  # noqa: T201 - v1's text

    def update(
        self,
        min_nodes: Any = None,
        max_nodes: Any = None,
        idle_seconds_before_scaledown: Any = None,
    ) -> None:
        """Change the sizes; what is not given stays."""
        record = self._record
        asked = AmlComputeProvisioningConfiguration(
            record.vm_size,
            record.vm_priority,
            record.min_nodes if min_nodes is None else min_nodes,
            record.max_nodes if max_nodes is None else max_nodes,
            record.idle_seconds if idle_seconds_before_scaledown is None else idle_seconds_before_scaledown,
        )
        changed = msgspec.structs.replace(
            record,
            min_nodes=asked.min_nodes,
            max_nodes=asked.max_nodes,
            idle_seconds=asked.idle_seconds_before_scaledown,
            modified=time.time(),
        )
        replace(_file(self.workspace, self.name), encode(changed))
        self.refresh_state()
        advance(Queue(self.workspace._catalogue), self.name)

    def list_nodes(self) -> builtins.list[dict[str, Any]]:
        """Return the nodes in use: where they are, and which run has them."""
        line = Queue(self.workspace._catalogue).line(self.name)
        return [
            {
                "nodeId": f"{platform.node()}-{index}",
                "port": None,
                "publicIpAddress": None,
                "privateIpAddress": "127.0.0.1",
                "nodeState": "running",
                "runId": run_id,
            }
            for index, (run_id, granted) in enumerate(line)
            if granted
        ]


def _file(workspace: Workspace, name: str) -> Path:
    return workspace._paths.computes / f"{name.replace('/', '_')}.json"


def _count(name: str, value: Any) -> int:
    """Return a node count, which notebooks also give as text."""
    if value is None:
        raise ComputeTargetException(f"{name} must be given: how many nodes there are at most.")
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise ComputeTargetException(f"{name} is a whole number, not {value!r}.") from None
    if number < 0:
        raise ComputeTargetException(f"{name} is {number}: it cannot be negative.")
    return number


def _say_what_is_missing(record: ComputeRecord) -> None:
    """Say in one line that this machine has no GPU where the size asks for one."""
    if not _GPU_SIZES.match(record.vm_size):
        return
    from jupyter_ext.engines.sampler import gpu_count  # noqa: PLC0415 - NVML is loaded where a GPU is asked for

    if not gpu_count():
        print(f"{record.name}: {record.vm_size} has a GPU and this machine has none: runs use its CPU.")  # noqa: T201


def _scale(record: ComputeRecord) -> dict[str, Any]:
    return {
        "minNodeCount": record.min_nodes,
        "maxNodeCount": record.max_nodes,
        "nodeIdleTimeBeforeScaleDown": f"PT{record.idle_seconds}S",
    }
