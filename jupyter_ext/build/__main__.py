"""Builds one environment in a process of its own: ``python -m jupyter_ext.build``.

A request is read from stdin as JSON, and messages are written to stdout, one JSON object a line; see
:mod:`jupyter_ext.build.records`. SIGINT and SIGTERM stop the build, with everything that it has started, and
leave nothing half-built behind. The exit code is 0 for a finished build, 1 for a failed one, 130 for one that
was stopped.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import msgspec

from jupyter_ext.build import failures
from jupyter_ext.build.builder import build
from jupyter_ext.build.records import Failure, Message, Request
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException

if TYPE_CHECKING:
    from types import FrameType

_STOPPED = 130
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def main() -> int:
    """Read the request, build, and return the exit code."""
    for number in _STOP_SIGNALS:
        signal.signal(number, _stop)
    try:
        return _build()
    except KeyboardInterrupt:
        with contextlib.suppress(BrokenPipeError):
            _write(Message(error=Failure("KeyboardInterrupt", "The build was stopped.")))
    except BrokenPipeError:  # nobody waits for it any more
        pass
    os._exit(_STOPPED)  # at once: rattler's threads are not to call into a Python that tidies itself up


def _build() -> int:
    try:
        request = msgspec.json.decode(sys.stdin.buffer.read(), type=Request)
    except msgspec.DecodeError as error:
        _write(Message(error=Failure("UserErrorException", f"The request cannot be read: {error}")))
        return 1
    try:
        built = build(
            request.definition,
            container=request.container,
            root=Path(request.root),
            report=lambda progress: _write(Message(progress=progress)),
            force=request.force,
            log=Path(request.log) if request.log else None,
            folder=Path(request.folder) if request.folder else None,
        )
    except AzureMLException as error:
        _write(Message(error=failures.recorded(error)))
        return 1
    _write(Message(built=built))
    return 0


def _write(message: Message) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(message) + b"\n")
    sys.stdout.buffer.flush()


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    for number in _STOP_SIGNALS:  # tidying up is not to be stopped
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
