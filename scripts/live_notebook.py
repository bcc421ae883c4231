"""Runs a notebook without a browser and prints what its cells say, as they say it."""

from __future__ import annotations

import re
import shutil
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from nbclient import NotebookClient

if TYPE_CHECKING:
    from nbformat import NotebookNode

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|[\x00-\x08\x0b-\x1f\x7f]")
_SILENCE = 15.0
_BAR = 24


class Screen:
    """Prints lines; on a terminal with a progress bar below them, elsewhere with signs of life."""

    def __init__(self) -> None:
        self.done = 0.0
        self.doing = ""
        self._bar = sys.stdout.isatty()
        self._lock = threading.Lock()
        self._started = self._spoke = time.monotonic()
        self._ended = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Screen:
        self._ticker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._ticker.join()
        self._write("")

    def line(self, text: str = "") -> None:
        """Print one line above the bar, without anything that would move a terminal's cursor."""
        self._spoke = time.monotonic()
        self._write(_ESCAPES.sub("", text) + "\n")

    def _write(self, text: str) -> None:
        with self._lock:
            sys.stdout.write(f"\r\x1b[K{text}" if self._bar else text)
            sys.stdout.flush()

    def _tick(self) -> None:
        while not self._ended.wait(0.25 if self._bar else 1.0):
            if self._bar:
                filled = round(_BAR * self.done)
                text = f"[{'#' * filled}{'_' * (_BAR - filled)}] {self._seconds()}  {self.doing}"
                self._write(text[: shutil.get_terminal_size().columns - 1])
            elif time.monotonic() - self._spoke > _SILENCE:
                self.line(f"    ... {self._seconds()}, still at: {self.doing}")

    def _seconds(self) -> str:
        return f"{time.monotonic() - self._started:.0f} s"


class LiveNotebook(NotebookClient):
    """A notebook client that shows each output when it comes, and that can leave cells out by their tag."""

    def __init__(self, notebook: NotebookNode, screen: Screen, **options: Any) -> None:
        quiet = ["--log-level=50"]  # the kernel's own notes are not the notebook's
        super().__init__(notebook, timeout=None, store_widget_state=False, extra_arguments=quiet, **options)
        self.seconds: dict[str, float] = {}
        self._screen = screen
        self._half_line = ""
        self._displays: dict[str, int] = {}
        self._said: set[str] = set()

    def run(self, without: dict[str, str]) -> None:
        """Run the cells from top to bottom.

        Parameters
        ----------
        without
            Tags of cells that are left out, each with the reason.
        """
        cells = self.nb.cells
        with self.setup_kernel():
            for index, cell in enumerate(cells):
                self._screen.done = index / len(cells)
                self._headline(cell)
                if cell.cell_type == "code":
                    self._run_cell(cell, index, without)
        self._screen.done = 1.0

    def _headline(self, cell: NotebookNode) -> None:
        lines = cell.source.strip().splitlines()
        if cell.cell_type == "markdown":
            headings = [line.lstrip("# ") for line in lines if line.startswith("#")]
            for heading in headings:
                self._screen.line(f"\n== {heading}")
            return
        self._screen.doing = lines[0]
        self._screen.line()
        for line in lines:
            self._screen.line(f"> {line}")

    def _run_cell(self, cell: NotebookNode, index: int, without: dict[str, str]) -> None:
        for tag in cell.metadata.get("tags", []):
            if tag in without:
                self._screen.line(f"    left out: {without[tag]}")
                return
        # The tag lets JupyterLab go on after this cell; here its failure is a failure.
        cell.metadata["tags"] = [tag for tag in cell.metadata.get("tags", []) if tag != "raises-exception"]
        begun = time.monotonic()
        try:
            self.execute_cell(cell, index)
        finally:
            self._text("", ends=True)
            self.seconds[cell.id] = time.monotonic() - begun

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        """Show what a message brings, then keep it as usual."""
        content = msg["content"]
        if msg["msg_type"] == "stream":
            self._text(content["text"])
        elif msg["msg_type"] in {"display_data", "execute_result", "update_display_data"}:
            name = (content.get("transient") or {}).get("display_id") or msg["header"]["msg_id"]
            self._display(name, cell_index, content["data"].get("text/plain", ""))
        elif msg["msg_type"] == "error":
            self._text(f"{content['ename']}: {content['evalue']}", ends=True)
        return super().process_message(msg, cell, cell_index)

    def _display(self, name: str, cell_index: int, text: str) -> None:
        """Show a display's text, and while its cell runs what changes of it."""
        changes = name in self._displays
        if self._displays.setdefault(name, cell_index) != cell_index:
            return
        for line in text.splitlines():
            if not changes or line.strip() not in self._said:
                self._text(line, ends=True)

    def _text(self, text: str, *, ends: bool = False) -> None:
        *lines, self._half_line = (self._half_line + text).split("\n")
        if ends and self._half_line:
            lines.append(self._half_line)
            self._half_line = ""
        for line in lines:
            shown = line.rstrip("\r").rsplit("\r", 1)[-1]  # a line that a script wrote over ends as its last state
            self._said.add(shown.strip())
            self._screen.line(f"    {shown}".rstrip())
