"""What v1 does with a model in the cloud and is not done here: each says so, and what to do instead."""

# ruff: noqa: ARG004 - v1's parameters

from __future__ import annotations

from typing import Any, NoReturn

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import WebserviceException


class ModelCloud:
    """v1's deployment of models."""

    @property
    def resource_configuration(self) -> None:
        """None: it is for deployment."""

    @staticmethod
    def deploy(
        workspace: Any,
        name: str,
        models: Any,
        inference_config: Any = None,
        deployment_config: Any = None,
        deployment_target: Any = None,
        overwrite: bool = False,
        show_output: bool = False,
    ) -> NoReturn:
        """Raise: nothing is deployed here."""
        not_done("deployed")

    @staticmethod
    def package(
        workspace: Any,
        models: Any,
        inference_config: Any = None,
        generate_dockerfile: bool = False,
        image_name: str | None = None,
        image_label: str | None = None,
    ) -> NoReturn:
        """Raise: nothing is deployed here."""
        not_done("packaged")

    @staticmethod
    def profile(
        workspace: Any,
        profile_name: str,
        models: Any,
        inference_config: Any,
        input_dataset: Any,
        cpu: Any = None,
        memory_in_gb: Any = None,
        description: str | None = None,
    ) -> NoReturn:
        """Raise: nothing is deployed here."""
        not_done("profiled")

    @staticmethod
    def print_configuration(
        models: Any, inference_config: Any, deployment_config: Any, deployment_target: Any
    ) -> NoReturn:
        """Raise: nothing is deployed here."""
        not_done("deployed")


def not_done(what: str) -> NoReturn:
    """Raise, and tell what to do with a model instead."""
    raise WebserviceException(
        f"Models are trained and registered here, not {what}: take the files with Model.download() to what serves them."
    )
