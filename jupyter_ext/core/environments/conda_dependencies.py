"""The Python and the packages of an environment, as a conda specification."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_ext.core.yaml_text import read_yaml, write_yaml
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean

from .requirement_lines import merged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DEFAULT_PYTHON = "3.8.13"
CREATE_PYTHON = "3.10.18"
_LEGAL_KEYS = frozenset({"name", "channels", "dependencies", "prefix", "variables"})


class CondaDependencies:
    """A conda specification that can be put together package by package.

    The default document, and where it differs from that of :meth:`create`, are v1's.

    Parameters
    ----------
    conda_dependencies_file_path
        A conda specification to start from.
    """

    def __init__(self, conda_dependencies_file_path: str | None = None, _underlying_structure: Any = None) -> None:
        if conda_dependencies_file_path is not None:
            self._document = _read(conda_dependencies_file_path)
        elif _underlying_structure is not None:
            self._document = _checked(copy.deepcopy(_underlying_structure), "the conda specification")
        else:
            self._document = {
                "name": "project_environment",
                "dependencies": [f"python={DEFAULT_PYTHON}", {"pip": ["azureml-defaults"]}],
                "channels": ["anaconda", "conda-forge"],
            }

    @staticmethod
    def create(
        pip_indexurl: str | None = None,
        pip_packages: list[str] | None = None,
        conda_packages: list[str] | None = None,
        python_version: str | None = CREATE_PYTHON,
        pin_sdk_version: bool = True,
    ) -> CondaDependencies:
        """Return a specification of these packages.

        Parameters
        ----------
        pip_indexurl
            Not used, as in v1: name an index with :meth:`set_pip_index_url`.
        pip_packages
            In place of v1's default, ``azureml-defaults``.
        conda_packages
            Added to Python.
        python_version
            Which Python.
        pin_sdk_version
            Accepted as in v1. A run provides the SDK's modules itself, so nothing is pinned.
        """
        del pip_indexurl, pin_sdk_version
        dependencies = CondaDependencies()
        dependencies.set_python_version(python_version or CREATE_PYTHON)
        if pip_packages is not None:
            dependencies._set_pip([])
            for package in pip_packages:
                dependencies.add_pip_package(package)
        for package in conda_packages or []:
            dependencies.add_conda_package(package)
        return dependencies

    @property
    def conda_channels(self) -> Iterator[str]:
        """The channels, in order."""
        return iter(list(self._document.get("channels") or []))

    @property
    def conda_packages(self) -> Iterator[str]:
        """The conda packages without Python and pip's section."""
        return iter([package for package in self._conda() if _package_name(package) != "python"])

    @property
    def pip_packages(self) -> Iterator[str]:
        """The pip packages, without options."""
        return iter([line for line in self._pip() if not line.startswith("-")])

    @property
    def pip_options(self) -> Iterator[str]:
        """The options among the pip lines, such as ``--index-url``."""
        return iter([line for line in self._pip() if line.startswith("-")])

    @property
    def python_version(self) -> str | None:
        """The Python that is asked for."""
        for package in self._conda():
            if _package_name(package) == "python":
                return package.partition("=")[2].lstrip("=") or None
        return None

    def get_python_version(self) -> str | None:
        """Return the Python that is asked for."""
        return self.python_version

    def set_python_version(self, version: str) -> None:
        """Ask for another Python."""
        self.add_conda_package(f"python={version}")

    def add_channel(self, channel: str) -> None:
        """Add a channel at the end, once."""
        channels = self._document.setdefault("channels", [])
        if channel not in channels:
            channels.append(channel)

    def remove_channel(self, channel: str) -> None:
        """Remove a channel."""
        self._document["channels"] = [one for one in self._document.get("channels") or [] if one != channel]

    def add_conda_package(self, conda_package: str) -> None:
        """Add a conda package; one of the same name is replaced."""
        dependencies: list[Any] = self._document.setdefault("dependencies", [])
        for index, one in enumerate(dependencies):
            if isinstance(one, str) and _package_name(one) == _package_name(conda_package):
                dependencies[index] = conda_package
                return
        dependencies.append(conda_package)

    def remove_conda_package(self, conda_package: str) -> None:
        """Remove a conda package by name; Python cannot be removed."""
        name = _package_name(conda_package)
        if name == "python":
            raise UserErrorException("Python cannot be removed from an environment: set another version instead.")
        self._document["dependencies"] = [
            one for one in self._document["dependencies"] if not (isinstance(one, str) and _package_name(one) == name)
        ]

    def add_pip_package(self, pip_package: str) -> None:
        """Add a pip package; one of the same name is replaced.

        Raises
        ------
        UserErrorException
            It is an option: those have methods of their own.
        """
        if pip_package.startswith("-"):
            raise UserErrorException(f"{pip_package!r} is an option of pip, not a package: use set_pip_option.")
        name = _package_name(pip_package)
        kept = [line for line in self._pip() if line.startswith("-") or _package_name(line) != name]
        self._set_pip([*kept, pip_package])

    def add_tensorflow_pip_package(self, core_type: str = "cpu", version: str | None = None) -> None:
        """Add TensorFlow from the package index: ``cpu`` or ``gpu``, of a version or the latest."""
        self.add_pip_package(_tensorflow(core_type) + (f"=={version}" if version else ""))

    def add_tensorflow_conda_package(self, core_type: str = "cpu", version: str | None = None) -> None:
        """Add TensorFlow from a conda channel: ``cpu`` or ``gpu``, of a version or the latest."""
        self.add_conda_package(_tensorflow(core_type) + (f"={version}" if version else ""))

    def add_cntk_package(self, core_type: str = "cpu") -> None:
        """Refuse CNTK: its last release, of 2019, is for Python 3.6 and no longer to be had.

        Raises
        ------
        UserErrorException
            Always.
        """
        raise UserErrorException(
            f"CNTK ({core_type}) is no longer to be had: its last release was in 2019. Name its wheel with "
            "add_pip_package if you have it."
        )

    def get_default_number_of_packages(self) -> int:
        """Return how many packages the default document names: Python and one of pip's (v1)."""
        return 2

    @staticmethod
    def merge_requirements(requirements: list[str]) -> list[str]:
        """Return requirement lines with those of the same package made one, in the order in which they first appear.

        Raises
        ------
        UserErrorException
            A line is no requirement.
        """
        return merged(requirements)

    @staticmethod
    def sdk_origin_url() -> str:
        """Refuse to name an index for the SDK's own packages.

        Raises
        ------
        UserErrorException
            Always.
        """
        raise UserErrorException("The SDK's packages come from no index: every run has their modules by itself.")

    def remove_pip_package(self, pip_package: str) -> None:
        """Remove a pip package by name."""
        name = _package_name(pip_package)
        self._set_pip([line for line in self._pip() if line.startswith("-") or _package_name(line) != name])

    def set_pip_option(self, pip_option: str) -> None:
        """Add a line with an option of pip; one of the same option is replaced."""
        option = _option_name(pip_option)
        kept = [line for line in self._pip() if _option_name(line) != option]
        self._set_pip([pip_option, *kept])

    def remove_pip_option(self, pip_option: str) -> None:
        """Remove the lines with an option of pip."""
        self._set_pip([line for line in self._pip() if not line.startswith(pip_option)])

    def set_pip_index_url(self, index_url: str) -> None:
        """Let pip take packages from another index."""
        self.set_pip_option(f"--index-url {index_url}")

    def set_pip_requirements(self, pip_requirements: list[str]) -> None:
        """Replace the pip lines, verbatim."""
        self._set_pip(list(pip_requirements))

    def as_dict(self) -> dict[str, Any]:
        """Return a copy of the document."""
        return copy.deepcopy(self._document)

    def serialize_to_string(self) -> str:
        """Return the document as YAML."""
        return write_yaml(self._document)

    def save(self, path: str | None = None) -> str:
        """Write the document; return where."""
        target = Path(path or "conda_dependencies.yml")
        if target.is_dir():
            target /= "conda_dependencies.yml"
        target.write_text(self.serialize_to_string(), encoding="utf-8")
        return str(target)

    def save_to_file(self, base_directory: str, conda_file_path: str | None = None) -> str:
        """Write the document under ``base_directory``; return the name it has there."""
        name = conda_file_path or "conda_dependencies.yml"
        self.save(str(Path(base_directory) / name))
        return name

    def _conda(self) -> list[str]:
        return [one for one in self._document.get("dependencies") or [] if isinstance(one, str)]

    def _pip(self) -> list[str]:
        for one in self._document.get("dependencies") or []:
            if isinstance(one, dict) and "pip" in one:
                return list(one["pip"] or [])
        return []

    def _set_pip(self, lines: Iterable[str]) -> None:
        dependencies: list[Any] = self._document.setdefault("dependencies", [])
        for one in dependencies:
            if isinstance(one, dict) and "pip" in one:
                one["pip"] = list(lines)
                return
        dependencies.append({"pip": list(lines)})


