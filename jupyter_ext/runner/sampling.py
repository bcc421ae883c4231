"""Sampling the nodes of a run, once a second."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import msgspec

from jupyter_ext.engines.sampler import processes, sample
from jupyter_ext.runtime.inside.jupyter_aml_run.records import append
from jupyter_ext.store.records import LaunchSpec, read_record

from .idle_gpus import IdleGpus

if TYPE_CHECKING:
    from jupyter_ext.store.paths import RunPaths

_PERIOD_SECONDS = 1.0
_PROCESSES_SECONDS = 5.0


class Sampling:
    """Appends a sample of each node, with the GPUs that it was given, to ``nodes.jsonl`` whenever one is due."""

    def __init__(self, paths: RunPaths, nodes: int = 1) -> None:
        specs = [read_record(paths.launch_spec(node), LaunchSpec) for node in range(nodes)]
        self._gpus = [(spec.gpus or []) if spec else [] for spec in specs]
        self._paths = paths
        self._idle = IdleGpus(paths)
        self._due = self._processes_due = time.monotonic()

    def tick(self) -> None:
        """Take a sample when a second has passed since the last."""
        now = time.monotonic()
        if now < self._due:
            return
        self._due = max(self._due + _PERIOD_SECONDS, now)
        own = [gpu for gpus in self._gpus for gpu in gpus]
        taken = sample(0, own)  # the nodes are on this machine, so what one does they all do
        found = {}
        if own and now >= self._processes_due:
            self._processes_due = now + _PROCESSES_SECONDS
            found = processes(self._paths.run_id, own)
        figures = {gpu["uuid"]: {**gpu, **found.get(gpu["uuid"], {})} for gpu in taken["gpus"]}
        nodes = (
            {**taken, "node": node, "gpus": [figures[gpu] for gpu in gpus if gpu in figures]}
            for node, gpus in enumerate(self._gpus)
        )
        lines = b"".join(msgspec.json.encode(node) + b"\n" for node in nodes)
        with contextlib.suppress(OSError):  # on a full disk, samples are the least of what it costs
            append(str(self._paths.nodes), lines)
            self._idle.look(taken["t"], [gpu["util"] for gpu in taken["gpus"]])
