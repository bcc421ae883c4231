"""A relay that stands before a server and is slow, or silent, so that the server seems to be."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE = 1 << 18


class Relay:
    """Hands on what clients and server say, each piece after ``delay`` seconds; says nothing while ``silent``."""

    def __init__(self, server: str, delay: float) -> None:
        host, _, port = server.rpartition(":")
        self._server = (host, int(port))
        self.delay = delay
        self.silent = False
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = [self._listening]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._listening.getsockname()[1]}"

    def close(self) -> None:
        for each in self._open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near = self._listening.accept()[0]
                far = socket.create_connection(self._server)
                self._open += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._copy, args=(source, sink), daemon=True).start()

    def _copy(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_PIECE):
                time.sleep(self.delay)
                if self.silent:
                    continue
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


@contextmanager
def before(server: str, delay: float = 0.0) -> Iterator[Relay]:
    """Give a relay before a server, ``host:port``."""
    relay = Relay(server, delay)
    try:
        yield relay
    finally:
        relay.close()
