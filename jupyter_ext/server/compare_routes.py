"""The routes that compare runs; ``openapi.yaml`` describes them."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import HTTPError, authenticated

from jupyter_ext.server import comparing
from jupyter_ext.server.handler import Handler

_FEWEST = 2
_MOST_PIXELS = 10_000


class CompareHandler(Handler):
    """Runs beside each other."""

    @authenticated
    @authorized
    async def get(self, workspace: str) -> None:
        """Tell what differs between them."""
        await self.answer(comparing.facts, workspace, runs_of(self, comparing.MOST_RUNS))


class CodeHandler(Handler):
    """The code of two runs."""

    @authenticated
    @authorized
    async def get(self, workspace: str) -> None:
        """Tell how it differs."""
        await self.answer(comparing.code, workspace, runs_of(self, _FEWEST))


class SeriesHandler(Handler):
    """A metric of several runs."""

    @authenticated
    @authorized
    async def get(self, workspace: str) -> None:
        """Give it as it is drawn."""
        axis, pixels = self.get_query_argument("axis", "step"), self.get_query_argument("pixels", "600")
        if axis not in {"step", "time"}:
            raise HTTPError(400, "%s", f"axis is {axis!r}: choose step or time.")
        if not pixels.isdecimal() or not 1 <= int(pixels) <= _MOST_PIXELS:
            raise HTTPError(400, "%s", f"pixels is {pixels!r}: give a number from 1 to {_MOST_PIXELS}.")
        name, run_ids = self.get_query_argument("name", strip=False), runs_of(self, comparing.MOST_RUNS)
        await self.answer(comparing.series, workspace, run_ids, name, axis, int(pixels))


def runs_of(handler: Handler, most: int) -> list[str]:
    """Return the ids of the runs that are to be compared."""
    run_ids = list(dict.fromkeys(handler.get_query_arguments("run")))
    if not _FEWEST <= len(run_ids) <= most:
        count = f"{_FEWEST}" if most == _FEWEST else f"{_FEWEST} to {most}"
        raise HTTPError(400, "%s", f"{len(run_ids)} runs are named: name {count}.")
    return run_ids
