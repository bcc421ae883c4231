"""ComputeInstance: v1's one machine of one's own, which is this machine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

from jupyter_ext.core.notices import ignored
from jupyter_ext.core.times import iso
from jupyter_ext.store.records import ComputeRecord

from .aml_compute import AmlCompute
from .compute import ComputeTarget

if TYPE_CHECKING:
    import builtins

    from jupyter_ext.core.workspaces.workspace import Workspace


class ComputeInstanceConfiguration:
    """What an instance is to have; see :meth:`ComputeInstance.provisioning_configuration`."""

    def __init__(self, vm_size: str, tags: dict[str, str] | None, description: str | None) -> None:
        self.vm_size = vm_size
        self.tags = tags
        self.description = description

    def _record(self, name: str) -> ComputeRecord:
        now = time.time()
        return ComputeRecord(
            name=name,
            type=ComputeInstance._compute_type,
            vm_size=self.vm_size.upper(),
            min_nodes=1,
            tags=self.tags,
            description=self.description,
            created=now,
            modified=now,
        )


class ComputeInstanceStatus:
    """What an instance is doing: it always runs."""

    def __init__(self, instance: ComputeInstance) -> None:
        self.state = "Running"
        self.errors: list[Any] = []
        self.vm_size = instance.vm_size
        self.creation_time = iso(instance._record.created)

    def serialize(self) -> dict[str, Any]:
        """Return the status under v1's keys."""
        return {"state": self.state, "errors": self.errors, "vmSize": self.vm_size}

    def __repr__(self) -> str:
        return f"ComputeInstanceStatus({self.serialize()})"


class ComputeInstance(ComputeTarget):
    """A target of one node, this machine."""

    _compute_type = "ComputeInstance"

    @staticmethod
    def create(workspace: Workspace, name: str, provisioning_configuration: Any) -> ComputeInstance:
        """Make an instance; see :meth:`ComputeTarget.create`."""
        return cast("ComputeInstance", ComputeTarget.create(workspace, name, provisioning_configuration))

    @staticmethod
    def provisioning_configuration(
        vm_size: str = "",
        ssh_public_access: bool = False,
        admin_user_ssh_public_key: str | None = None,
        vnet_resourcegroup_name: str | None = None,
        vnet_name: str | None = None,
        subnet_name: str | None = None,
        tags: dict[str, str] | None = None,
        description: str | None = None,
        assigned_user_object_id: str | None = None,
        assigned_user_tenant_id: str | None = None,
        **settings: Any,
    ) -> ComputeInstanceConfiguration:
        """Describe an instance; what names accounts and networks is accepted, and has no meaning here."""
        ignored(
            "accounts, virtual networks and identities",
            ssh_public_access=ssh_public_access or None,
            admin_user_ssh_public_key=admin_user_ssh_public_key,
            vnet_resourcegroup_name=vnet_resourcegroup_name,
            vnet_name=vnet_name,
            subnet_name=subnet_name,
            assigned_user_object_id=assigned_user_object_id,
            assigned_user_tenant_id=assigned_user_tenant_id,
            **settings,
        )
        return ComputeInstanceConfiguration(vm_size, tags, description)

    @staticmethod
    def supported_vmsizes(workspace: Workspace, location: str | None = None) -> builtins.list[dict[str, Any]]:
        """Return what a node can be; see :meth:`AmlCompute.supported_vmsizes`."""
        return AmlCompute.supported_vmsizes(workspace, location)

    @property
    def vm_size(self) -> str:
        """What it has, in v1's names."""
        return self._record.vm_size

    def get_status(self) -> ComputeInstanceStatus:
        """Return what it is doing."""
        return ComputeInstanceStatus(self)

    def start(self, wait_for_completion: bool = False, show_output: bool = False) -> None:
        """Do nothing: this machine is on."""
        del wait_for_completion, show_output

    stop = restart = start
