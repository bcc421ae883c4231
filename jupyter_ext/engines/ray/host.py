"""What Ray runs on a node: an actor that takes our code in, and calls it.

Ray carries this class to the nodes by value, so that they need nothing but Ray: it uses the standard library only.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any


class Host:
    """The actor; its methods are called from the runner's machine."""

    def __init__(self) -> None:
        self._agent: Any = None

    def has_kit(self, kit: str) -> bool:
        """Tell whether the node has our code with this content hash."""
        return (_kits() / kit).is_dir()

    def put_kit(self, kit: str, data: bytes) -> None:
        """Keep our code, a zip file, under its content hash."""
        _kits().mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=_kits(), prefix=".part"))
        try:
            zipfile.ZipFile(io.BytesIO(data)).extractall(part)
            part.rename(_kits() / kit)
        except OSError:  # another actor of this node was quicker
            if not self.has_kit(kit):
                raise
            shutil.rmtree(part, ignore_errors=True)

    def open(self, kit: str, run_id: str, node: int) -> None:
        """Get ready for one node of a run."""
        if self._agent is None:
            sys.path.insert(0, str(_kits() / kit))
            from jupyter_ext.engines.ray.agent import Agent  # noqa: PLC0415 - it has come with the kit

            self._agent = Agent(run_id, node)

    def do(self, name: str, *arguments: Any) -> tuple[str | None, Any]:
        """Call a method of the agent; return what is wrong, for people, and else what it returned."""
        from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException  # noqa: PLC0415 - as above

        try:
            return None, getattr(self._agent, name)(*arguments)
        except AzureMLException as error:
            return error.message, None
        except OSError as error:
            return f"{type(error).__name__}: {error}", None


def _kits() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "jupyter-aml" / "kits"
