"""Estimators of frameworks: what v1 installed for each of its versions."""

from __future__ import annotations

import inspect
import re
import sys
from typing import TYPE_CHECKING, Any, ClassVar

from jupyter_ext.core.notices import notice
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import TrainingException
from jupyter_ext.store.default_images import DEFAULT_CPU_IMAGE, DEFAULT_GPU_IMAGE

from ._estimator import Estimator
from ._pins import loosened

if TYPE_CHECKING:
    from jupyter_ext.core.environments.conda_dependencies import CondaDependencies
    from jupyter_ext.core.environments.environment import Environment
    from jupyter_ext.core.submission.script_run_config import ScriptRunConfig

_PYTHON = "3.6.2"
_CPU_IMAGE = "mcr.microsoft.com/azureml/base:openmpi3.1.2-ubuntu16.04"
_GPU_IMAGE = "mcr.microsoft.com/azureml/base-gpu:openmpi4.1.0-cuda11.1-cudnn8-ubuntu20.04"
_HOROVOD = "horovod==0.18.1"


class FrameworkEstimator(Estimator):
    """An estimator with a framework's packages in its environment.

    What v1 installed is of 2018 to 2020, for Python 3.6, and is what ``run_config`` shows. Where no version of the
    framework is asked for, the newest one is installed, for the notebook's own Python, and one line says so. Versions
    that came after v1's are taken too: ``framework_version="2.1"``.
    """

    _framework: ClassVar[str]
    _versions: ClassVar[dict[str, tuple[str, ...]]]
    _default: ClassVar[str]
    _newest: ClassVar[tuple[str, ...]]
    _later: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = ((), ())
    _variables: ClassVar[dict[str, str]] = {}
    _without: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        """Give a class the signature that v1's has: the parameters of an estimator, and its own."""
        both = (FrameworkEstimator.__init__, cls.__init__)
        own = {name: one for init in both for name, one in inspect.signature(init).parameters.items()}
        named = {**inspect.signature(Estimator).parameters, **own}
        cls.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # help() and completion read it
            [
                one.replace(kind=one.KEYWORD_ONLY if name != "source_directory" else one.POSITIONAL_OR_KEYWORD)
                for name, one in named.items()
                if name not in ("self", "given") and not name.startswith("_") and name not in cls._without
            ]
        )

    def __init__(
        self,
        source_directory: str,
        *,
        framework_version: str | None = None,
        environment_definition: Environment | None = None,
        use_gpu: bool = False,
        custom_docker_image: str | None = None,
        pip_packages: list[str] | None = None,
        user_managed: bool = False,
        **given: Any,
    ) -> None:
        unknown = sorted(self._without & set(given) | ({"use_gpu"} & self._without if use_gpu else set()))
        if unknown:
            raise TypeError(f"{type(self).__name__} has no parameter {', '.join(unknown)}: it runs on one node's CPU.")
        self._asked_version = framework_version
        self._framework_version = framework_version or self._default
        if self._framework_version not in (*self._versions, *self._later[0], *self._later[1]):
            raise TrainingException(
                f"{type(self).__name__} knows {self._framework} {', '.join(self._versions)}, not "
                f"{self._framework_version}. For another, use ScriptRunConfig with an Environment that has it."
            )
        super().__init__(
            source_directory,
            environment_definition=environment_definition,
            use_gpu=use_gpu,
            custom_docker_image=custom_docker_image,
            pip_packages=pip_packages,
            user_managed=user_managed,
            **given,
        )
        self._packages: tuple[str, ...] = ()
        if environment_definition is None and not user_managed:
            self._add_framework(use_gpu, given.get("custom_docker_base_image") or custom_docker_image)

    @classmethod
    def get_supported_versions(cls) -> list[str]:
        """Return the versions of the framework that can be asked for."""
        return list(cls._versions)

    @property
    def framework_version(self) -> str:
        """The framework's version."""
        return self._framework_version

    def _add_framework(self, use_gpu: bool, image: str | None) -> None:
        """Put v1's packages of the framework after the user's own, and its image below them."""
        environment = self.run_config.environment
        environment.environment_variables.update(self._variables)
        if image is None:
            environment.docker.base_image = _GPU_IMAGE if use_gpu else _CPU_IMAGE
        dependencies = environment.python.conda_dependencies
        if dependencies is None:
            return
        if self._framework_version not in self._versions:
            self._add_later(dependencies)
            return
        dependencies.set_python_version(_PYTHON)
        own = {_bare(package) for package in dependencies.pip_packages if package != "azureml-defaults"}
        wanted = [package.format(gpu="-gpu" if use_gpu else "") for package in self._versions[self._framework_version]]
        self._packages = tuple(package for package in wanted if _bare(package) not in own)
        lines = [line for line in (*dependencies.pip_options, *dependencies.pip_packages) if line != "azureml-defaults"]
        dependencies.set_pip_requirements([*lines, "azureml-defaults", *self._packages])

    def _add_later(self, dependencies: CondaDependencies) -> None:
        """Add a version that v1 did not know, for a Python that it was made for."""
        if self._framework_version in self._later[1]:
            dependencies.set_python_version(f"{sys.version_info.major}.{sys.version_info.minor}")
        own = {_bare(package) for package in dependencies.pip_packages}
        first, *others = self._newest
        for package in (f"{first}=={self._framework_version}.*", *others):
            if _bare(package) not in own:
                dependencies.add_pip_package(package)

    def _script_run_config(self, **overrides: Any) -> ScriptRunConfig:
        config = super()._script_run_config(**overrides)
        environment = config.run_config.environment
        if environment.docker.base_image in (_CPU_IMAGE, _GPU_IMAGE):  # nobody has asked for these
            gpu = environment.docker.base_image == _GPU_IMAGE
            environment.docker.base_image = DEFAULT_GPU_IMAGE if gpu else DEFAULT_CPU_IMAGE
            config.run_config.docker.use_docker = False
        dependencies = environment.python.conda_dependencies
        if self._packages and dependencies is not None:
            self._bring_up_to_date(dependencies, mpi=config.run_config.communicator == "IntelMpi")
        return config

    def _bring_up_to_date(self, dependencies: CondaDependencies, *, mpi: bool) -> None:
        """Leave out what a run has no use for, and where no version was asked for, take the newest."""
        pinned = set(self._packages)
        lines = [*dependencies.pip_options, *dependencies.pip_packages]
        if not mpi:
            lines = [line for line in lines if line != _HOROVOD]
        if self._asked_version is None:
            kept = [line for line in lines if line not in pinned]
            if dependencies.get_python_version() == _PYTHON:
                dependencies.set_python_version(f"{sys.version_info.major}.{sys.version_info.minor}")
            python = dependencies.get_python_version() or ""
            notice(
                f"{self._framework} {self._default}, v1's default, is of Python 3.6: the newest one is installed, for "
                f"Python {python}. framework_version='{self._default}' asks for that one."
            )
            kept = _built_for(python, kept)
            own = {_bare(line) for line in kept}
            lines = [*kept, *(package for package in self._newest if package not in own)]
        dependencies.set_pip_requirements(lines)


