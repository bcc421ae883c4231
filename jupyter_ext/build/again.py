"""Makes an environment again from its lock, as a program: ``python -m jupyter_ext.build.again ROOT < lock.json``.

It prints one JSON object: ``python``, the interpreter's path, or ``error``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import msgspec

from jupyter_ext.build.builder import build_from_lock
from jupyter_ext.build.lock import Lock
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException


def main() -> None:
    """Read the lock from stdin, and tell where the environment is."""
    lock = msgspec.json.decode(sys.stdin.buffer.read(), type=Lock)
    try:
        built = build_from_lock(lock, root=Path(sys.argv[1]), report=lambda _: None)
    except AzureMLException as error:
        told: dict[str, object] = {"error": error.message}
    else:
        told = {"python": str(built.python), "variables": built.variables}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
