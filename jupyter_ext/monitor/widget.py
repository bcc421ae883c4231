"""The monitor as a Jupyter widget."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

import anywidget
import traitlets

from jupyter_ext.monitor import static_html, text
from jupyter_ext.monitor.requests import answer
from jupyter_ext.monitor.watcher import WATCHER
from jupyter_ext.store.feed import TOPICS, RunFeed

if TYPE_CHECKING:
    from jupyter_ext.store.paths import RunPaths

_VIEW = "application/vnd.jupyter.widget-view+json"
_RARELY = frozenset({"metrics", "nodes", "files", "details"})
_RARE_SECONDS = 1.0
_TEND_SECONDS = 5.0


class MonitoredRun(Protocol):
    """What a monitor needs of a run."""

    @property
    def id(self) -> str:
        """The run's id."""

    @property
    def paths(self) -> RunPaths:
        """The run's paths."""

    def cancel(self) -> object:
        """Ask for the run's end."""


class RunMonitor(anywidget.AnyWidget):
    """Shows one run while it lives, and after.

    Each topic of the run's feed is a synced trait, pushed by a thread of its own, so that it is up to date
    while a cell keeps the kernel busy. What a view asks for is answered when the kernel is free.

    Parameters
    ----------
    run
        The run. Where it has ``get_status``, that is called every few seconds, so that a run whose runner was
        killed is adopted.
    """

    _esm = Path(__file__).parent / "static" / "view.js"

    run = traitlets.Any().tag(sync=True)
    phases = traitlets.Any().tag(sync=True)
    logs = traitlets.Any().tag(sync=True)
    tail = traitlets.Any().tag(sync=True)
    metrics = traitlets.Any().tag(sync=True)
    nodes = traitlets.Any().tag(sync=True)
    files = traitlets.Any().tag(sync=True)
    details = traitlets.Any().tag(sync=True)

    def __init__(self, run: MonitoredRun) -> None:
        self._run = run
        self._feed = RunFeed(run.paths)
        self._feed.refresh()
        self._waiting: set[str] = set()
        self._rare_at = 0.0
        self._tend_at = time.monotonic() + _TEND_SECONDS
        self._followed: str | None = None
        self._displays: list[str] = []
        self._shown_as_ended = False
        self._is_closed = False
        super().__init__(**{topic: self._feed.topic(topic) for topic in TOPICS})
        self.on_msg(self._asked)
        WATCHER.add(self)

    def close(self) -> None:
        """Stop showing the run; the run goes on."""
        self._is_closed = True
        WATCHER.remove(self)
        super().close()

    def look(self) -> bool | None:
        """Read what is new and push it; called by the watcher."""
        if self._is_closed:
            return None
        changed = self._feed.refresh()
        self._push(changed)
        if self._feed.has_ended and not changed and self._feed.complete:
            self._finish()
            return None
        if not changed:
            self._tend()
        return bool(changed) or not self._feed.complete

    def _push(self, changed: set[str]) -> None:
        """Send what changed; what is large, at most once a second."""
        self._waiting |= changed
        if self._followed and "logs" in changed:
            self._waiting.add("tail")
        now = time.monotonic()
        ready = self._waiting - _RARELY
        if now >= self._rare_at or self._feed.has_ended:
            ready = self._waiting
            if ready & _RARELY:
                self._rare_at = now + _RARE_SECONDS
        self._waiting = self._waiting - ready
        for topic in TOPICS:
            if topic in ready and not self._is_closed:
                setattr(self, topic, self._tail() if topic == "tail" else self._feed.topic(topic))

    def _tail(self) -> dict[str, Any]:
        return self._feed.tail(self._followed)

    def _tend(self) -> None:
        """Ask for the run's state now and then: whoever asks sees to it that the run goes on."""
        get_status = getattr(self._run, "get_status", None)
        if get_status is None or time.monotonic() < self._tend_at:
            return
        self._tend_at = time.monotonic() + _TEND_SECONDS
        with suppress(Exception):
            get_status()

    def _finish(self) -> None:
        """Push everything a last time, and leave the final state in the notebook."""
        self._feed.read_all()
        self._push(set(TOPICS))
        if self._displays and not self._shown_as_ended and not self._is_closed:
            from IPython.display import update_display  # noqa: PLC0415 - there is none without a display

            bundle = self._bundle()
            for display_id in self._displays:
                update_display(bundle, display_id=display_id, raw=True)  # type: ignore[no-untyped-call]
        self._shown_as_ended = True

    def _asked(self, _widget: object, content: object, _buffers: object) -> None:
        if isinstance(content, dict) and "id" in content:
            reply, buffers = answer(self, self._feed, content)
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

    def cancel(self) -> None:
        """Ask for the run's end."""
        self._run.cancel()

    def _bundle(self) -> dict[str, Any]:
        bundle: dict[str, Any] = {
            "text/html": static_html.render(self._feed),
            "text/plain": text.render(self._feed),
        }
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
            self._displays.append(display_id)
