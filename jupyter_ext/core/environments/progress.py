"""How far the build of an environment is, and how the last one ended, told by what it leaves in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from jupyter_ext.build.places import Place
from jupyter_ext.build.records import Message
from jupyter_ext.core.runs.glance import tail_of
from jupyter_ext.store.live.growth import decode_lines
from jupyter_ext.store.locks import is_locked

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_ext.build.records import Progress
    from jupyter_ext.core.workspaces.workspace import Workspace

_TAIL = 256 * 1024
_MESSAGES = msgspec.json.Decoder(Message)


@dataclass(frozen=True)
class BuildProgress:
    """How far a build is.

    Attributes
    ----------
    percent
        Of its steps, or of what it downloads; None where it tells neither.
    step, steps, text
        The step, of how many, and what it does.
    seconds
        Since it began.
    """

    percent: int | None
    step: int
    steps: int
    text: str
    seconds: float


def is_building(workspace: Workspace, key: str) -> bool:
    """Tell whether what has a content hash is being built right now."""
    return is_locked(Place(workspace._paths.environments, key).lock)


def build_progress(workspace: Workspace, key: str) -> BuildProgress:
    """Tell how far the build that goes on is."""
    told = [one.progress for one in _messages(workspace, key) if one.progress is not None]
    if not told:
        return BuildProgress(None, 0, 0, "", 0.0)
    steps = [one for one in told if one.steps]
    step = steps[-1] if steps else told[-1]
    text = next((one.text for one in reversed(told) if one.text), "")
    return BuildProgress(_percent(step, told[-1]), step.step, step.steps, text, round(told[-1].seconds, 1))


def build_error(workspace: Workspace, key: str) -> str | None:
    """Tell why the last build has failed; None where it has not."""
    messages = _messages(workspace, key)
    error = messages[-1].error if messages else None
    return error.message if error is not None else None


def build_log(workspace: Workspace, key: str) -> Path:
    """Return where the latest build's output is."""
    return Place(workspace._paths.environments, key).log


def _messages(workspace: Workspace, key: str) -> list[Message]:
    """Return what the latest build has told lately."""
    data = tail_of(Place(workspace._paths.environments, key).events, _TAIL)
    whole = data[data.find(b"\n") + 1 :] if len(data) == _TAIL else data
    return decode_lines(_MESSAGES, whole[: whole.rfind(b"\n") + 1])[0]


def _percent(step: Progress, last: Progress) -> int | None:
    within = min(1.0, last.done / last.total) if last.total else 0.0
    if step.steps:
        return min(99, round(100 * (max(0, step.step - 1) + within) / step.steps))
    return min(99, round(100 * within)) if last.total else None
