"""What happened to a run, told from ``events.jsonl``: its state, and how long each phase took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.events import apply_event, initial_state
from jupyter_ext.store.live.growth import Growth, decode_lines
from jupyter_ext.store.records import TERMINAL, BuiltRecord, RunSpec, read_record
from jupyter_ext.store.spelling import size_text

if TYPE_CHECKING:
    from jupyter_ext.store.paths import RunPaths

PHASES = ("Snapshot", "Prepare", "Queue", "Run", "Finish")

_PHASE_OF = {
    "Starting": "Prepare",
    "Provisioning": "Prepare",
    "Preparing": "Prepare",
    "Queued": "Queue",
    "Running": "Run",
    "Finalizing": "Finish",
}
_SHOWN_NOTES = 3
_DECODER = msgspec.json.Decoder(dict[str, Any])
_ENDED_AS = {"Completed": "done", "Failed": "failed", "Canceled": "canceled"}


class Story:
    """Follows one run: what was asked, and what has happened since.

    Parameters
    ----------
    paths
        The run's paths.

    Attributes
    ----------
    spec
        What was asked; None until it can be read.
    state
        What the events add up to, as the runtime's ``initial_state`` tells.
    is_deleted
        Its events are there no more; what they added up to is kept.
    """

    def __init__(self, paths: RunPaths) -> None:
        self.paths = paths
        self.spec: RunSpec | None = None
        self.is_deleted = False
        self._begin()

    def _begin(self) -> None:
        self._growth = Growth(self.paths.events)
        self._forget()

    def _forget(self) -> None:
        self.state = initial_state(msgspec.to_builtins(self.spec) if self.spec else None)
        self._states: list[tuple[str, float]] = []
        self._notes: list[tuple[str, float]] = []

    @property
    def status(self) -> str:
        """The run's state."""
        return str(self.state["status"])

    @property
    def built(self) -> BuiltRecord | None:
        """What its environment was built to; None until it is there."""
        return read_record(self.paths.built, BuiltRecord)

    @property
    def log(self) -> str | None:
        """The log that shows why the run is in its state."""
        log = self.state["log"]
        return log if isinstance(log, str) else None

    @property
    def has_ended(self) -> bool:
        """Whether the run has come to its end."""
        return self.status in TERMINAL

    def refresh(self) -> bool:
        """Read what was added; return whether anything changed."""
        changed = False
        if self.spec is None:
            self.spec = _spec(self.paths)
            if self.spec:
                changed = True
                self._begin()
        for piece in self._growth.pieces():
            changed = True
            if not piece and not self.paths.events.exists():
                self.is_deleted = True
                break
            if not piece or self.is_deleted:
                self._forget()
                self.is_deleted = False
            for event in decode_lines(_DECODER, piece)[0]:
                self._add(event)
        return changed

    def _add(self, event: dict[str, Any]) -> None:
        t = event.get("t")
        if not isinstance(t, (int, float)):
            return
        ended = self.has_ended
        apply_event(self.state, event)
        if "status" in event and not ended:
            self._states.append((self.status, t))
        if isinstance(event.get("note"), str):
            self._notes.append((event["note"], t))

    def phases(self) -> list[dict[str, Any]]:
        """Give every phase with its beginning, its end and what happened in it."""
        phases = [{"name": name, "start": None, "end": None, "note": None, "state": "pending"} for name in PHASES]
        if self.spec is None:
            return phases
        self._take_snapshot(phases, self.spec)
        for status, t in self._states:
            if status in _PHASE_OF:
                _move(phases, PHASES.index(_PHASE_OF[status]), t)
            elif status in TERMINAL:
                _end(phases, status, t)
        self._annotate(phases)
        return phases

    def _take_snapshot(self, phases: list[dict[str, Any]], spec: RunSpec) -> None:
        first = self._states[0][1] if self._states else None
        phases[0] |= {"start": spec.created, "state": "active", "note": _snapshot_note(spec)}
        taken = None if spec.snapshot_seconds is None else spec.created + spec.snapshot_seconds
        known = [t for t in (taken, first) if t is not None]
        if known:
            _move(phases, 1, max(spec.created, min(known)))

    def _annotate(self, phases: list[dict[str, Any]]) -> None:
        for phase in phases[1:]:
            start, end = phase["start"], phase["end"]
            if start is None:
                continue
            notes = [note for note, t in self._notes if start <= t and (end is None or t < end)]
            distinct = list(dict.fromkeys(notes))
            if distinct:
                phase["note"] = "; ".join(distinct[-_SHOWN_NOTES:])


def _spec(paths: RunPaths) -> RunSpec | None:
    try:
        return read_record(paths.run_json, RunSpec)
    except (OSError, msgspec.DecodeError):
        return None


def _move(phases: list[dict[str, Any]], target: int, t: float) -> None:
    """Make a phase the active one: those before it are done, those after it are still to come."""
    for phase in phases[:target]:
        phase["start"] = t if phase["start"] is None else phase["start"]
        phase["end"] = t if phase["end"] is None else phase["end"]
        phase["state"] = "done"
    phase = phases[target]
    phase["start"] = t if phase["start"] is None else phase["start"]
    phase |= {"end": None, "state": "active"}
    for phase in phases[target + 1 :]:
        phase |= {"start": None, "end": None, "state": "pending"}


def _end(phases: list[dict[str, Any]], status: str, t: float) -> None:
    """End the active phase; what went wrong before the last one shows where it did."""
    if status == "Completed":
        _move(phases, len(phases) - 1, t)
    active = next((phase for phase in phases if phase["state"] == "active"), phases[0])
    active |= {"end": t, "state": "done"}
    wrong = phases[-2] if active is phases[-1] and status != "Completed" else active
    wrong["state"] = _ENDED_AS[status]


def _snapshot_note(spec: RunSpec) -> str | None:
    if spec.snapshot_files is None:
        return None
    files = "1 file" if spec.snapshot_files == 1 else f"{spec.snapshot_files} files"
    return files if spec.snapshot_bytes is None else f"{files}, {size_text(spec.snapshot_bytes)}"
