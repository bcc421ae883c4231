"""What can be asked for without a WebSocket; ``openapi.yaml`` describes it."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.parse import quote

from jupyter_server.auth.decorator import authorized
from tornado.web import HTTPError, authenticated

from jupyter_ext.runtime.inside.jupyter_aml_run.events import STATUSES
from jupyter_ext.server import lists
from jupyter_ext.server.handler import Handler

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_RUNS = 200
_RUNS = 100
_PIECE = 1024 * 1024


def listing(function: Callable[..., object]) -> type[Handler]:
    """Make the route that answers with what a function finds under the names in the address."""

    class Listing(Handler):
        @authenticated
        @authorized
        async def get(self, *names: str) -> None:
            await self.answer(function, *names)

    Listing.__doc__ = Listing.get.__doc__ = function.__doc__
    return Listing


class InfoHandler(Handler):
    """Says that the extension is there."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Give the version."""
        await self.tell({"version": version("jupyter-aml")})


class RunsHandler(Handler):
    """The runs of a workspace, a page at a time."""

    @authenticated
    @authorized
    async def get(self, workspace: str) -> None:
        """List the runs that fit."""
        statuses = self.get_query_arguments("status")
        unknown = [status for status in statuses if status not in STATUSES]
        if unknown:
            raise HTTPError(400, "%s", f"There is no state {unknown[0]!r}: choose from {', '.join(STATUSES)}.")
        await self.answer(
            lists.runs,
            workspace,
            self.get_query_argument("experiment", None),
            statuses,
            self.get_query_argument("text", ""),
            self._after(),
            self._limit(),
        )

    def _limit(self) -> int:
        limit = self.get_query_argument("limit", str(_RUNS))
        if not limit.isdecimal() or not 1 <= int(limit) <= MOST_RUNS:
            raise HTTPError(400, "%s", f"limit is {limit!r}: give a number from 1 to {MOST_RUNS}.")
        return int(limit)

    def _after(self) -> tuple[float, str] | None:
        after = self.get_query_argument("after", None)
        if after is None:
            return None
        created, _, run_id = after.partition(",")
        try:
            return float(created), run_id
        except ValueError as error:
            raise HTTPError(400, "%s", f"after is {after!r}: give what the page before calls next.") from error


class CancelHandler(Handler):
    """A run's end."""

    @authenticated
    @authorized
    async def post(self, workspace: str, run_id: str) -> None:
        """Ask for it."""
        await self.answer(lists.cancel, workspace, run_id)


class FileHandler(Handler):
    """A file that a run produced."""

    @authenticated
    @authorized
    async def get(self, workspace: str, run_id: str, name: str) -> None:
        """Give it as a download: a page that a script wrote must not run as one of Jupyter's."""
        about, data = await self.work(lists.part_of_file, workspace, run_id, name, 0, _PIECE)
        size, sent = about["size"], 0
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("Content-Length", str(size))
        self.set_header("Content-Disposition", f"attachment; filename*=utf-8''{quote(name.rsplit('/', 1)[-1])}")
        self.set_header("X-Content-Type-Options", "nosniff")
        while data:
            self.write(data[: size - sent])
            await self.flush()
            sent += len(data)
            if sent >= size:
                break
            _, data = await self.work(lists.part_of_file, workspace, run_id, name, sent, _PIECE)
