"""What a view may ask for, and the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_ext.store.feed import RunFeed
    from jupyter_ext.store.series import Axis

Answer = tuple[dict[str, Any], list[bytes]]


class Shown(Protocol):
    """The monitor that was asked."""

    def follow(self, file: str | None) -> None:
        """Let the tail be that of one log."""

    def cancel(self) -> None:
        """Ask for the run's end."""


def answer(monitor: Shown, feed: RunFeed, message: dict[str, Any]) -> Answer:
    """Answer one custom message, ``{"id", "op", "params"}``.

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
        told, buffers = handle(monitor, feed, params if isinstance(params, dict) else {})
    except AzureMLException as error:
        return {"id": number, "error": error.message}, []
    except Exception as error:  # noqa: BLE001 - a view shows it; in the kernel's log nobody would
        return {"id": number, "error": f"{type(error).__name__}: {error}"}, []
    return {"id": number, "ok": told}, buffers


def _lines(_: Shown, feed: RunFeed, params: dict[str, Any]) -> Answer:
    return feed.lines(str(params["file"]), int(params["first"]), int(params["count"])), []


def _search(_: Shown, feed: RunFeed, params: dict[str, Any]) -> Answer:
    return feed.search(str(params["file"]), str(params["query"]), bool(params.get("case"))), []


def _series(_: Shown, feed: RunFeed, params: dict[str, Any]) -> Answer:
    axis: Axis = "time" if params.get("axis") == "time" else "step"
    low, high = (None if params.get(key) is None else float(params[key]) for key in ("from", "to"))
    pixels = int(params.get("pixels", 1000))
    return feed.series(str(params["name"]), axis, low, high, pixels), []


def _file(_: Shown, feed: RunFeed, params: dict[str, Any]) -> Answer:
    offset, limit = int(params.get("offset", 0)), int(params.get("limit", 2**22))
    about, data = feed.read_file(str(params["name"]), offset, limit)
    return about, [data]


def _follow(monitor: Shown, _: RunFeed, params: dict[str, Any]) -> Answer:
    monitor.follow(str(params.get("file") or "") or None)
    return {}, []


def _cancel(monitor: Shown, _: RunFeed, _params: dict[str, Any]) -> Answer:
    monitor.cancel()
    return {}, []


_HANDLERS: dict[str, Callable[[Shown, RunFeed, dict[str, Any]], Answer]] = {
    "lines": _lines,
    "search": _search,
    "series": _series,
    "file": _file,
    "follow": _follow,
    "cancel": _cancel,
}
