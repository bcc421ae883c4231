"""Sampling the node of a run, once a second."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import msgspec

from jupyter_ext.engines.sampler import sample

if TYPE_CHECKING:
    from jupyter_ext.store.paths import RunPaths

_PERIOD_SECONDS = 1.0


class Sampling:
    """Appends a sample of this machine to ``nodes.jsonl`` whenever one is due."""

    def __init__(self, paths: RunPaths, nodes: int = 1) -> None:
        self._nodes = nodes
        self._path = paths.nodes
        self._due = time.monotonic()

    def tick(self) -> None:
        """Take a sample when a second has passed since the last."""
        now = time.monotonic()
        if now < self._due:
            return
        self._due = max(self._due + _PERIOD_SECONDS, now)
        taken = sample(0)  # the nodes are on this machine, so what one does they all do
        lines = b"".join(msgspec.json.encode({**taken, "node": node}) + b"\n" for node in range(self._nodes))
        with contextlib.suppress(OSError), self._path.open("ab", buffering=0) as file:
            file.write(lines)  # on a full disk, samples are the least of what it costs
