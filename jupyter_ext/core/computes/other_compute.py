"""v1's targets that are other machines: their names are there, and attaching one tells what to use instead."""

from __future__ import annotations

from typing import Any, NoReturn

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import ComputeTargetException

from .compute import ComputeTarget


class AttachConfiguration:
    """A machine that is to be attached; what it was described with is not kept, as passwords may be in it.

    Attributes
    ----------
    what
        The machine, for people.
    """

    def __init__(self, what: str) -> None:
        self.what = what


class RemoteCompute(ComputeTarget):
    """A machine behind SSH (v1); none can be attached here."""

    @staticmethod
    def attach_configuration(
        username: str | None = None,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        vm_name: str | None = None,
        resource_id: str | None = None,
        address: str | None = None,
        ssh_port: int = 22,
        password: str | None = None,
        private_key_file: str | None = None,
        private_key_passphrase: str | None = None,
    ) -> AttachConfiguration:
        """Describe a machine for :meth:`ComputeTarget.attach`, which tells what to use instead."""
        del username, subscription_id, resource_group, ssh_port, password, private_key_file, private_key_passphrase
        return AttachConfiguration(f"the machine {address or vm_name or resource_id or 'behind SSH'}")

    @staticmethod
    def attach(
        workspace: Any,
        name: str,
        username: str | None = None,
        address: str | None = None,
        ssh_port: int = 22,
        password: str | None = None,
        private_key_file: str | None = None,
        private_key_passphrase: str | None = None,
    ) -> ComputeTarget:
        """Raise, as :meth:`ComputeTarget.attach` does; v1's older form of it."""
        del username, ssh_port, password, private_key_file, private_key_passphrase
        return ComputeTarget.attach(workspace, name, RemoteCompute.attach_configuration(address=address))

    def get_credentials(self) -> NoReturn:
        """Raise: no machine is attached, so there is nothing to sign in to.

        Raises
        ------
        ComputeTargetException
            Always.
        """
        raise ComputeTargetException(f"{self.name} is this machine: it has no credentials.")


class KubernetesCompute(ComputeTarget):
    """A Kubernetes cluster (v1); none can be attached here."""

    @staticmethod
    def attach_configuration(
        resource_id: str | None = None,
        namespace: str | None = None,
        identity_type: str | None = None,
        identity_ids: Any = None,
    ) -> AttachConfiguration:
        """Describe a cluster for :meth:`ComputeTarget.attach`, which tells what to use instead."""
        del namespace, identity_type, identity_ids
        return AttachConfiguration(f"the Kubernetes cluster {resource_id or ''}".rstrip())

    def get(self) -> dict[str, Any]:
        """Return the target as it is now, under v1's keys."""
        self.refresh_state()
        return self.serialize()


class _OfTheCloud(ComputeTarget):
    """A service of the cloud (v1); none can be attached here."""

    @classmethod
    def attach_configuration(cls, **settings: Any) -> AttachConfiguration:
        """Describe it for :meth:`ComputeTarget.attach`, which tells what to use instead."""
        del settings
        return AttachConfiguration(f"{cls.__name__} of the cloud")

    provisioning_configuration = attach_configuration


class AdlaCompute(_OfTheCloud):
    """v1's Data Lake Analytics."""


class AksCompute(_OfTheCloud):
    """v1's Kubernetes service."""


class BatchCompute(_OfTheCloud):
    """v1's Batch."""


class DataFactoryCompute(_OfTheCloud):
    """v1's Data Factory."""


class DatabricksCompute(_OfTheCloud):
    """v1's Databricks."""


class HDInsightCompute(_OfTheCloud):
    """v1's HDInsight."""


class SynapseCompute(_OfTheCloud):
    """v1's Synapse Spark pool."""
