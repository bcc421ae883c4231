"""Reads BuildKit's own account of a build, the protocol buffers that the engine's answer carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBER, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5  # how a field is written
_VERTEX, _STATUS, _LOG = 1, 2, 3
_STARTED = 5


class Vertex(NamedTuple):
    """A piece of work: ``started`` and ``cached`` once it is so; ``error`` is empty where it has not failed."""

    digest: str
    name: str
    started: bool
    cached: bool
    error: str


class Moved(NamedTuple):
    """How far a piece of work has come; ``total`` is 0 where nobody knows."""

    name: str
    current: int
    total: int


class Printed(NamedTuple):
    """What a piece of work has printed; not always whole lines."""

    digest: str
    data: bytes


def read(data: bytes) -> Iterator[Vertex | Moved | Printed]:
    """Yield what an account tells, in its order: pieces of work, how far they are, what they print.

    Raises
    ------
    ValueError
        It is no such account.
    """
    for number, value in _fields(data):
        if not isinstance(value, bytes):
            continue
        fields = dict(_fields(value))  # of a field that comes again, BuildKit means the last
        if number == _VERTEX:
            started = _STARTED in fields
            yield Vertex(_text(fields, 1), _text(fields, 3), started, bool(fields.get(4)), _text(fields, 7))
        elif number == _STATUS:
            yield Moved(_text(fields, 1), _count(fields, 4), _count(fields, 5))
        elif number == _LOG:
            printed = fields.get(4)
            yield Printed(_text(fields, 1), printed if isinstance(printed, bytes) else b"")


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == _NUMBER:
            number, at = _varint(data, at)
            yield key >> 3, number
            continue
        if kind == _BYTES:
            length, at = _varint(data, at)
        elif kind in {_EIGHT_BYTES, _FOUR_BYTES}:
            length = 8 if kind == _EIGHT_BYTES else 4
        else:
            raise ValueError(f"a field is written in an unknown way: {kind}")
        yield key >> 3, data[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        if at >= len(data):
            raise ValueError("a number ends in its middle")
        byte = data[at]
        result |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return result, at


def _text(fields: dict[int, int | bytes], number: int) -> str:
    value = fields.get(number, b"")
    return value.decode(errors="replace") if isinstance(value, bytes) else ""


def _count(fields: dict[int, int | bytes], number: int) -> int:
    value = fields.get(number, 0)
    return value if isinstance(value, int) else 0
