"""The events of a node: JSON lines that a full disk delays and never loses."""

import os
import time

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any

_make_scanner: "Any" = None
try:  # a run waits for this program, and json brings re with it: 8 ms
    import _json
except ImportError:  # not CPython
    pass
else:
    _make_scanner = _json.make_scanner


def decode(text: str) -> "Any":
    """Read a JSON document.

    Raises
    ------
    ValueError
        When it is not one.
    """
    if _make_scanner is None:
        import json  # noqa: PLC0415 - only here

        return json.loads(text)
    text = text.strip()
    try:
        value, end = _make_scanner(_Scanning)(text, 0)
    except StopIteration:
        raise ValueError("not a JSON document") from None
    if end != len(text):
        raise ValueError("text after the JSON document")
    return value


class _Scanning:
    """How _make_scanner is told what to make of a document."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float = parse_constant = float
    parse_int = int
    memo: "dict[str, str]" = {}  # noqa: RUF012 - never written


def encode(record: "dict[str, Any]") -> str:
    """Write texts, numbers and None as a JSON object on one line."""
    if _make_scanner is None:
        import json  # noqa: PLC0415 - only here

        return json.dumps(record)
    return "{" + ",".join("{}:{}".format(_text(key), _text(value)) for key, value in record.items()) + "}"


def _text(value: "str | float | None") -> str:
    if value is None:
        return "null"
    return _json.encode_basestring_ascii(value) if isinstance(value, str) else repr(value)


class Events:
    """The node's event file. A full disk delays its lines; it never ends the launcher."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: "int | None" = None
        self._pending = b""

    def write(self, event: str, **fields: "Any") -> None:
        """Append one event, after whatever could not be written before."""
        record = {"t": round(time.time(), 3), "event": event}
        record.update(fields)
        self._pending += encode(record).encode() + b"\n"
        self._flush()

    def close(self, seconds: float = 2.0) -> None:
        """Try for at most `seconds` to write what a full disk has held back."""
        limit = time.monotonic() + seconds
        while self._pending and time.monotonic() < limit:
            time.sleep(0.1)
            self._flush()

    def _flush(self) -> None:
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            while self._pending:
                self._pending = self._pending[os.write(self._file, self._pending) :]
        except OSError:
            pass  # the rest of the line follows with the next event
