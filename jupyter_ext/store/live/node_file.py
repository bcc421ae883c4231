"""What the nodes of a run were doing, read from ``nodes.jsonl`` as it grows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.store.live.growth import Growth, decode_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

MOST_POINTS = 600
"""Points of a node's history; older samples are averaged so that it always spans the whole run."""

_READ = 8 * 1024 * 1024
_GPU_COLUMNS = ("util", "mem", "temp", "power", "clock")


class Process(msgspec.Struct):
    """A process of the run on a card."""

    pid: int
    name: str = ""
    rank: int | None = None
    mem: float | None = None


class Gpu(msgspec.Struct):
    """What a sample tells of a card."""

    i: int
    uuid: str = ""
    name: str | None = None
    util: float | None = None
    mem: float | None = None
    mem_total: float | None = None
    temp: float | None = None
    power: float | None = None
    clock: float | None = None
    procs: list[Process] | None = None
    others: int | None = None


class Sample(msgspec.Struct):
    """A line of the file."""

    t: float
    node: int
    host: str = ""
    cpus: int | None = None
    cpu: float | None = None
    mem: float | None = None
    mem_total: float | None = None
    gpus: list[Gpu] = []


class _History:
    """Columns of one length that halve their resolution when they are full."""

    def __init__(self) -> None:
        self._columns: dict[str, list[float | None]] = {"t": []}
        self._stride = 1
        self._waiting: list[dict[str, float | None]] = []

    def add(self, row: dict[str, float | None]) -> None:
        self._waiting.append(row)
        if len(self._waiting) < self._stride:
            return
        for name in row.keys() - self._columns.keys():
            self._columns[name] = [None] * len(self._columns["t"])
        for name, column in self._columns.items():
            column.append(_mean([each.get(name) for each in self._waiting]))
        self._waiting = []
        if len(self._columns["t"]) >= MOST_POINTS:
            self._halve()

    def _halve(self) -> None:
        self._stride *= 2
        for name, column in self._columns.items():
            pairs = zip(column[::2], column[1::2], strict=True)
            self._columns[name] = [_mean(pair) for pair in pairs]

    def column(self, name: str) -> list[float | None]:
        column = self._columns.get(name)
        if column is None:
            column = [None] * len(self._columns["t"])
        # What is not yet a whole bucket is shown too: the newest sample matters most.
        return [*column, _mean([each.get(name) for each in self._waiting])] if self._waiting else column


class _Node:
    """The last sample of one node, and its history."""

    def __init__(self) -> None:
        self.last: Sample | None = None
        self._history = _History()
        self._processes: dict[int, tuple[list[Process], int | None]] = {}

    def add(self, sample: Sample) -> None:
        for gpu in sample.gpus:
            self._keep_processes(gpu)
        self.last = sample
        row = {"t": sample.t, "cpu": sample.cpu, "mem": sample.mem}
        for gpu in sample.gpus:
            for name in _GPU_COLUMNS:
                row[f"{gpu.i}.{name}"] = getattr(gpu, name)
        self._history.add(row)

    def _keep_processes(self, gpu: Gpu) -> None:
        """Let the processes stand that were told last, as few samples list them."""
        if gpu.procs is not None:
            self._processes[gpu.i] = gpu.procs, gpu.others
        elif gpu.i in self._processes:
            gpu.procs, gpu.others = self._processes[gpu.i]

    def topic(self, ranks: Sequence[int]) -> dict[str, Any]:
        last: dict[str, Any] = msgspec.to_builtins(self.last)
        del last["t"]
        for gpu in last["gpus"]:
            gpu["history"] = {
                name: self._rounded(f"{gpu['i']}.{name}", 0 if name == "mem" else 1) for name in _GPU_COLUMNS
            }
        history = {"t": self._rounded("t", 1), "cpu": self._rounded("cpu", 1), "mem": self._rounded("mem", 0)}
        return {**last, "ranks": list(ranks), "history": history}

    def _rounded(self, name: str, digits: int) -> list[float | int | None]:
        column = self._history.column(name)
        if digits == 0:
            return [None if value is None else round(value) for value in column]
        return [None if value is None else round(value, digits) for value in column]


class NodeFile:
    """Decodes the file as it grows, and keeps a history that fits on a screen.

    Parameters
    ----------
    path
        ``nodes.jsonl`` of a run.

    Attributes
    ----------
    bad_lines
        Lines that are no sample; they are passed over.
    """

    def __init__(self, path: str | Path) -> None:
        self.bad_lines = 0
        self._nodes: dict[int, _Node] = {}
        self._growth = Growth(path)
        self._decoder = msgspec.json.Decoder(Sample)

    @property
    def complete(self) -> bool:
        """Whether the last refresh reached the end of the file (it reads at most 8 MB)."""
        return self._growth.complete

    @property
    def count(self) -> int:
        """Number of nodes that were seen."""
        return len(self._nodes)

    def refresh(self) -> bool:
        """Read what was added; return whether anything changed."""
        changed = False
        for piece in self._growth.pieces(_READ):
            changed = True
            if not piece:
                self._nodes, self.bad_lines = {}, 0
            samples, bad = decode_lines(self._decoder, piece)
            self.bad_lines += bad
            for sample in samples:
                self._nodes.setdefault(sample.node, _Node()).add(sample)
        return changed

    def topic(self, ranks: Mapping[int, Sequence[int]]) -> list[dict[str, Any]]:
        """Give every node as a view draws it.

        Parameters
        ----------
        ranks
            Which ranks each node has.
        """
        return [node.topic(ranks.get(number, ())) for number, node in sorted(self._nodes.items())]


def read_samples(path: Path) -> Iterator[Sample]:
    """Yield every sample that is written, oldest first; lines that are none are passed over."""
    decoder = msgspec.json.Decoder(Sample)
    for piece in Growth(path).pieces():
        yield from decode_lines(decoder, piece)[0]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
