"""A real notebook kernel, driven as a front end drives it."""

from __future__ import annotations

import os
import signal
import threading
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_client.manager import start_new_kernel
from jupyter_core.utils import ensure_event_loop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LIMIT = 120


@dataclass
class Cell:
    """What a cell has given.

    Attributes
    ----------
    text
        What it printed.
    displays
        Every state of every display of the cell, as MIME bundles.
    value
        Its result as text, if the front end was given one.
    error
        ``ename``, ``evalue`` and ``traceback``; None where it did not fail.
    help
        What ``?`` shows.
    """

    text: str = ""
    displays: list[dict[str, str]] = field(default_factory=list)
    value: str | None = None
    error: dict[str, Any] | None = None
    help: str = ""
    ids: set[str | None] = field(default_factory=set)

    @property
    def shown(self) -> str:
        """The last state of the last display, as plain text."""
        return self.displays[-1]["text/plain"] if self.displays else ""

    @property
    def message(self) -> str:
        """What the error says."""
        assert self.error is not None, f"the cell did not fail: {self}"
        return str(self.error["evalue"])

    @property
    def trace(self) -> str:
        """What the front end shows of the error."""
        assert self.error is not None
        return "\n".join(self.error["traceback"])


class Kernel:
    """Runs cells and keeps what they give."""

    def __init__(self, manager: Any, client: Any) -> None:
        self._manager = manager
        self._client = client

    def run(self, code: str, *, interrupt_after: float | None = None) -> Cell:
        """Run a cell to its end."""
        cell = Cell()
        timer = threading.Timer(interrupt_after or 0, os.kill, (self._manager.provisioner.pid, signal.SIGINT))
        if interrupt_after is not None:
            timer.start()
        reply = self._client.execute_interactive(
            code, timeout=_LIMIT, output_hook=lambda message: _take(cell, message), allow_stdin=False
        )
        payload = reply["content"].get("payload") or []
        cell.help = "\n".join(one["data"]["text/plain"] for one in payload if "data" in one)
        return cell

    def begin(self, code: str) -> None:
        """Let the kernel begin with a cell, and wait for nothing."""
        self._client.execute(code)

    def ok(self, code: str) -> Cell:
        """Run a cell that must not fail."""
        cell = self.run(code)
        assert cell.error is None, cell.trace
        return cell

    def complete(self, code: str) -> list[str]:
        """Return what Tab offers at the end of a cell."""
        reply = self._client.complete(code, len(code), reply=True, timeout=_LIMIT)
        return list(reply["content"]["matches"])


def _take(cell: Cell, message: dict[str, Any]) -> None:
    kind, content = message["msg_type"], message["content"]
    if kind == "stream":
        cell.text += content["text"]
    elif kind == "display_data":
        cell.displays.append(content["data"])
        cell.ids.add(content["transient"].get("display_id"))
    elif kind == "update_display_data" and content["transient"]["display_id"] in cell.ids:  # not an earlier cell's
        cell.displays.append(content["data"])
    elif kind == "execute_result":
        cell.value = content["data"]["text/plain"]
    elif kind == "error":
        cell.error = content


@contextmanager
def kernel(folder: Path, **variables: str) -> Iterator[Kernel]:
    """Start a kernel in a folder, with environment variables and the extension loaded; end it afterwards."""
    environment = {**os.environ, **variables}
    manager, client = start_new_kernel(
        kernel_name="python3", cwd=str(folder), env=environment, extra_arguments=["--log-level=50"]
    )
    try:
        started = Kernel(manager, client)
        started.ok("%load_ext jupyter_ext")
        yield started
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
        ensure_event_loop().close()  # the client made it, and does not end it


def make_wheel(folder: Path, name: str = "aml_tiny") -> str:
    """Write a wheel that can be installed with no network; return its file's name."""
    info = f"{name}-1.0.dist-info"
    file = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{name}.py", "VERSION = 1\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return file.name
