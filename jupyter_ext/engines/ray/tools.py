"""What our own code needs on a node to make environments and to start containers; got where it is not there."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from jupyter_ext.engines.ray.cache import cache_folder
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.locks import locked

_NEEDED = {
    "docker": "docker>=7.1",
    "msgspec": "msgspec>=0.19",
    "packaging": "packaging>=23",
    "psutil": "psutil>=5.9",
    "rattler": "py-rattler>=0.28",
    "uv": "uv>=0.9",
    "yaml": "pyyaml>=6",
}
_KIT = Path(__file__).parent.parent.parent.parent
_SECONDS = 600


def ready() -> str:
    """Let this process import what it needs; return a Python that can.

    Raises
    ------
    UserErrorException
        It is not on this node, and cannot be installed.
    """
    if all(importlib.util.find_spec(name) for name in _NEEDED):
        return sys.executable
    key = hashlib.sha256(f"{sys.version} {sorted(_NEEDED.values())}".encode()).hexdigest()[:16]
    folder = cache_folder() / "tools" / key
    with locked(cache_folder() / "tools" / f"{key}.lock"):
        if not (folder / "whole").exists():
            _run(sys.executable, "-m", "venv", "--clear", str(folder))
            _run(str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *_NEEDED.values())
            (folder / "whole").touch()
    for site in folder.glob("lib/python*/site-packages"):
        if str(site) not in sys.path:
            sys.path.append(str(site))
    importlib.invalidate_caches()
    return str(folder / "bin" / "python")


def our_environment() -> dict[str, str]:
    """Return the variables with which a Python finds this package, and nothing of Ray's."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("RAY_", "PYTHON"))}
    return {**own, "PYTHONPATH": str(_KIT)}


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, env=our_environment(), check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise UserErrorException(
            f"The node cannot install what makes environments ({' '.join(command[:4])}: {' '.join(said)}). Install "
            f"these there: {', '.join(_NEEDED.values())}."
        )
