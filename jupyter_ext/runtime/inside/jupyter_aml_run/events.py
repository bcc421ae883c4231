"""A run's events: what changes after it was asked for, and what they add up to."""

import os
import time

from .records import append_record, read_records

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any, Iterable

STATUSES = (
    "NotStarted",
    "Starting",
    "Provisioning",
    "Preparing",
    "Queued",
    "Running",
    "Finalizing",
    "Completed",
    "Failed",
    "CancelRequested",
    "Canceled",
    "NotResponding",
)
TERMINAL = frozenset(("Completed", "Failed", "Canceled"))

_FILE = "events.jsonl"


def append_event(run_dir: str, **fields: "Any") -> None:
    """Append one event to a run, with the time.

    Parameters
    ----------
    run_dir
        The run directory.
    **fields
        ``status`` with ``reason``, ``exit_code`` and ``log``; ``note``; ``tags``; ``removed_tags``;
        ``properties``; ``params``; ``snapshot``, the id of one that takes the place of the one that it began with;
        ``display_name``; ``description``; ``deleted``; ``gpus_idle``.
    """
    record = {"t": round(time.time(), 3)}
    record.update(fields)
    append_record(os.path.join(run_dir, _FILE), record)


def read_state(run_dir: str, asked: "dict[str, Any] | None" = None) -> "dict[str, Any]":
    """Read a run's events and reduce them.

    Parameters
    ----------
    run_dir
        The run directory.
    asked
        Its run.json, for the tags and properties that it was made with.
    """
    return reduce_events(read_records(os.path.join(run_dir, _FILE)), asked)


def initial_state(asked: "dict[str, Any] | None" = None) -> "dict[str, Any]":
    """Make the state of a run that has no events.

    Parameters
    ----------
    asked
        Its run.json.

    Returns
    -------
    dict
        ``status``; ``reason``, ``exit_code`` and ``log`` of that status; ``note``, the last one within it;
        ``times``, when each status was first seen; ``started`` and ``ended``; ``tags``, ``properties``,
        ``params``, ``display_name``, ``description``, whether it was ``deleted``, and ``gpus_idle``, since when its
        GPUs have done nothing, where that is long. Times are in unix seconds.
    """
    asked = asked or {}
    return {
        "status": "NotStarted",
        "reason": None,
        "exit_code": None,
        "log": None,
        "note": None,
        "times": {},
        "started": None,
        "ended": None,
        "tags": dict(asked.get("tags") or {}),
        "properties": dict(asked.get("properties") or {}),
        "params": {},
        "deleted": False,
        "gpus_idle": None,
        "display_name": asked.get("display_name"),
        "description": asked.get("description"),
    }


def reduce_events(records: "Iterable[dict[str, Any]]", asked: "dict[str, Any] | None" = None) -> "dict[str, Any]":
    """Add up a run's events, oldest first; what is returned is told at `initial_state`.

    Parameters
    ----------
    records
        The decoded lines of events.jsonl.
    asked
        The run's run.json.
    """
    state = initial_state(asked)
    for record in records:
        apply_event(state, record)
    return state


def apply_event(state: "dict[str, Any]", event: "dict[str, Any]") -> None:
    """Bring a state up to date with one more event.

    The first terminal status is final, and ``CancelRequested`` gives way to a terminal one only.

    Parameters
    ----------
    state
        What `initial_state` has made; it is changed.
    event
        One decoded line.
    """
    if "status" in event:
        _apply_status(state, event)
    if "note" in event:
        state["note"] = event["note"]
    state["tags"].update(event.get("tags") or {})
    for key in event.get("removed_tags") or ():
        state["tags"].pop(key, None)
    for immutable in ("properties", "params"):
        for key, value in (event.get(immutable) or {}).items():
            state[immutable].setdefault(key, value)  # the first value stays
    if "snapshot" in event:
        state["properties"]["ContentSnapshotId"] = event["snapshot"]
    for key in ("display_name", "description", "deleted", "gpus_idle"):
        if key in event:
            state[key] = event[key]


def _apply_status(state: "dict[str, Any]", event: "dict[str, Any]") -> None:
    status, before = event["status"], state["status"]
    if before in TERMINAL or (before == "CancelRequested" and status not in TERMINAL):
        return
    when = event.get("t")
    if status != before:
        state["note"] = None
    state["status"] = status
    state["times"].setdefault(status, when)
    for key in ("reason", "exit_code", "log"):
        state[key] = event.get(key)
    if status == "Running" and state["started"] is None:
        state["started"] = when
    if status in TERMINAL:
        state["ended"] = when
