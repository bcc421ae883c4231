"""The line for node slots: first in, first out, across notebooks and processes.

A waiting run has no process. Whoever leaves the line, and every reader that finds it standing still, moves it
forward and starts the runners of those whose turn it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.events import read_state

from .records import TERMINAL, ComputeRecord, read_record

if TYPE_CHECKING:
    import sqlite3

    from .catalogue import Catalogue
    from .paths import RunPaths

LOCAL = "local"


class Queue:
    """The queue of a workspace's compute targets."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def enter(self, run_id: str, compute: str, nodes: int) -> None:
        """Take a place at the end of the line; a run that has one keeps it."""
        with self._catalogue.transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO queue (run_id, compute, nodes) VALUES (?, ?, ?)",
                (run_id, compute, nodes),
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
            return [(row["run_id"], bool(row["granted"])) for row in _rows(connection, compute)]

    def advance(self, compute: str) -> list[RunPaths]:
        """Give free slots to the head of the line; return the runs that hold slots now.

        Those that ended without leaving are taken out. The line stands still behind a run that does not fit yet.
        """
        holders = []
        with self._catalogue.transaction() as connection:
            free = self.slots(compute)
            for row in _rows(connection, compute):
                paths = self._catalogue.run_paths(row["run_id"])
                if not row["granted"] and row["nodes"] > free:
                    break
                if paths is None or read_state(str(paths.root))["status"] in TERMINAL:
                    connection.execute("DELETE FROM queue WHERE run_id = ?", (row["run_id"],))
                    continue
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
    query = "SELECT run_id, nodes, granted FROM queue WHERE compute = ? ORDER BY granted DESC, ticket"
    return connection.execute(query, (compute,)).fetchall()
