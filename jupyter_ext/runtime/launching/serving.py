"""What ``mpirun`` on another node starts here: the launcher is its remote shell.

mpirun gives host and command to ``mpi_shell.py``, which connects to the launcher of that node and sends one JSON line,
``{"token": ..., "command": ...}``. The answer is one line too, ``{"code": 0}``, when the command has ended. A caller
that goes away ends the command.
"""

import os
import time

from .events import decode, encode
from .rank import CannotStart

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    import socket
    from typing import Any

_LONGEST = 1024 * 1024
_PIECE = 65536
_CALL_SECONDS = 60.0  # how long the other node's launcher may take to start


class Serving:
    """The port of a launcher, and whoever is connected to it.

    Parameters
    ----------
    port
        Where it listens.
    token
        What a caller has to know.

    Raises
    ------
    CannotStart
        The port is taken.
    """

    def __init__(self, port: int, token: str) -> None:
        import socket  # noqa: PLC0415 - few launchers need it

        self._token = token
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._listener.bind(("", port))
        except OSError as error:
            raise CannotStart("port {} of this node cannot be used: {}".format(port, error.strerror)) from None
        self._listener.listen(16)
        self._listener.setblocking(False)
        self._callers: "dict[socket.socket, bytes]" = {}
        self._caller: "socket.socket | None" = None
        self.left = False

    def files(self) -> "list[Any]":
        """Give what select() has to watch."""
        return [self._listener] + list(self._callers) + ([] if self._caller is None else [self._caller])

    def commands(self, ready: "list[Any]") -> "list[str]":
        """Read what has come on these; give the command that was sent with the right token, once."""
        if self._caller in ready:
            ready = [one for one in ready if one is not self._caller]
            self.left = _receive(self._caller) == b""
            if self.left:
                self._close_caller()
        if self._listener in ready:
            self._accept()
        return [command for one in ready if one in self._callers for command in self._hear(one)]

    def answer(self, code: int) -> None:
        """Tell the caller how its command has ended."""
        if self._caller is not None:
            try:  # noqa: SIM105 - contextlib costs 3 ms
                self._caller.sendall(encode({"code": code}).encode() + b"\n")
            except OSError:
                pass  # it is gone
            self._close_caller()

    def _close_caller(self) -> None:
        if self._caller is not None:
            self._caller.close()
            self._caller = None

    def _accept(self) -> None:
        try:
            caller, _ = self._listener.accept()
        except OSError:
            return  # it has left already
        caller.setblocking(False)
        self._callers[caller] = b""

    def _hear(self, caller: "socket.socket") -> "list[str]":
        piece = _receive(caller)
        line = self._callers[caller] + (piece or b"")
        if piece != b"" and b"\n" not in line and len(line) < _LONGEST:
            self._callers[caller] = line
            return []
        del self._callers[caller]
        command = self._understood(line)
        if command is None or self._caller is not None:
            caller.close()
            return []
        caller.setblocking(True)
        self._caller = caller
        return [command]

    def _understood(self, line: bytes) -> "str | None":
        import hmac  # noqa: PLC0415 - few launchers need it

        try:
            asked = decode(line.decode())
            token, command = asked["token"], asked["command"]
        except (ValueError, KeyError, TypeError):
            return None
        return str(command) if hmac.compare_digest(str(token).encode(), self._token.encode()) else None


def _receive(caller: "Any") -> "bytes | None":
    """Give what a caller has sent: nothing at all when it has left, None when it was a false alarm."""
    try:
        piece: bytes = caller.recv(_PIECE)
    except BlockingIOError:
        return None
    except OSError:
        return b""
    return piece


def main(arguments: "list[str]") -> int:
    """Have the launcher of a node run a command, as a remote shell would; return its exit status.

    The environment says where the launchers are, ``AML_LAUNCHERS=node-0=HOST:PORT,node-1=HOST:PORT``, and what they
    want to hear, ``AML_LAUNCHER_TOKEN``.
    """
    import socket  # noqa: PLC0415 - the launcher loads this module too
    import sys  # noqa: PLC0415

    node, command = arguments[0], " ".join(arguments[1:])
    known = dict(entry.split("=", 1) for entry in os.environ.get("AML_LAUNCHERS", "").split(",") if entry)
    if node not in known:
        sys.stderr.write("There is no node {} in this run: it has {}.\n".format(node, ", ".join(sorted(known))))
        return 1
    host, _, port = known[node].rpartition(":")
    limit = time.monotonic() + _CALL_SECONDS
    while True:
        try:
            connection = socket.create_connection((host, int(port)), 5.0)
            break
        except OSError as error:  # its name is not known, or nothing listens there: not yet
            if time.monotonic() > limit:
                sys.stderr.write("The launcher of {} does not answer at {}: {}\n".format(node, known[node], error))
                return 1
            time.sleep(0.05)
    connection.settimeout(None)
    connection.sendall(encode({"token": os.environ.get("AML_LAUNCHER_TOKEN", ""), "command": command}).encode() + b"\n")
    answer = connection.makefile().readline()
    if not answer:
        sys.stderr.write("The launcher of {} is gone.\n".format(node))
        return 1
    code = int(decode(answer)["code"])
    return code if code >= 0 else 128 - code
