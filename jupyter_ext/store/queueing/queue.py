"""The line for node slots, across notebooks and processes; whose turn it is, :mod:`.scheduling` tells.

A waiting run has no process. Whoever leaves the line, and every reader that finds it standing still, moves it
forward and starts the runners of those whose turn it is.
"""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.events import read_state
from jupyter_ext.store.records import TERMINAL, ComputeRecord, read_record
from jupyter_ext.store.spelling import ordinal

from .gpu_leases import gpu_book, needed_here, waits_for
from .scheduling import Amount, Ask, Held, to_start

if TYPE_CHECKING:
    import sqlite3

    from jupyter_ext.store.catalogue import Catalogue
    from jupyter_ext.store.paths import RunPaths, WorkspacePaths

LOCAL = "local"
_ROWS = (
    "SELECT queue.*, runs.created FROM queue LEFT JOIN runs USING (run_id) "
    "WHERE compute = ? ORDER BY granted = 1 DESC, ticket"
)
# what a row's "granted" says
_BUILDING, _COMING, _WAITING, _GRANTED = -2, -1, 0, 1
_LATE_SECONDS = 60.0  # a run's limit counts from when its ranks start, and their end takes a while too
_COMING_SECONDS = 5.0  # a runner that takes longer to start has been killed


class Queue:
    """The queue of a workspace's compute targets."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @property
    def workspace(self) -> WorkspacePaths:
        """Where its workspace is."""
        return self._catalogue.paths

    def announce(self, run_id: str, compute: str, nodes: int, gpus: int = 0, seconds: float | None = None) -> None:
        """Reserve the next place for a run that was submitted just now: those that follow do not overtake it.

        Parameters
        ----------
        nodes, gpus
            What it needs to start; GPUs of this machine, over all nodes.
        seconds
            After which it has ended for certain; None: that is not known.
        """
        self._place(run_id, compute, nodes, gpus, seconds, _COMING)

    def give_way(self, run_id: str) -> None:
        """Let others go first while the run's environment is built; it keeps its place."""
        with self._catalogue.transaction() as connection:
            connection.execute("UPDATE queue SET granted = ? WHERE run_id = ? AND granted != 1", (_BUILDING, run_id))

    def enter(self, run_id: str, compute: str, nodes: int, gpus: int = 0, seconds: float | None = None) -> None:
        """Wait for slots from now on, at the end of the line; a run that has a place keeps it."""
        self._place(run_id, compute, nodes, gpus, seconds, _WAITING)

    def _place(self, run_id: str, compute: str, nodes: int, gpus: int, seconds: float | None, state: int) -> None:
        gpus = needed_here(self._catalogue.paths, compute, gpus) if gpus else 0
        with self._catalogue.transaction() as connection:
            connection.execute(
                "INSERT INTO queue (run_id, compute, nodes, gpus, seconds, granted) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (run_id) DO UPDATE SET granted = excluded.granted WHERE granted < excluded.granted",
                (run_id, compute, nodes, gpus, seconds, state),
            )

    def leave(self, run_id: str) -> None:
        """Give up the place, or the slots and the GPUs."""
        with self._catalogue.transaction() as connection:
            row = connection.execute("DELETE FROM queue WHERE run_id = ? RETURNING *", (run_id,)).fetchone()
            if row is not None and row["gpus"]:
                self._release(run_id)

    def _release(self, run_id: str) -> None:
        paths = self._catalogue.run_paths(run_id)
        if paths is not None:
            with gpu_book() as book:
                book.release(paths)

    def place(self, run_id: str, compute: str) -> int:
        """Return a run's place among those that wait for ``compute``, from 1; 0 when it has its slots, or has left."""
        for row in self._catalogue.read("SELECT ticket FROM queue WHERE run_id = ? AND granted != 1", (run_id,)):
            query = "SELECT COUNT(*) FROM queue WHERE compute = ? AND granted != 1 AND ticket <= ?"
            return int(self._catalogue.read(query, (compute, row["ticket"]))[0][0])
        return 0

    def standing(self, run_id: str, compute: str) -> str:
        """Say where in the line a run is, and what it waits for beside its turn; nothing when it does not wait."""
        place = self.place(run_id, compute)
        paths = self._catalogue.run_paths(run_id) if place else None
        if paths is None:
            return ""
        text = f"{ordinal(place)} in line for {compute}"
        there = self.slots(compute)
        for row in self._catalogue.read("SELECT nodes FROM queue WHERE run_id = ? AND nodes > ?", (run_id, there)):
            return f"{text}; needs {row['nodes']} nodes, and {compute} has {there}: scale it up, or cancel the run"
        gpus, whose = waits_for(paths)
        if gpus:
            text += f"; waits for {gpus} GPU{'' if gpus == 1 else 's'}"
        return text + (f" of {', '.join(whose)}" if whose else "")

    def line(self, compute: str) -> list[tuple[str, bool]]:
        """Return who is there, in order: run id, and whether it has its slots."""
        return [(row["run_id"], _holds(row)) for row in self._catalogue.read(_ROWS, (compute,))]

    def members(self) -> list[str]:
        """Return the runs that wait or go on, of every compute target."""
        return [row["run_id"] for row in self._catalogue.read("SELECT run_id FROM queue ORDER BY ticket")]

    def nodes_in_use(self, compute: str) -> list[str]:
        """Return for each node that is in use the run that has it."""
        rows = self._catalogue.read(_ROWS, (compute,))
        return [row["run_id"] for row in rows if _holds(row) for _ in range(row["nodes"])]

    def nodes_waited_for(self, compute: str) -> int:
        """Return how many nodes those that wait for them need in all."""
        rows = self._catalogue.read(_ROWS, (compute,))
        return sum(row["nodes"] for row in rows if row["granted"] == _WAITING)

    def too_wide(self, compute: str) -> dict[str, int]:
        """Return how many nodes each run in line needs that needs more than there are by now; it holds nobody up."""
        slots = self.slots(compute)
        rows = self._catalogue.read(_ROWS, (compute,))
        return {row["run_id"]: row["nodes"] for row in rows if row["nodes"] > slots and not _holds(row)}

    def is_full(self, compute: str) -> bool:
        """Tell whether those in the line, with slots or without, need more nodes than there are."""
        nodes: list[int] = [row["nodes"] for row in self._catalogue.read(_ROWS, (compute,))]
        return sum(nodes) > self.slots(compute)

    def is_held_up(self, run_id: str, compute: str) -> bool:
        """Tell whether a run that was submitted just before this one is expected in the line any moment."""
        rows = self._catalogue.read(_ROWS, (compute,))
        return any(_is_coming(row) for row in itertools.takewhile(lambda row: row["run_id"] != run_id, rows))

    def advance(self, compute: str) -> list[RunPaths]:
        """Give free slots, and GPUs with them, to those whose turn it is; return the runs that hold slots.

        Whose turn it is, :mod:`.scheduling` tells. Those that ended without leaving are taken out.
        """
        with self._catalogue.transaction() as connection:
            rows = connection.execute(_ROWS, (compute,)).fetchall()
            slots = self.slots(compute)
            gone = self._take_out_ended(connection, [row for row in rows if _holds(row) or row["nodes"] > slots])
            while True:
                rows = [row for row in rows if row["run_id"] not in gone]
                holding = [row for row in rows if _holds(row)]
                turn, head = self._turn(compute, holding, _line(rows, slots), slots)
                gone = self._take_out_ended(connection, [*turn, *head])
                if not gone:
                    break
            self._grant(connection, compute, turn, head)
            return [paths for row in (*holding, *turn) if (paths := self._catalogue.run_paths(row["run_id"]))]

    def _take_out_ended(self, connection: sqlite3.Connection, rows: list[sqlite3.Row]) -> set[str]:
        """Take those of the runs out of the line that have ended; return them."""
        ended = {row["run_id"] for row in rows if self._has_ended(row["run_id"])}
        connection.executemany("DELETE FROM queue WHERE run_id = ?", [(run_id,) for run_id in ended])
        return ended

    def _has_ended(self, run_id: str) -> bool:
        paths = self._catalogue.run_paths(run_id)
        return paths is None or read_state(str(paths.root))["status"] in TERMINAL

    def _turn(
        self, compute: str, holding: list[sqlite3.Row], line: list[sqlite3.Row], slots: int
    ) -> tuple[list[sqlite3.Row], list[sqlite3.Row]]:
        """Return those in line that start now, and the first that has to wait, if any has."""
        if not line:
            return [], []
        nodes = max(0, slots - sum(row["nodes"] for row in holding))
        asks = [Ask(row["run_id"], row["nodes"], row["gpus"], row["seconds"]) for row in line]
        free = Amount(nodes, self._free_gpus(compute, line))
        starting = {ask.run_id for ask in to_start(free, asks, [_held(row) for row in holding], time.time())}
        turn = [row for row in line if row["run_id"] in starting]
        return turn, [row for row in line if row["run_id"] not in starting][:1]

    def _free_gpus(self, compute: str, line: list[sqlite3.Row]) -> int:
        if not any(row["gpus"] for row in line):
            return 0  # nobody asks, so NVML is not
        with gpu_book() as book:
            paths = self._catalogue.run_paths(line[0]["run_id"])
            return book.free_for(paths, compute) if paths else 0

    def _grant(
        self, connection: sqlite3.Connection, compute: str, turn: list[sqlite3.Row], head: list[sqlite3.Row]
    ) -> None:
        for row in turn:
            query = "UPDATE queue SET granted = ?, since = ? WHERE run_id = ?"
            connection.execute(query, (_GRANTED, time.time(), row["run_id"]))
        if not any(row["gpus"] for row in (*turn, *head)):
            return
        with gpu_book() as book:
            for row in (*turn, *head):
                paths = self._catalogue.run_paths(row["run_id"])
                if paths is None or not row["gpus"]:
                    continue
                book.release(paths)
                if row in turn:
                    book.take(paths, row["gpus"])
                else:
                    book.wait(paths, compute, row["gpus"])

    def slots(self, compute: str) -> int:
        """Return how many nodes ``compute`` has; ``local`` is this machine, one node."""
        if compute == LOCAL:
            return 1
        record = read_record(self._catalogue.paths.compute(compute), ComputeRecord)
        return record.max_nodes if record else 0


def _holds(row: sqlite3.Row) -> bool:
    return bool(row["granted"] == _GRANTED)


def _line(rows: list[sqlite3.Row], slots: int) -> list[sqlite3.Row]:
    """Return those that wait for no more than there is, up to the first whose runner is expected any moment."""
    line = []
    for row in rows:
        if _is_coming(row):
            break
        if row["granted"] == _WAITING and row["nodes"] <= slots:
            line.append(row)
    return line


def _held(row: sqlite3.Row) -> Held:
    ends = None if row["seconds"] is None or row["since"] is None else row["since"] + row["seconds"] + _LATE_SECONDS
    return Held(row["nodes"], row["gpus"], ends)


def _is_coming(row: sqlite3.Row) -> bool:
    return row["granted"] == _COMING and time.time() - (row["created"] or 0) < _COMING_SECONDS
