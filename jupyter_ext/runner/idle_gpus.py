"""Tells when a run has GPUs and does not use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.events import append_event, read_state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_ext.store.paths import RunPaths

IDLE_SECONDS = 600.0
_IN_USE_PERCENT = 1


class IdleGpus:
    """Marks a run whose GPUs have all done nothing for ten minutes, and takes the mark back when one works again."""

    def __init__(self, paths: RunPaths) -> None:
        self._run_dir = str(paths.root)
        self._since: float | None = read_state(self._run_dir)["gpus_idle"]
        self._marked = self._since is not None

    def look(self, t: float, used: Sequence[float | None]) -> None:
        """Take the use of each GPU at a time into account, in percent; None where a card does not tell it."""
        known = [percent for percent in used if percent is not None]
        if not known:
            return
        if max(known) >= _IN_USE_PERCENT:
            self._since = None
        elif self._since is None:
            self._since = t
        is_long = self._since is not None and t - self._since >= IDLE_SECONDS
        if is_long and not self._marked:
            self._mark(self._since, f"its GPUs have done nothing for {IDLE_SECONDS / 60:g} min")
        elif self._marked and self._since is None:
            self._mark(None, "its GPUs are at work again")

    def _mark(self, since: float | None, note: str) -> None:
        append_event(self._run_dir, gpus_idle=since, note=note)
        self._marked = since is not None
