"""Programs of the package, started from a notebook's folder."""

from __future__ import annotations

import os
import sys

from jupyter_ext.store.paths import home


def own_program(folder: str, *arguments: str) -> list[str]:
    """Return the command that runs ``jupyter_ext.<folder>`` as a program.

    ``python -m`` puts the working directory first on the path of imports: a ``random.py`` beside the notebook would
    take the place of the standard library's.
    """
    start = f"import sys; del sys.path[0]; from jupyter_ext.{folder}.__main__ import main; sys.exit(main())"
    return [sys.executable, "-c", start, *arguments]


def own_environment() -> dict[str, str]:
    """Return the environment variables of such a program: its modules are compiled once, not at every start."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment.setdefault("PYTHONPYCACHEPREFIX", str(home() / ".cache" / "pycache"))
    return environment
