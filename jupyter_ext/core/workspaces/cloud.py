"""What a workspace in the cloud has and one on this machine has not: each says so, and what to do instead."""

# ruff: noqa: ARG002, N803 - v1's parameters, under v1's names

from __future__ import annotations

from typing import Any, NoReturn

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import WorkspaceException


class WorkspaceCloud:
    """v1's cloud-only parts of a workspace."""

    @property
    def service_context(self) -> None:
        """None: no service is asked."""

    @property
    def discovery_url(self) -> str:
        """Empty: no service is asked."""
        return ""

    @property
    def private_endpoints(self) -> dict[str, Any]:
        """Always empty."""
        return {}

    @property
    def images(self) -> dict[str, Any]:
        """Always empty: images are for deployment, which is not done here."""
        return {}

    @property
    def webservices(self) -> dict[str, Any]:
        """Always empty: nothing is deployed here."""
        return {}

    @property
    def linked_services(self) -> dict[str, Any]:
        """Always empty."""
        return {}

    def add_private_endpoint(
        self,
        private_endpoint_config: Any,
        private_endpoint_auto_approval: bool = True,
        location: str | None = None,
        show_output: bool = True,
        tags: Any = None,
    ) -> NoReturn:
        """Raise: there is no network to have an endpoint in."""
        _none_here("private endpoints", "nothing listens on a network: only this user reaches the workspace")

    def delete_private_endpoint_connection(self, private_endpoint_connection_name: str) -> NoReturn:
        """Raise: there are no private endpoints."""
        _none_here("private endpoints", "there is none to delete")

    def list_keys(self) -> NoReturn:
        """Raise: there are no keys."""
        _none_here("access keys", "the folder's permissions say who may use it")

    def sync_keys(self, no_wait: bool = False) -> None:
        """Do nothing: there are no keys that could be out of date."""

    def update_dependencies(self, container_registry: Any = None, force: bool = False) -> NoReturn:
        """Raise: a workspace has no registry of its own."""
        _none_here("a container registry", "name a registry in environment.docker.base_image_registry")

    def diagnose_workspace(self, diagnose_parameters: dict[str, Any]) -> dict[str, Any]:
        """Return v1's answer for a workspace in which nothing is wrong: no cloud resource can be."""
        return {"value": {}}

    def set_connection(self, name: str, category: str, target: str, authType: str, value: str) -> NoReturn:
        """Raise: connections are for cloud services."""
        _none_here("connections", "pip's and Docker's own settings hold in runs, and secrets go into the key vault")

    def list_connections(self, category: str | None = None, target: str | None = None) -> list[Any]:
        """Return the connections: none."""
        return []

    def get_connection(self, name: str) -> NoReturn:
        """Raise: there are no connections."""
        _none_here("connections", "pip's and Docker's own settings hold in runs, and secrets go into the key vault")

    def delete_connection(self, name: str) -> NoReturn:
        """Raise: there are no connections."""
        _none_here("connections", "there is none to delete")


def _none_here(what: str, why: str) -> NoReturn:
    raise WorkspaceException(f"A workspace on this machine has no {what.removeprefix('a ')}: {why}.")
