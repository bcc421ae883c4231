"""Secret values of environments: used, and never written down.

SDK v1 stores ``environment_variables`` and ``docker.arguments`` of a registered environment in the clear. Here a value
whose name says that it is secret is written as ``***``. It still works: the process that registered it remembers it,
and in another process it is taken from a variable of the same name, or asked for in one sentence.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from jupyter_ext.core.notices import notice
from jupyter_ext.engines.docker_arguments import without_secrets
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.data.addresses import without_passwords

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from jupyter_ext.core.environments.definition import Definition

    from .runconfig import RunConfiguration

MASK = "***"
_SECRET_NAME = re.compile(
    r"passw(or)?d|passphrase|secret|token|api_?key|access_?key|private_?key|account_?key|credential|connection_?string",
    re.IGNORECASE,
)
# of a registered version, by its file: environment variables, docker variables, the registry's password
_remembered: dict[Path, tuple[dict[str, str], dict[str, str], str | None]] = {}


def is_secret_name(name: str) -> bool:
    """Tell whether what has this name is usually secret."""
    return _SECRET_NAME.search(name) is not None


def without_secret_arguments(arguments: list[Any]) -> tuple[list[str], dict[str, str]]:
    """Return arguments of ``docker run`` that may be written down, and the secret variables that were among them."""
    return without_secrets([str(argument) for argument in arguments], is_secret_name)


def masked(definition: dict[str, Any]) -> dict[str, Any]:
    """Return a serialised environment as it may be written down; the one given is changed."""
    definition["docker"]["baseImageRegistry"]["password"] = None
    python = definition["python"]
    if python.get("condaDependencies"):
        python["condaDependencies"] = _without_passwords(python["condaDependencies"])
    _mask_variables(definition)
    return definition


def masked_run(definition: dict[str, Any]) -> dict[str, Any]:
    """Return a serialised run configuration as it may be written down; the one given is changed."""
    masked(definition["environment"])
    _mask_variables(definition)
    return definition


def _mask_variables(definition: dict[str, Any]) -> None:
    docker = definition["docker"]
    docker["arguments"], _ = without_secret_arguments(docker["arguments"] or [])
    variables = definition["environmentVariables"] or {}
    definition["environmentVariables"] = {
        name: MASK if is_secret_name(str(name)) else value for name, value in variables.items()
    }


def _without_passwords(document: Any) -> Any:
    """Return a conda specification without the passwords and tokens of its addresses."""
    if isinstance(document, dict):
        return {name: _without_passwords(value) for name, value in document.items()}
    if isinstance(document, list):
        return [_without_passwords(value) for value in document]
    return without_passwords(document, MASK, variables=True) if isinstance(document, str) else document


def remember(file: Path, environment: Definition) -> None:
    """Keep the secrets of an environment that is registered in ``file``, for as long as this process lives."""
    variables = {name: value for name, value in _secret(environment).items() if value != MASK}
    _, arguments = without_secret_arguments(environment.docker.arguments or [])
    password = environment.docker.base_image_registry.password
    if variables or arguments or password:
        _remembered[file] = (variables, arguments, password)


def tell(*written: Definition | RunConfiguration) -> None:
    """Say which values are not written down."""
    names = {
        name for one in written for name in (*_secret(one), *without_secret_arguments(one.docker.arguments or [])[1])
    }
    if names:
        notice(
            f"{', '.join(sorted(names))}: a secret's value is not written down. Runs that this process submits get it; "
            "in another, set a variable of that name first."
        )


def give_back(file: Path, environment: Definition) -> None:
    """Put the secrets that this process remembers into an environment that was read from ``file``."""
    variables, arguments, password = _remembered.get(file, ({}, {}, None))
    environment.environment_variables.update(variables)
    for name, value in arguments.items():
        environment.docker.arguments += ["-e", f"{name}={value}"]
    if password:
        environment.docker.base_image_registry._password = password


def usable(variables: Mapping[str, str]) -> dict[str, str]:
    """Return environment variables with the values of those that were masked, from this process's own variables.

    Raises
    ------
    UserErrorException
        This process has none of that name.
    """
    lost = sorted(name for name, value in variables.items() if value == MASK and name not in os.environ)
    if lost:
        raise UserErrorException(
            f"The environment has {', '.join(lost)}, and a secret's value is not kept with it: set os.environ"
            f"[{lost[0]!r}] before, or environment_variables[{lost[0]!r}] of the environment."
        )
    return {name: os.environ[name] if value == MASK else value for name, value in variables.items()}


def _secret(described: Definition | RunConfiguration) -> dict[str, str]:
    variables = described.environment_variables or {}
    return {str(name): str(value) for name, value in variables.items() if is_secret_name(str(name))}
