"""How v1 describes a web service: accepted, so that a notebook gets as far as deploying it, which is refused."""

# ruff: noqa: ARG004 - v1's parameters

from __future__ import annotations

from typing import Any, NoReturn

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import WebserviceException

from .cloud import not_done


class _Settings:
    """Settings under their own names, whatever they are: nothing is done with them here."""

    def __init__(self, **settings: Any) -> None:
        vars(self).update(settings)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


class DeploymentConfiguration(_Settings):
    """What a web service would be given of a machine."""


class ImageConfiguration(_Settings):
    """What an image of a web service would hold."""


class InferenceConfig:
    """The script and the environment that would serve a model.

    Parameters
    ----------
    entry_script
        The script that has ``init`` and ``run``.
    environment
        The environment.
    **settings
        And v1's older parameters.
    """

    def __init__(
        self,
        entry_script: str | None = None,
        runtime: str | None = None,
        conda_file: str | None = None,
        extra_docker_file_steps: str | None = None,
        source_directory: str | None = None,
        enable_gpu: bool | None = None,
        description: str | None = None,
        base_image: str | None = None,
        base_image_registry: Any = None,
        cuda_version: str | None = None,
        environment: Any = None,
    ) -> None:
        self.entry_script = entry_script
        self.runtime = runtime
        self.conda_file = conda_file
        self.extra_docker_file_steps = extra_docker_file_steps
        self.source_directory = source_directory
        self.enable_gpu = enable_gpu
        self.description = description
        self.base_image = base_image
        self.base_image_registry = base_image_registry
        self.cuda_version = cuda_version
        self.environment = environment


class Webservice:
    """A deployed model, of which there is none here.

    Raises
    ------
    WebserviceException
        Always; the message begins with ``WebserviceNotFound`` (v1).
    """

    def __init__(self, workspace: Any, name: str) -> None:
        del workspace
        raise WebserviceException(
            f"WebserviceNotFound: there is no web service {name!r}: models are registered here, not deployed.",
            status_code=404,
        )

    @staticmethod
    def list(workspace: Any, *arguments: Any, **settings: Any) -> list[Webservice]:
        """Return the web services: none."""
        return []

    @staticmethod
    def deploy(*arguments: Any, **settings: Any) -> NoReturn:
        """Raise: nothing is deployed here."""
        not_done("deployed")

    deploy_from_model = deploy_from_image = deploy_local_model = deploy


class _Deployable(Webservice):
    @staticmethod
    def deploy_configuration(**settings: Any) -> DeploymentConfiguration:
        """Return the settings as they are given."""
        return DeploymentConfiguration(**settings)


class AciWebservice(_Deployable):
    """A model in a container instance."""


class AksWebservice(_Deployable):
    """A model in a Kubernetes cluster."""


class LocalWebservice(_Deployable):
    """A model in a container of this machine."""


class Image:
    """An image of a web service, of which there is none here."""

    @staticmethod
    def list(workspace: Any, *arguments: Any, **settings: Any) -> list[Image]:
        """Return the images: none."""
        return []

    @staticmethod
    def create(*arguments: Any, **settings: Any) -> NoReturn:
        """Raise: nothing is deployed here."""
        not_done("packaged")


class ContainerImage(Image):
    """An image of a web service, made by Docker."""

    @staticmethod
    def image_configuration(**settings: Any) -> ImageConfiguration:
        """Return the settings as they are given."""
        return ImageConfiguration(**settings)
