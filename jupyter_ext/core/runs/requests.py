"""What a view may ask for, and the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException

from . import asked as run_requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_ext.store.live.series import Axis

    from .run import Run
    from .watch import RunWatch

Params = dict[str, Any]
Answer = tuple[dict[str, Any], list[bytes]]


class Shown(Protocol):
    """The monitor that was asked: a widget in a kernel, a connection to a server."""

    def follow(self, file: str | None) -> None:
        """Let the tail be that of one log."""


def answer(monitor: Shown, watch: RunWatch, message: dict[str, Any]) -> Answer:
    """Answer one custom message, ``{"id", "op", "params"}``.

    Parameters
    ----------
    monitor
        Who was asked.
    watch
        The run that it shows.
    message
        What is asked, as ``source.ts`` has it.

    Returns
    -------
    tuple of dict and list of bytes
        ``{"id", "ok"}`` with the buffers that belong to it, or ``{"id", "error"}``. Nothing is raised: the
        error is for whoever asked.
    """
    number = message.get("id")
    handle = _HANDLERS.get(str(message.get("op")))
    params = message.get("params")
    if handle is None:
        return {"id": number, "error": f"Unknown request {message.get('op')!r}."}, []
    try:
        told, buffers = handle(monitor, watch, params if isinstance(params, dict) else {})
    except AzureMLException as error:
        return {"id": number, "error": error.message}, []
    except Exception as error:  # noqa: BLE001 - a view shows it; in the kernel's log nobody would
        return {"id": number, "error": f"{type(error).__name__}: {error}"}, []
    return {"id": number, "ok": told}, buffers


def _lines(_: Shown, watch: RunWatch, params: Params) -> Answer:
    return watch.feed.lines(str(params["file"]), int(params["first"]), int(params["count"])), []


def _line_at(_: Shown, watch: RunWatch, params: Params) -> Answer:
    return watch.feed.line_at(str(params["file"]), float(params["time"])), []


def _search(_: Shown, watch: RunWatch, params: Params) -> Answer:
    return watch.feed.search(str(params["file"]), str(params["query"]), bool(params.get("case"))), []


def _series(_: Shown, watch: RunWatch, params: Params) -> Answer:
    axis: Axis = "time" if params.get("axis") == "time" else "step"
    low, high = (None if params.get(key) is None else float(params[key]) for key in ("from", "to"))
    pixels = int(params.get("pixels", 1000))
    return watch.feed.series(str(params["name"]), axis, low, high, pixels), []


def _file(_: Shown, watch: RunWatch, params: Params) -> Answer:
    about, data = watch.feed.read_file(str(params["name"]), *_part(params))
    return about, [data]


def _snapshot_file(_: Shown, watch: RunWatch, params: Params) -> Answer:
    about, data = run_requests.snapshot_file(watch.run, str(params["name"]), *_part(params))
    return about, [data]


def _part(params: Params) -> tuple[int, int]:
    return int(params.get("offset", 0)), int(params.get("limit", 2**22))


def _follow(monitor: Shown, _: RunWatch, params: Params) -> Answer:
    monitor.follow(str(params.get("file") or "") or None)
    return {}, []


def _cancel(_: Shown, watch: RunWatch, _params: Params) -> Answer:
    watch.run.cancel()
    return {}, []


def _tags(_: Shown, watch: RunWatch, params: Params) -> Answer:
    run_requests.change_tags(watch.run, params.get("set") or {}, params.get("remove") or [])
    watch.start()  # it may have ended, and nobody looks at it any more
    return {}, []


def _of_run(give: Callable[[Run, Params], dict[str, Any]]) -> Callable[[Shown, RunWatch, Params], Answer]:
    """Make a handler of what needs nothing but the run."""
    return lambda _, watch, params: (give(watch.run, params), [])


_HANDLERS: dict[str, Callable[[Shown, RunWatch, Params], Answer]] = {
    "lines": _lines,
    "line_at": _line_at,
    "search": _search,
    "series": _series,
    "file": _file,
    "follow": _follow,
    "cancel": _cancel,
    "tags": _tags,
    "snapshot_file": _snapshot_file,
    "snapshot": _of_run(lambda run, _: run_requests.snapshot(run)),
    "rerun": _of_run(lambda run, _: run_requests.rerun(run)),
    "reproduce": _of_run(lambda run, _: run_requests.reproduce(run)),
    "previous": _of_run(lambda run, _: run_requests.previous(run)),
    "runs": _of_run(lambda run, params: run_requests.runs(run, str(params.get("query") or ""))),
    "compare": _of_run(lambda run, params: run_requests.compare(run, str(params["run"]))),
    "register": _of_run(lambda run, params: run_requests.register(run, str(params["name"]), str(params["path"]))),
}
