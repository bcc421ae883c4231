"""AmlCompute: node slots on this machine."""

from __future__ import annotations

import os
import platform
import shutil
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from jupyter_ext.core.notices import ignored
from jupyter_ext.core.times import iso
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import ComputeTargetException
from jupyter_ext.store.queueing.queue import Queue

from .aml_compute_configuration import AmlComputeProvisioningConfiguration
from .compute import ComputeTarget, scale_settings, state_of_node

if TYPE_CHECKING:
    import builtins

    from jupyter_ext.core.workspaces.workspace import Workspace


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
            A number is missing, negative, or less than another that it must reach; an account or a network is half
            given (v1).
        """
        if bool(vnet_name) != bool(subnet_name):
            raise ComputeTargetException("vnet_name and subnet_name are given together, or not at all.")
        if (admin_user_password or admin_user_ssh_key) and not admin_username:
            raise ComputeTargetException("An admin password or key needs an admin_username.")
        ignored(
            "accounts, virtual networks and identities",
            admin_username=admin_username,
            vnet_resourcegroup_name=vnet_resourcegroup_name,
            vnet_name=vnet_name,
            subnet_name=subnet_name,
            identity_type=identity_type,
            identity_id=identity_id,
        )
        del remote_login_port_public_access, location, enable_node_public_ip
        return AmlComputeProvisioningConfiguration(
            vm_size, vm_priority, min_nodes, max_nodes, idle_seconds_before_scaledown, tags, description
        )

    @property
    def vm_size(self) -> str:
        """What a node has, in v1's names."""
        return self._record.vm_size

    @property
    def vm_priority(self) -> str:
        """``Dedicated`` or ``LowPriority``, as it was asked for; it means nothing on this machine."""
        return "LowPriority" if self._record.vm_priority.lower() == "lowpriority" else "Dedicated"

    @property
    def scale_settings(self) -> dict[str, Any]:
        """How many nodes the target has at least and at most, and for how long one is idle, under v1's keys."""
        return scale_settings(self._record)

    @property
    def status(self) -> AmlComputeStatus:
        """The same as :meth:`get_status`."""
        return self.get_status()

    def get_status(self) -> AmlComputeStatus:
        """Return how many nodes are there and in use.

        Nodes are there at once when runs wait for them, and are gone when the last run that could use them has ended;
        ``min_nodes`` of them always are.
        """
        self.refresh_state()
        record = self._record
        states = Counter(node["nodeState"] for node in self.list_nodes())
        current = states.total()
        counts = {name: states[name] for name in ("preparing", "running", "idle", "unusable", "leaving", "preempted")}
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
                "scaleSettings": self.scale_settings,
                "vmPriority": self.vm_priority,
                "vmSize": record.vm_size,
            }
        )

    def wait_for_completion(  # type: ignore[override]  # v1's order of parameters
        self,
        show_output: bool = False,
        min_node_count: int | None = None,
        timeout_in_minutes: float = 25,
        is_delete_operation: bool = False,
    ) -> None:
        """Return at once, as nodes come when runs ask for them; say what v1 says.

        Parameters
        ----------
        show_output
            Say it.
        min_node_count
            Nodes to wait for. More than there are would not come by waiting, so it is said that they are not there.
        timeout_in_minutes, is_delete_operation
            Accepted as in v1: nothing takes long here.
        """
        del timeout_in_minutes
        if not show_output:
            return
        if is_delete_operation:
            print("Succeeded\nDelete operation finished\n")  # noqa: T201 - asked for by show_output
            return
        print("Succeeded\nAmlCompute wait for completion finished\n")  # noqa: T201 - asked for by show_output
        current = self.get_status().current_node_count
        if current >= (min_node_count or 0):
            print("Minimum number of nodes requested have been provisioned")  # noqa: T201 - v1's text
            return
        state = self.provisioning_state
        print("Wait timeout has been reached")  # noqa: T201 - v1's text
        print(f'Current provisioning state of AmlCompute is "{state}" and current node count is "{current}"')  # noqa: T201 - v1's text

    def update(
        self,
        min_nodes: Any = None,
        max_nodes: Any = None,
        idle_seconds_before_scaledown: Any = None,
    ) -> None:
        """Change the sizes; what is not given stays, and where nothing is given nothing changes."""
        if (min_nodes, max_nodes, idle_seconds_before_scaledown) == (None, None, None):
            return
        self.refresh_state()
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
        self._rescale(changed)

    def list_nodes(self) -> builtins.list[dict[str, Any]]:
        """Return the nodes: which run has each, and those that are idle."""
        self.refresh_state()
        queue = Queue(self.workspace._catalogue)
        runs: builtins.list[str | None] = [*queue.nodes_in_use(self.name)]
        wanted = min(queue.slots(self.name), len(runs) + queue.nodes_waited_for(self.name))
        runs += [None] * (max(self._record.min_nodes, wanted) - len(runs))
        return [
            {
                "nodeId": f"{platform.node()}-{index}",
                "port": None,
                "publicIpAddress": None,
                "privateIpAddress": "127.0.0.1",
                "nodeState": state_of_node(self.workspace, run_id),
                "runId": run_id,
            }
            for index, run_id in enumerate(runs)
        ]

    def get(self) -> dict[str, Any]:
        """Return the target as it is now, under v1's keys."""
        self.refresh_state()
        return self.serialize()

    def add_identity(self, identity_type: str, identity_id: Any = None) -> None:
        """Accept a cloud identity, which means nothing here."""
        ignored("accounts, virtual networks and identities", identity_type=identity_type, identity_id=identity_id)

    def remove_identity(self, identity_id: Any = None) -> None:
        """Accept a cloud identity, which means nothing here."""
        ignored("accounts, virtual networks and identities", identity_id=identity_id)

    @staticmethod
    def supported_vmsizes(workspace: Workspace, location: str | None = None) -> builtins.list[dict[str, Any]]:
        """Return what a node can be, under v1's keys: this machine, whatever size is named.

        Memory is in GB, the disk in MB.
        """
        import psutil  # noqa: PLC0415 - seldom asked for

        from jupyter_ext.store.queueing.nvml import gpu_count  # noqa: PLC0415 - NVML is loaded where it is asked for

        del location
        disk = shutil.disk_usage(workspace._paths.root).total
        return [
            {
                "name": "local",
                "vCPUs": os.cpu_count(),
                "gpus": gpu_count(),
                "memoryGB": round(psutil.virtual_memory().total / 2**30, 1),
                "maxResourceVolumeMB": disk // 2**20,
            }
        ]

    @staticmethod
    def list_usages(
        workspace: Workspace, show_all: bool = False, location: str | None = None
    ) -> builtins.list[dict[str, Any]]:
        """Return the nodes in use and the nodes there are of each target, in v1's form."""
        del location
        queue = Queue(workspace._catalogue)
        found = [
            {
                "name": {"value": target.name, "localized_value": target.name},
                "current_value": len(queue.nodes_in_use(target.name)),
                "limit": queue.slots(target.name),
                "unit": "Count",
            }
            for target in ComputeTarget.list(workspace)
        ]
        return [one for one in found if show_all or one["current_value"]]

    @staticmethod
    def list_quotas(workspace: Workspace, location: str | None = None) -> builtins.list[dict[str, Any]]:
        """Return v1's list of quotas, which is empty: this machine has none."""
        del workspace, location
        return []

    @staticmethod
    def update_quotas(
        workspace: Workspace, vm_family: Any, limit: int | None = None, location: str | None = None
    ) -> NoReturn:
        """Raise: this machine has no quotas.

        Raises
        ------
        ComputeTargetException
            Always.
        """
        del workspace, vm_family, limit, location
        raise ComputeTargetException("This machine has no quotas: a target's max_nodes says how much runs at once.")
