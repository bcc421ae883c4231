"""The points of a run's metrics as MLflow counts them: values with steps and timestamps."""

import gc
import json
import os
from threading import Lock

from mlflow.entities import Metric

from ..metrics import restore

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any, Iterator

_PIECE = 1 << 24


class Points:
    """The numbers in a run's metrics file; what was read once is not read again for the latest values.

    A point that v1's ``Run.log`` wrote without a step has its number in the series as its step. Rows, tables,
    texts and images are no metrics of MLflow.

    Parameters
    ----------
    path
        The file.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = Lock()  # MLflow's server asks from several threads
        self._offset = 0
        self._counts: "dict[str, int]" = {}
        self._latest: "dict[str, tuple[int, float, float]]" = {}

    def latest(self) -> "list[Metric]":
        """Give each metric's value at its last step, as MLflow chooses it."""
        with self._lock:
            for lines in self._pieces(self._offset):
                self._offset += len(lines)
                for record in _decoded(lines):
                    self._take(record)
            latest = list(self._latest.items())
        return [_metric(name, value, t, step) for name, (step, t, value) in latest]

    def history(self, name: str) -> "list[Metric]":
        """Give every point of one metric, in the order in which they were logged."""
        begin = '{{"n":{},'.format(json.dumps(name)).encode()
        found: "list[Metric]" = []
        collecting = gc.isenabled()
        gc.disable()  # a million small objects would make it look through everything again and again
        try:
            for lines in self._pieces(0):
                wanted = lines if lines.count(begin) == lines.count(b"\n") else _only(lines, begin)
                for record in _decoded(wanted):
                    if "k" not in record:  # the most of them by far
                        step = record.get("s")
                        value = record["v"]
                        if type(value) is float or type(value) is int:
                            step = len(found) if step is None else step
                            found.append(_metric(name, value, record["t"], step, record.get("m")))
                            continue
                    if record.get("n") == name:
                        for value in _numbers(record):
                            found.append(_metric(name, value, record["t"], _step(record, len(found)), record.get("m")))
        finally:
            if collecting:
                gc.enable()
        return found

    def _take(self, record: "dict[str, Any]") -> None:
        name = record.get("n")
        if not isinstance(name, str):
            return
        for value in _numbers(record):
            count = self._counts.get(name, 0)
            self._counts[name] = count + 1
            point = (_step(record, count), record["t"], value)
            best = self._latest.get(name)
            if best is None or point[:2] >= best[:2]:
                self._latest[name] = point

    def _pieces(self, offset: int) -> "Iterator[bytes]":
        """Give whole lines, some at a time; a half-written last one is left for the next time."""
        try:
            file = open(self._path, "rb")  # noqa: SIM115 - closed below
        except FileNotFoundError:
            return
        with file:
            if os.fstat(file.fileno()).st_size < offset:
                return
            file.seek(offset)
            rest = b""
            while True:
                piece = file.read(_PIECE)
                if not piece:
                    return
                end = piece.rfind(b"\n") + 1
                if not end:
                    rest += piece
                    continue
                yield rest + piece[:end]
                rest = piece[end:]


def _only(lines: bytes, begin: bytes) -> bytes:
    return b"".join(line for line in lines.splitlines(True) if line.startswith(begin))


def _decoded(lines: bytes) -> "list[dict[str, Any]]":
    """Decode lines in one go; one at a time only where one of them is cut."""
    try:
        return json.loads((b"[" + lines.rstrip(b"\n").replace(b"\n", b",") + b"]").decode())  # type: ignore[no-any-return]
    except ValueError:
        pass
    records = []
    for line in lines.splitlines():
        try:
            record = json.loads(line.decode())
        except ValueError:
            continue  # a full disk has cut it
        if isinstance(record, dict):
            records.append(record)
    return records


def _numbers(record: "dict[str, Any]") -> "list[float]":
    kind = record.get("k")
    if kind not in {None, "float", "list"}:
        return []
    value = restore(record)
    return [float(one) for one in (value if kind == "list" else [value]) if isinstance(one, (int, float))]


def _step(record: "dict[str, Any]", count: int) -> int:
    step = record.get("s")
    return count if step is None else int(step)


def _metric(name: str, value: float, t: float, step: int, more: "dict[str, Any] | None" = None) -> Metric:
    return Metric(name, value, int(t * 1000 + 0.5), step, **(more or {}))
