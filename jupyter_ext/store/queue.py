"""The line for node slots: first in, first out, across notebooks and processes.

A waiting run has no process. Whoever leaves the line, and every reader that finds it standing still, moves it
forward and starts the runners of those whose turn it is.
"""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.events import read_state

from .records import TERMINAL, ComputeRecord, read_record

if TYPE_CHECKING:
    import sqlite3

    from .catalogue import Catalogue
    from .paths import RunPaths

LOCAL = "local"
# what a row's "granted" says
_BUILDING, _COMING, _WAITING, _GRANTED = -2, -1, 0, 1
_COMING_SECONDS = 5.0  # a runner that takes longer to start has been killed


class Queue:
    """The queue of a workspace's compute targets."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def announce(self, run_id: str, compute: str, nodes: int) -> None:
        """Reserve the next place for a run that was submitted just now: those that follow do not overtake it."""
        self._place(run_id, compute, nodes, _COMING)

    def give_way(self, run_id: str) -> None:
        """Let others go first while the run's environment is built; it keeps its place."""
        with self._catalogue.transaction() as connection:
            connection.execute("UPDATE queue SET granted = ? WHERE run_id = ? AND granted != 1", (_BUILDING, run_id))

    def enter(self, run_id: str, compute: str, nodes: int) -> None:
        """Wait for slots from now on, at the end of the line; a run that has a place keeps it."""
        self._place(run_id, compute, nodes, _WAITING)

    def _place(self, run_id: str, compute: str, nodes: int, state: int) -> None:
        with self._catalogue.transaction() as connection:
            connection.execute(
                "INSERT INTO queue (run_id, compute, nodes, granted) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (run_id) DO UPDATE SET granted = excluded.granted WHERE granted < excluded.granted",
                (run_id, compute, nodes, state),
            )

    def leave(self, run_id: str) -> None:
        """Give up the place, or the slots."""
        with self._catalogue.transaction() as connection:
            connection.execute("DELETE FROM queue WHERE run_id = ?", (run_id,))

    def place(self, run_id: str, compute: str) -> int:
        """Return a run's place among those that wait for ``compute``, from 1; 0 when it has its slots."""
        waiting = [waiting_id for waiting_id, granted in self.line(compute) if not granted]
        return waiting.index(run_id) + 1 if run_id in waiting else 0

    def line(self, compute: str) -> list[tuple[str, bool]]:
        """Return who is there, in order: run id, and whether it has its slots."""
        with self._catalogue.transaction() as connection:
            return [(row["run_id"], row["granted"] == _GRANTED) for row in _rows(connection, compute)]

    def members(self) -> list[str]:
        """Return the runs that wait or go on, of every compute target."""
        with self._catalogue.transaction() as connection:
            return [row["run_id"] for row in connection.execute("SELECT run_id FROM queue ORDER BY ticket")]

    def nodes_in_use(self, compute: str) -> list[str]:
        """Return for each node that is in use the run that has it."""
        with self._catalogue.transaction() as connection:
            rows = _rows(connection, compute)
            return [row["run_id"] for row in rows if row["granted"] == _GRANTED for _ in range(row["nodes"])]

    def is_held_up(self, run_id: str, compute: str) -> bool:
        """Tell whether a run that was submitted just before this one is expected in the line any moment."""
        with self._catalogue.transaction() as connection:
            ahead = itertools.takewhile(lambda row: row["run_id"] != run_id, _rows(connection, compute))
            return any(_is_coming(row) for row in ahead)

    def advance(self, compute: str) -> list[RunPaths]:
        """Give free slots to the head of the line; return the runs that hold slots now.

        Those that ended without leaving are taken out. The line stands still behind a run that does not fit yet.
        """
        holders = []
        with self._catalogue.transaction() as connection:
            free = self.slots(compute)
            for row in _rows(connection, compute):
                paths = self._catalogue.run_paths(row["run_id"])
                if paths is None or read_state(str(paths.root))["status"] in TERMINAL:
                    connection.execute("DELETE FROM queue WHERE run_id = ?", (row["run_id"],))
                    continue
                if row["granted"] < _WAITING and not _is_coming(row):
                    continue
                if row["granted"] != _GRANTED and (row["nodes"] > free or _is_coming(row)):
                    break
                free -= row["nodes"]
                holders.append(paths)
                connection.execute("UPDATE queue SET granted = 1 WHERE run_id = ?", (row["run_id"],))
        return holders

    def slots(self, compute: str) -> int:
        """Return how many nodes ``compute`` has; ``local`` is this machine, one node."""
        if compute == LOCAL:
            return 1
        record = read_record(self._catalogue.paths.computes / f"{compute}.json", ComputeRecord)
        return record.max_nodes if record else 0


def _rows(connection: sqlite3.Connection, compute: str) -> list[sqlite3.Row]:
    query = (
        "SELECT run_id, queue.nodes, granted, runs.created FROM queue LEFT JOIN runs USING (run_id) "
        "WHERE compute = ? ORDER BY granted = 1 DESC, ticket"
    )
    return connection.execute(query, (compute,)).fetchall()


def _is_coming(row: sqlite3.Row) -> bool:
    return row["granted"] == _COMING and time.time() - (row["created"] or 0) < _COMING_SECONDS
