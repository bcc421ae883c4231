"""Requests to the engine as plain HTTP over its socket: importing the client library takes longer than the answer."""

from __future__ import annotations

import socket
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import urlsplit

from jupyter_ext.engines.engine_address import address, connect, needs_client_library

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 1.0  # seconds until a silent engine counts as not answering
_LIBRARYS_LIMIT = 10.0  # where a connection is made over ssh first
_FOREVER = 24 * 3600.0  # seconds: a step of a Dockerfile may say nothing for long
_BLOCK = 65536
_PORT = 2375  # of an engine that is reached over TCP without encryption


class Body(Protocol):
    """What is sent: bytes, or blocks of a known size."""

    def __len__(self) -> int:
        """Return how many bytes there are in all."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield the blocks."""


class Answer(NamedTuple):
    """An answer, whose body comes as the engine sends it: read it within the block that gives it."""

    status: int
    head: str
    blocks: Iterator[bytes]

    def lines(self) -> Iterator[bytes]:
        """Yield the lines of the body as they come."""
        rest = b""
        for block in self.blocks:
            *lines, rest = (rest + block).split(b"\n")
            yield from lines
        if rest:
            yield rest


class _Bytes:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def __len__(self) -> int:
        return len(self._data)

    def __iter__(self) -> Iterator[bytes]:
        yield self._data


@contextmanager
def asking(
    method: str, path: str, body: Body | bytes = b"", *, kind: str = "application/json", limit: float = _FOREVER
) -> Iterator[Answer]:
    """Ask the engine; what it does for the answer ends in the engine too when the block is left.

    Parameters
    ----------
    method, path
        Such as ``POST`` and ``/build?version=2``.
    body, kind
        What is sent, and its media type.
    limit
        Seconds to wait for the next byte.

    Raises
    ------
    OSError
        No engine answers, or it has gone away; the body may raise it too.
    """
    sent: Body = _Bytes(body) if isinstance(body, bytes) else body
    where = address()
    if needs_client_library(where):
        with _asking_with_client_library(method, path, sent, kind, limit) as answer:
            yield answer
        return
    head = f"{method} {path} HTTP/1.0\r\nHost: docker\r\nContent-Type: {kind}\r\nContent-Length: {len(sent)}\r\n\r\n"
    with _open(where, limit) as connection:
        connection.sendall(head.encode())
        with suppress(BrokenPipeError, ConnectionResetError):  # it has its answer before it has read it all
            for block in sent:
                connection.sendall(block)
        status, told, rest = _head(connection)
        yield Answer(status, told, _blocks(connection, rest))


def ask(method: str, path: str, body: bytes = b"", *, limit: float = LIMIT) -> tuple[int, str, bytes]:
    """Ask the engine; return the HTTP status, 0 when it does not answer, the headers and the body."""
    try:
        with asking(method, path, body, limit=limit) as answer:
            return answer.status, answer.head, b"".join(answer.blocks)
    except (OSError, ValueError):
        return 0, "", b""


def _head(connection: socket.socket) -> tuple[int, str, bytes]:
    """Read the status and the headers; return what has come after them too."""
    data = b""
    while b"\r\n\r\n" not in data:
        block = connection.recv(_BLOCK)
        if not block:
            raise ConnectionResetError("the engine has closed the connection")
        data += block
    head, _, rest = data.partition(b"\r\n\r\n")
    words = head.split(maxsplit=2)
    return int(words[1]), head.decode(errors="replace"), rest


def _blocks(connection: socket.socket, rest: bytes) -> Iterator[bytes]:
    if rest:
        yield rest
    yield from iter(lambda: connection.recv(_BLOCK), b"")


def _open(where: str, limit: float) -> socket.socket:
    parts = urlsplit(where)
    if parts.scheme in ("tcp", "http"):
        connection = socket.create_connection((parts.hostname or "127.0.0.1", parts.port or _PORT), LIMIT)
        connection.settimeout(limit)
        return connection
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(LIMIT)
        connection.connect(parts.path or where)
        connection.settimeout(limit)
    except OSError:
        connection.close()
        raise
    return connection


@contextmanager
def _asking_with_client_library(method: str, path: str, body: Body, kind: str, limit: float) -> Iterator[Answer]:
    from docker.errors import DockerException  # noqa: PLC0415 - where a plain socket will not do

    try:
        engine = connect(int(max(limit, _LIBRARYS_LIMIT)))
    except DockerException as error:
        raise ConnectionError(str(error)) from error
    try:
        api = engine.api
        answer = api.request(method, api.base_url + path, data=body, headers={"Content-Type": kind}, stream=True)
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        with answer:
            yield Answer(answer.status_code, head, answer.iter_content(None))
    finally:
        engine.close()
