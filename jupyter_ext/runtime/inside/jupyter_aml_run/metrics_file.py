"""The file of a run's metrics: one JSON object a line, each in the file when the call returns."""

import json
import os
import sys
import time

from .records import plain, special

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any

_LONGEST = 2**63
_MOST_NAMES = 10000


class MetricsFile:
    """Writes points of metrics; a full disk delays them, and is told once.

    Parameters
    ----------
    path
        The file.
    rank
        The rank that logs, where a run has several.
    """

    def __init__(self, path: str, rank: "int | None" = None) -> None:
        self._path = path
        self._file: "int | None" = None
        self._pending = b""
        self._told = False
        self._names: "dict[str, str]" = {}
        self._end = "}\n" if rank is None else ',"r":{}}}\n'.format(rank)

    def scalar(
        self,
        name: str,
        value: "Any",
        description: str = "",
        step: "int | None" = None,
        moment: "float | None" = None,
        more: "dict[str, Any] | None" = None,
    ) -> None:
        """Write one value; this is what a script calls most, and it takes some 3 us.

        Parameters
        ----------
        name
            The metric's name.
        value
            Its value.
        description
            What it is about.
        step
            Where it stands in a series; None is after the last.
        moment
            When it was measured, in unix seconds; None is now.
        more
            What else stands in the line, under names of its own.
        """
        kind = type(value)
        if (kind is float and value - value == 0) or (kind is int and -_LONGEST <= value < _LONGEST):
            text = repr(value)
        else:
            text = _scalar_text(value)
        try:
            begin = self._names[name]
        except KeyError:
            begin = self._begin(name)
        if step is not None:
            text += ',"s":%d' % step
        if description:
            text += ',"d":' + json.dumps(str(description))
        if more:
            text += "," + json.dumps(more, separators=(",", ":"))[1:-1]
        line = "%s%s,%s%.3f%s" % (begin, text, '"t":', time.time() if moment is None else moment, self._end)
        self._write(line.encode())

    def other(self, name: str, kind: str, value: "Any", description: str = "") -> None:
        """Write a list, a row, a table, or the name of an artifact.

        Parameters
        ----------
        name
            The metric's name.
        kind
            ``list``, ``row``, ``table``, ``image``, ``confusion_matrix``, ``accuracy_table``, ``residuals``
            or ``predictions``.
        value
            Its plain value.
        description
            What it is about.
        """
        record: "dict[str, Any]" = {"n": name, "k": kind}
        places: "list[list[Any]]" = []
        record["v"] = _without_specials(value, (), places)
        if places:
            record["x"] = places
        if description:
            record["d"] = str(description)
        body = json.dumps(record, separators=(",", ":"))[:-1]
        self._write('{},"t":{:.3f}{}'.format(body, time.time(), self._end).encode())

    def flush(self) -> bool:
        """Try to write what a full disk has held back; False when something is still held back."""
        if self._pending:
            self._write(b"")
        return not self._pending

    def _begin(self, name: str) -> str:
        if len(self._names) >= _MOST_NAMES:
            self._names.clear()
        begin = self._names[name] = '{"n":%s,"v":' % json.dumps(str(name))
        return begin

    def _write(self, line: bytes) -> None:
        if self._pending:
            line = self._pending + line
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            written = os.write(self._file, line)
            if written == len(line):
                self._pending = b""
                return
            line = line[written:]
            line = line[os.write(self._file, line) :]  # the second write tells why
        except OSError as error:
            self._tell(error)
        self._pending = line

    def _tell(self, error: OSError) -> None:
        if not self._told:
            self._told = True
            sys.stderr.write(
                "jupyter-aml: metrics cannot be written ({}); they are kept in memory and written as soon as "
                "there is room again.\n".format(error.strerror)
            )

    def __del__(self) -> None:
        if self._file is not None:
            self.flush()
            os.close(self._file)


def _scalar_text(value: "Any") -> str:
    value = plain(value)
    name = special(value)
    return json.dumps(value) if name is None else '"{}","k":"float"'.format(name)


def _without_specials(value: "Any", path: "tuple[Any, ...]", places: "list[list[Any]]") -> "Any":
    """Replace the numbers that JSON does not know by null, and note where they stood."""
    if isinstance(value, dict):
        return {key: _without_specials(item, (*path, key), places) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_specials(item, (*path, index), places) for index, item in enumerate(value)]
    name = special(value)
    if name is None:
        return value
    places.append([*path, name])
    return None
