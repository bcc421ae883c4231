"""What a script on a node asks of its workspace is brought to the runner, and the answer back."""

from __future__ import annotations

import contextlib
import json
import os
import select
import threading
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from jupyter_ext.engines.ray.cluster import asked
from jupyter_ext.engines.ray.growth import PIECE
from jupyter_ext.runtime.inside.jupyter_aml_run.asking import ANSWER, QUESTION

if TYPE_CHECKING:
    from jupyter_ext.engines.ray.cluster import FarAgent
    from jupyter_ext.store.paths import RunPaths

_WAIT_SECONDS = 600.0


class Questions:
    """Puts a node's questions where the runner looks for those of its own machine.

    Parameters
    ----------
    paths
        The run.
    agent
        The node's.
    """

    def __init__(self, paths: RunPaths, agent: FarAgent) -> None:
        self._paths = paths
        self._agent = agent

    def bring(self, name: str, data: bytes) -> None:
        """Put a question, and see to its answer."""
        base = PurePosixPath(name).name.removesuffix(QUESTION)
        self._paths.asks.mkdir(exist_ok=True)
        pipe = self._paths.asks / f"{base}{ANSWER}"
        with contextlib.suppress(FileExistsError):  # an earlier runner has put it there
            os.mkfifo(pipe, 0o600)
        opened = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
        part = self._paths.asks / base
        part.write_bytes(data)
        part.rename(self._paths.asks / f"{base}{QUESTION}")
        threading.Thread(target=self._answer, args=(pipe, opened, data), daemon=True, name="aml-question").start()

    def _answer(self, pipe: Path, opened: int, question: bytes) -> None:
        text = b""
        try:
            while not text.endswith(b"\n") and select.select([opened], [], [], _WAIT_SECONDS)[0]:
                text += os.read(opened, PIECE)
            with contextlib.suppress(Exception):  # a node that is gone, or a script that has ended, waits for none
                self._send_files(question, text)
                asked(self._agent, "answer", pipe.name, text)
        finally:
            os.close(opened)
            pipe.unlink(missing_ok=True)

    def _send_files(self, question: bytes, text: bytes) -> None:
        """Send the files of a model, which the answer says were put into the script's folder."""
        folder = json.loads(text).get("value")
        if json.loads(question).get("what") != "model_files" or not folder:
            return
        root = self._paths.work / folder
        for file in [root] if root.is_file() else sorted(one for one in root.rglob("*") if one.is_file()):
            with file.open("rb", buffering=0) as opened:
                offset = 0
                while (data := opened.read(PIECE)) or not offset:
                    asked(self._agent, "put", f"work/{file.relative_to(self._paths.work)}", offset, data)
                    offset += len(data)
                    if not data:
                        break