def _tensorflow(core_type: str) -> str:
    if core_type not in ("cpu", "gpu"):
        raise UserErrorException(f"core_type is 'cpu' or 'gpu', not {core_type!r}.")
    return "tensorflow" if core_type == "cpu" else "tensorflow-gpu"


def _package_name(package: str) -> str:
    return (
        re.split(r"[\s<>=!~\[;@]", package.rsplit("::", maxsplit=1)[-1].strip(), maxsplit=1)[0]
        .lower()
        .replace("_", "-")
    )


def _option_name(line: str) -> str:
    return re.split(r"[\s=]", line, maxsplit=1)[0]


def _read(path: str) -> dict[str, Any]:
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise UserErrorException(f"The conda specification {path} cannot be read: {error.strerror}.") from error
    try:
        return _checked(read_yaml(text), str(path))
    except ValueError as error:
        raise UserErrorException(f"The conda specification {path} is not YAML: {error}") from error


def _checked(document: Any, where: str) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise UserErrorException(f"{where} is not a conda specification: it has no 'dependencies:'.")
    unknown = sorted(set(document) - _LEGAL_KEYS)
    if unknown:
        raise UserErrorException(
            f"{where} has keys that a conda specification cannot have: {', '.join(map(str, unknown))}. "
            f"It may have: {', '.join(sorted(_LEGAL_KEYS))}.{did_you_mean(unknown[0], _LEGAL_KEYS)}"
        )
    return document
