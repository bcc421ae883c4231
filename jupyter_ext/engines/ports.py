"""Ports that nothing listens on."""

from __future__ import annotations

import socket
from contextlib import ExitStack


def free_ports(count: int, host: str = "") -> list[int]:
    """Return so many ports that are free on a host of this machine, on all of them where none is named."""
    with ExitStack() as stack:
        opened = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in opened:  # all are open at once, so that they differ
            one.bind((host, 0))
        return [int(one.getsockname()[1]) for one in opened]
