"""Lines of JSON in a file that is only appended to, JSON in files of its own, and the plain values that they hold."""

import errno
import json
import math
import os
import stat

from .exceptions import AzureMLException

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any, Iterator

_LONGEST = 2**63  # readers in other languages have no longer integers


def append_record(path: str, record: "dict[str, Any]") -> None:
    """Append an object as one line, in one write, so that the lines of several processes never mix.

    Parameters
    ----------
    path
        The file, which is made when it is not there.
    record
        What is written.

    Raises
    ------
    OSError
        When it cannot be written, as on a full disk.
    """
    append(path, json.dumps(record, separators=(",", ":"), default=str).encode() + b"\n")


def append(path: str, lines: bytes) -> None:
    """Append whole lines to a file, as `append_record` does.

    Whoever writes may reach more than the script, whose directory it is: a link is not followed, nor a pipe waited at.
    """
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644)
    try:
        while lines:
            lines = lines[os.write(file, lines) :]
    finally:
        os.close(file)


def write_record(path: str, record: "dict[str, Any]") -> None:
    """Put an object into a file of its own, whole or not at all.

    Parameters
    ----------
    path
        The file; its folder is made when it is not there.
    record
        What is written.
    """
    os.makedirs(os.path.dirname(path), exist_ok=True)
    part = "{}.{}.part".format(path, os.urandom(4).hex())
    with open(part, "w", encoding="utf-8") as file:
        json.dump(record, file, indent=2)
    os.replace(part, path)


def read_records(path: str) -> "Iterator[dict[str, Any]]":
    """Read the objects of a file, skipping a half-written last line and whatever is not an object.

    Parameters
    ----------
    path
        The file; one that is not there has no objects, nor has what is no file.
    """
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP):
            return
        raise
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        return
    with os.fdopen(number, "rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            try:
                record = json.loads(line.decode())
            except ValueError:
                continue  # a full disk has cut it
            if isinstance(record, dict):
                yield record


def plain(value: "Any") -> "str | float | bool | None":
    """Turn a value into what JSON knows, as v1 does.

    Parameters
    ----------
    value
        Any value: numpy's and torch's scalars become Python's own, other objects become text.

    Raises
    ------
    AzureMLException
        When it is a list or a tuple.
    """
    if value is None or isinstance(value, (bool, str)):
        return value if type(value) in {bool, str, type(None)} else str(value)
    if isinstance(value, (list, tuple)):
        raise AzureMLException("A list inside a list, a row or a table's column cannot be logged: {!r}".format(value))
    if isinstance(value, float):
        return float(value)
    if isinstance(value, int):
        return int(value) if -_LONGEST <= value < _LONGEST else _as_float(value)
    item = getattr(value, "item", None)
    if item is not None:
        try:
            scalar = item()
        except (TypeError, ValueError, RuntimeError):  # more than one element
            return str(value)
        return str(value) if type(scalar) is type(value) else plain(scalar)
    return str(value)


def _as_float(value: int) -> "float | str":
    try:
        return float(value)
    except OverflowError:
        return str(value)


def special(value: "Any") -> "str | None":
    """Name a number that JSON does not know: ``NaN``, ``Infinity``, ``-Infinity``; None for all others."""
    if not isinstance(value, float) or math.isfinite(value):
        return None
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
