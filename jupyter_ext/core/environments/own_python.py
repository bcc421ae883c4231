"""What a run has that asks for no environment: the interpreter of the notebook that submitted it."""

from __future__ import annotations

import platform
import sys

from .conda_dependencies import CondaDependencies
from .environment import Environment


def own_python(variables: dict[str, str]) -> Environment:
    """Describe this interpreter, with these variables, as an environment that is taken as it stands."""
    environment = Environment("default-environment")
    environment.environment_variables.clear()
    environment.environment_variables.update(variables)
    python = environment.python
    python.user_managed_dependencies = True
    python.interpreter_path = sys.executable
    python.conda_dependencies = CondaDependencies.create(pip_packages=[], python_version=platform.python_version())
    return environment