def _built_for(python: str, lines: list[str]) -> list[str]:
    """Return requirement lines, those that a Python cannot have loosened, and say which."""
    other = loosened(lines, python)
    if other:
        notice(f"Not built for Python {python}, so a later one is taken: {', '.join(other)}.")
    return [other.get(line, line) for line in lines]


def _bare(package: str) -> str:
    return re.split(r"[\s=<>!~;\[]", package, maxsplit=1)[0].lower()


def _torch(torch: str, vision: str) -> tuple[str, ...]:
    return (f"torch=={torch}", f"torchvision=={vision}", _HOROVOD, "tensorboard==1.14.0", "future==0.17.1")


def _numbered(major: int, first: int, last: int) -> tuple[str, ...]:
    return tuple(f"{major}.{minor}" for minor in range(first, last + 1))


class PyTorch(FrameworkEstimator):
    """An estimator with PyTorch; its parameters are those of :class:`Estimator`, and ``framework_version``."""

    _framework = "PyTorch"
    _default = "1.4"
    _newest = ("torch", "torchvision", "tensorboard")
    _later = (_numbered(1, 7, 13), _numbered(2, 0, 13))
    _variables: ClassVar = {"NCCL_TREE_THRESHOLD": "0"}
    _versions: ClassVar = {
        "1.0": _torch("1.0.0", "0.2.1"),
        "1.1": _torch("1.1.0", "0.3.0"),
        "1.2": _torch("1.2.0", "0.4.0"),
        "1.3": _torch("1.3.1", "0.4.1"),
        "1.4": _torch("1.4.0", "0.5.0"),
        "1.5": _torch("1.5.0", "0.6.0"),
        "1.6": _torch("1.6.0", "0.7.0"),
    }


class TensorFlow(FrameworkEstimator):
    """An estimator with TensorFlow; its parameters are those of :class:`Estimator`, and ``framework_version``."""

    _framework = "TensorFlow"
    _default = "1.13"
    _newest = ("tensorflow",)
    _later = (_numbered(2, 4, 11), _numbered(2, 12, 20))
    _versions: ClassVar = {
        "1.10": ("tensorflow{gpu}==1.10.0", _HOROVOD),
        "1.12": ("tensorflow{gpu}==1.12.0", _HOROVOD),
        "1.13": ("tensorflow{gpu}==1.13.1", _HOROVOD),
        "2.0": ("tensorflow{gpu}==2.0.0", _HOROVOD),
        "2.1": ("tensorflow{gpu}==2.1.0", _HOROVOD),
        "2.2": ("tensorflow{gpu}==2.2.0", _HOROVOD),
        "2.3": ("tensorflow{gpu}==2.3.0", _HOROVOD),
    }

    def __init__(
        self, source_directory: str, *, worker_count: int = 1, parameter_server_count: int = 1, **given: Any
    ) -> None:
        counts = {"worker_count": worker_count, "parameter_server_count": parameter_server_count}
        super().__init__(source_directory, _counts=counts, **given)


class Chainer(FrameworkEstimator):
    """An estimator with Chainer; its parameters are those of :class:`Estimator`, and ``framework_version``."""

    _framework = "Chainer"
    _default = "5.1.0"
    _newest = ("chainer",)
    _versions: ClassVar = {"5.1.0": ("chainer==5.1.0",), "7.0.0": ("chainer==7.0.0",)}


class SKLearn(FrameworkEstimator):
    """An estimator with scikit-learn, on one node; its parameters are those of :class:`Estimator`."""

    _framework = "scikit-learn"
    _default = "0.20.3"
    _newest = ("scikit-learn",)
    _later = (_numbered(0, 21, 24), _numbered(1, 0, 7))
    _versions: ClassVar = {"0.20.3": ("scikit-learn==0.20.3",)}
    _without: ClassVar = frozenset(
        {
            "node_count",
            "process_count_per_node",
            "distributed_backend",
            "distributed_training",
            "use_gpu",
            "custom_docker_base_image",
            "source_directory_data_store",
        }
    )
