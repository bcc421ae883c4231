"""The monitor as a Jupyter widget."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import anywidget
import traitlets
from IPython.core.interactiveshell import InteractiveShell

from jupyter_ext.core.rendering.mime_bundle import mime_bundle
from jupyter_ext.core.runs.requests import answer
from jupyter_ext.core.runs.watch import RunWatch
from jupyter_ext.store.live.feed import TOPICS

if TYPE_CHECKING:
    from jupyter_ext.core.runs.run import Run

_VIEW = "application/vnd.jupyter.widget-view+json"
_RUN = "application/vnd.jupyter-aml.run+json"


class RunMonitor(anywidget.AnyWidget):
    """Shows one run while it lives, and after.

    Each topic of the run's feed is a synced trait, pushed by a thread of its own, so that it is up to date
    while a cell keeps the kernel busy. What a view asks for is answered when the kernel is free.

    Parameters
    ----------
    run
        The run.
    """

    _esm = Path(__file__).parent / "static" / "view.js"

    run = traitlets.Any().tag(sync=True)
    phases = traitlets.Any().tag(sync=True)
    logs = traitlets.Any().tag(sync=True)
    tail = traitlets.Any().tag(sync=True)
    metrics = traitlets.Any().tag(sync=True)
    nodes = traitlets.Any().tag(sync=True)
    files = traitlets.Any().tag(sync=True)
    trials = traitlets.Any().tag(sync=True)
    details = traitlets.Any().tag(sync=True)

    def __init__(self, run: Run) -> None:
        self._watch = RunWatch(run, self)
        self._feed = self._watch.feed
        self._feed.refresh()
        self._followed: str | None = None
        self._displays: list[str] = []
        self._shown_as_ended = False
        self._is_closed = False
        super().__init__(**{topic: self._feed.topic(topic) for topic in TOPICS})
        # ipykernel would have a page's messages read by whichever subshell was answered last: one that is busy with a
        # cell, or that went with an earlier page. So they are read by the one that they are sent to.
        self.comm._reply_subshell_for = None  # noqa: SLF001 - there is no public way
        self.on_msg(self._asked)
        self._watch.start()

    def close(self) -> None:
        """Stop showing the run; the run goes on."""
        self._is_closed = True
        self._watch.stop()
        super().close()

    def run_changed(self, topics: set[str]) -> None:
        """Push what has changed; called by the watcher."""
        if self._followed and "logs" in topics:
            topics = {*topics, "tail"}
        for topic in TOPICS:
            if topic in topics and not self._is_closed:
                setattr(self, topic, self._tail() if topic == "tail" else self._feed.topic(topic))

    def run_ended(self) -> None:
        """Leave the final state in the notebook; called by the watcher."""
        if not self._shown_as_ended and not self._is_closed:
            self._leave_end()

    def _leave_end(self) -> None:
        from IPython.display import update_display  # noqa: PLC0415 - there is none without a display

        self._shown_as_ended = True
        bundle = self._bundle()
        for display_id in self._displays:
            update_display(bundle, display_id=display_id, raw=True)  # type: ignore[no-untyped-call]

    def _after_cell(self, _result: object) -> None:
        """Leave the final state in the notebook as part of a cell.

        What comes between two cells is lost to whoever runs a notebook without a page, as ``jupyter execute`` does.
        """
        self._feed.glance()
        if self._feed.has_ended and not self._is_closed:
            self._feed.read_all()
            self._leave_end()
        if self._feed.has_ended or self._is_closed:
            InteractiveShell.instance().events.unregister("post_run_cell", self._after_cell)

    def _tail(self) -> dict[str, Any]:
        return self._feed.tail(self._followed)

    def _asked(self, _widget: object, content: object, _buffers: object) -> None:
        if isinstance(content, dict) and "id" in content:
            reply, buffers = answer(self, self._watch, content)
            self.send(reply, buffers)

    def follow(self, file: str | None) -> None:
        """Let the tail be that of one log; of the active one if none is named.

        Raises
        ------
        UserErrorException
            The run has no such log.
        """
        if file:
            self._feed.lines(file, 0, 0)
        self._followed = file or None
        self.tail = self._tail()

    def _bundle(self) -> dict[str, Any]:
        bundle: dict[str, Any] = {**mime_bundle(self._feed)}
        run = self._feed.topic("run")
        if run["created"] is not None:
            bundle[_RUN] = {name: run[name] for name in ("workspace", "id", "created")}
        if self._view_name is not None and not self._is_closed:
            bundle[_VIEW] = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return bundle

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        return self._bundle(), {}

    def _ipython_display_(self) -> None:
        """Show it under an id of its own: the end of the run brings the saved output up to date."""
        from IPython.display import display  # noqa: PLC0415 - only IPython calls this

        display_id = uuid4().hex
        display(self._bundle(), raw=True, display_id=display_id)  # type: ignore[no-untyped-call]
        if not (self._feed.has_ended and self._feed.complete):
            if not self._displays:
                InteractiveShell.instance().events.register("post_run_cell", self._after_cell)
            self._displays.append(display_id)
