"""The routes of runs; ``openapi.yaml`` describes them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from jupyter_server.auth.decorator import authorized
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, authenticated

from jupyter_ext.runtime.inside.jupyter_aml_run.events import STATUSES
from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean
from jupyter_ext.server import runs
from jupyter_ext.server.handler import Handler
from jupyter_ext.server.zips import plain, zipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_ext.server.zips import Member

MOST_RUNS = 1000
_RUNS = 100
_PIECE = 1024 * 1024


class RunsHandler(Handler):
    """The runs of a workspace, a page at a time."""

    @authenticated
    @authorized
    async def get(self, workspace: str) -> None:
        """List the runs that fit."""
        statuses = self.get_query_arguments("status")
        unknown = [status for status in statuses if status not in STATUSES]
        if unknown:
            known, near = ", ".join(STATUSES), did_you_mean(unknown[0], STATUSES)
            raise HTTPError(400, "%s", f"There is no state {unknown[0]!r}: choose from {known}.{near}")
        await self.answer(
            runs.page,
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


class RunHandler(Handler):
    """One run."""

    @authenticated
    @authorized
    async def get(self, workspace: str, run_id: str) -> None:
        """Tell about it."""
        await self.answer(runs.run, workspace, run_id)

    @authenticated
    @authorized
    async def patch(self, workspace: str, run_id: str) -> None:
        """Change its display name or its tags."""
        await self.answer(runs.change, workspace, run_id, self.body(runs.Change))

    @authenticated
    @authorized
    async def delete(self, workspace: str, run_id: str) -> None:
        """Delete it."""
        await self.answer(runs.delete, workspace, run_id)


class FileHandler(Handler):
    """A file that a run produced."""

    @authenticated
    @authorized
    async def get(self, workspace: str, run_id: str, name: str) -> None:
        """Give it as a download: a page that a script wrote must not run as one of Jupyter's."""
        about, data = await self.work(runs.part_of_file, workspace, run_id, name, 0, _PIECE)
        size, sent = about["size"], 0
        as_download(self, name.rsplit("/", 1)[-1])
        self.set_header("Content-Length", str(size))
        while data:
            self.write(data[: size - sent])
            await self.flush()
            sent += len(data)
            if sent >= size:
                break
            _, data = await self.work(runs.part_of_file, workspace, run_id, name, sent, _PIECE)


class DownloadHandler(Handler):
    """Files that a run produced, in a zip."""

    @authenticated
    @authorized
    async def get(self, workspace: str, run_id: str) -> None:
        """Send them as they are read."""
        names = self.get_query_arguments("name")
        await send_zip(self, f"{run_id}.zip", await self.work(runs.outputs_of, workspace, run_id, names))


class SnapshotDownloadHandler(Handler):
    """The files that a run was sent, in a zip."""

    @authenticated
    @authorized
    async def get(self, workspace: str, run_id: str) -> None:
        """Send them as they are read."""
        await send_zip(self, f"{run_id}-snapshot.zip", await self.work(runs.snapshot_of, workspace, run_id))


def as_download(handler: Handler, name: str) -> None:
    """Let what is sent be kept as a file, and never shown as a page."""
    handler.set_header("Content-Type", "application/octet-stream")
    handler.set_header("Content-Disposition", f"attachment; filename*=utf-8''{quote(name)}")
    handler.set_header("X-Content-Type-Options", "nosniff")


async def send_file(handler: Handler, member: Member) -> None:
    """Send one file as it is, read as it is sent; a client that goes away ends it."""
    as_download(handler, member.name.rsplit("/", 1)[-1])
    pieces = plain(member)
    try:
        while (piece := await handler.work(_next, pieces)) is not None:
            handler.write(piece)
            await handler.flush()
    except StreamClosedError:
        pieces.close()


async def send_zip(handler: Handler, name: str, members: list[Member]) -> None:
    """Send files in a zip, read as they are sent; a client that goes away ends it."""
    as_download(handler, name)
    pieces = zipped(members)
    try:
        while (piece := await handler.work(_next, pieces)) is not None:
            if piece:
                handler.write(piece)
                await handler.flush()
    except StreamClosedError:
        pieces.close()


def _next(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)
