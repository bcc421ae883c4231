"""A proxy that serves a Jupyter server under another path than the server's own, WebSockets too."""

from __future__ import annotations

import contextlib
import socket
import threading


class RewritingProxy:
    """Passes connections on, with the path of each one's first request rewritten.

    Parameters
    ----------
    port
        The server's.
    outside, inside
        What paths begin with here, and there.
    """

    def __init__(self, port: int, outside: str, inside: str) -> None:
        self._to = ("127.0.0.1", port)
        self._paths = (f" {outside}".encode(), f" {inside}".encode())
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}{outside}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._to) as server:
            head = b""
            while b"\r\n" not in head and (data := client.recv(65536)):
                head += data
            server.sendall(head.replace(*self._paths, 1))
            back = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
            back.start()
            _pass_on(client, server)
            back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
