"""The catalogue: an index over the run directories, the queue for node slots, and where objects lie.

The run directories are the truth. A catalogue that is missing is made again from them.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.events import read_state
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import WorkspaceException
from jupyter_ext.store.queueing.gpu_leases import needed_here

from .paths import RunPaths, WorkspacePaths
from .records import RunSpec, encode, read_record, write_once

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

_SCHEMA = """
CREATE TABLE runs (
    run_id TEXT PRIMARY KEY, experiment TEXT NOT NULL, number INTEGER NOT NULL, type TEXT NOT NULL, parent TEXT,
    created REAL NOT NULL, target TEXT NOT NULL, status TEXT NOT NULL, path TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX runs_by_experiment ON runs (experiment, created);
CREATE INDEX runs_by_time ON runs (created);
CREATE INDEX runs_by_parent ON runs (parent, created) WHERE parent IS NOT NULL;
CREATE TABLE queue (
    ticket INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL UNIQUE, compute TEXT NOT NULL,
    nodes INTEGER NOT NULL, granted INTEGER NOT NULL DEFAULT 0,
    gpus INTEGER NOT NULL DEFAULT 0, seconds REAL, since REAL);
CREATE TABLE objects (digest BLOB PRIMARY KEY, pack TEXT NOT NULL, offset INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE words (run_id TEXT PRIMARY KEY, mark TEXT NOT NULL, words TEXT NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 3;
"""
# What an earlier version lacks is a table or a column with a default: its own programs, which may still run, go on.
_FROM = {
    1: """
ALTER TABLE queue ADD COLUMN gpus INTEGER NOT NULL DEFAULT 0;
ALTER TABLE queue ADD COLUMN seconds REAL;
ALTER TABLE queue ADD COLUMN since REAL;
PRAGMA user_version = 2;
""",
    2: """
CREATE TABLE words (run_id TEXT PRIMARY KEY, mark TEXT NOT NULL, words TEXT NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 3;
""",
}
_VERSION = 3


class Catalogue:
    """The catalogue of one workspace; safe to use from several threads and processes."""

    def __init__(self, paths: WorkspacePaths) -> None:
        self.paths = paths
        self._local = threading.local()

    @property
    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None or self._local.inode != self._inode():
            connection = self._local.connection = self._checked()
            self._local.inode = self._inode()
        return connection

    def _inode(self) -> int | None:
        """Tell which file the catalogue is: one that was deleted, or made again, is not what is open."""
        try:
            return os.stat(self.paths.catalogue).st_ino  # noqa: PTH116 - each look at the catalogue asks
        except FileNotFoundError:
            return None

    def _checked(self) -> sqlite3.Connection:
        try:
            return self._open()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            raise WorkspaceException(
                f"The catalogue {self.paths.catalogue} is damaged ({error}). 'jupyter aml doctor' makes it again from "
                "the run directories; nothing of a run is lost."
            ) from error

    def _open(self) -> sqlite3.Connection:
        self.paths.root.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.paths.catalogue, timeout=30, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if _version(connection) < _VERSION:
            with _transaction(connection):
                self._bring_up(connection)
        return connection

    def _bring_up(self, connection: sqlite3.Connection) -> None:
        """Make the tables, or those of an earlier version as they are now."""
        version = _version(connection)
        changes = [_FROM[before] for before in range(version, _VERSION)] if version else [_SCHEMA]
        for statement in "".join(changes).split(";\n"):
            connection.execute(statement)
        if not version:
            _index_all(connection, self.paths)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the write lock for the block; what it wrote is undone when it raises."""
        with _transaction(self._connection) as connection:
            yield connection

    def read(self, query: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Return the rows of a query, without a lock."""
        return self._connection.execute(query, values).fetchall()

    # runs

    def add_run(self, spec: RunSpec, paths: RunPaths, status: str) -> None:
        """Write down and index a new run, which gets the next number of its experiment."""
        with self.transaction() as connection:  # no two get the same
            query = "SELECT MAX(number) FROM runs WHERE experiment = ?"
            last = connection.execute(query, (spec.experiment,)).fetchone()[0]
            spec = msgspec.structs.replace(spec, number=(last or 0) + 1)
            write_once(paths.run_json, encode(spec))
            _insert(connection, spec, paths.root.relative_to(self.paths.root), status)

    def set_status(self, run_id: str, status: str) -> None:
        """Note the state that a run has reached."""
        self._connection.execute("UPDATE runs SET status = ? WHERE run_id = ?", (status, run_id))

    def index(self, paths: RunPaths) -> None:
        """Take a run directory that is not known yet into the catalogue."""
        _index(self._connection, paths, self.paths.root)

    def forget(self, run_id: str) -> None:
        """Take a run out of the catalogue, as its directory is gone."""
        with self.transaction() as connection:
            for table in ("runs", "words"):
                connection.execute(f"DELETE FROM {table} WHERE run_id = ?", (run_id,))  # noqa: S608 - no outside text

    def find_run(self, run_id: str) -> sqlite3.Row | None:
        """Return the row of a run, or None."""
        row: sqlite3.Row | None = self._connection.execute("SELECT * FROM runs WHERE run_id = ?", (run_id,)).fetchone()
        return row

    def run_paths(self, run_id: str) -> RunPaths | None:
        """Return where a run lies, or None when it is not known or no longer there."""
        row = self.find_run(run_id)
        if row is None or not (self.paths.root / row["path"]).is_dir():
            return None
        return RunPaths(self.paths.root / row["path"])

    def runs_like(self, prefix: str, limit: int = 20) -> list[sqlite3.Row]:
        """Return the runs whose id begins with ``prefix``, newest first."""
        pattern = prefix.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
        query = r"SELECT * FROM runs WHERE run_id LIKE ? ESCAPE '\' ORDER BY created DESC LIMIT ?"
        return self._connection.execute(query, (pattern, limit)).fetchall()

    def runs(
        self,
        *,
        experiment: str | None = None,
        parent: str | None = None,
        target: str | None = None,
        children: bool = False,
    ) -> Iterator[sqlite3.Row]:
        """Yield runs, newest first: of an experiment or a compute target, or the children of a run, or all."""
        where, values = ["1"], list[Any]()
        if experiment is not None:
            where.append("experiment = ?")
            values.append(experiment)
        if target is not None:
            where.append("target = ?")
            values.append(target)
        if parent is not None:
            where.append("parent = ?")
            values.append(parent)
        elif not children:
            where.append("parent IS NULL")
        query = f"SELECT * FROM runs WHERE {' AND '.join(where)} ORDER BY created DESC, number DESC"  # noqa: S608 - no outside text
        yield from self._connection.execute(query, values)

    def page(
        self,
        *,
        experiment: str | None,
        statuses: Collection[str],
        after: tuple[float, str] | None,
        limit: int,
    ) -> list[sqlite3.Row]:
        """Return some of the runs that have no parent, newest first.

        Parameters
        ----------
        experiment, statuses
            Only of this experiment, only in these states; None and empty for all.
        after
            Time of creation and id of the last one that is known already.
        limit
            At most so many.
        """
        where, values = ["parent IS NULL"], list[Any]()
        if experiment is not None:
            where.append("experiment = ?")
            values.append(experiment)
        if statuses:
            where.append(f"status IN ({','.join('?' * len(statuses))})")
            values += statuses
        if after is not None:
            where.append("(created, run_id) < (?, ?)")
            values += after
        query = f"SELECT * FROM runs WHERE {' AND '.join(where)} ORDER BY created DESC, run_id DESC LIMIT ?"  # noqa: S608 - no outside text
        return self._connection.execute(query, [*values, limit]).fetchall()

    def counts(self) -> dict[str, int]:
        """Return how many of the runs that have no parent are in each state."""
        query = "SELECT status, COUNT(*) FROM runs WHERE parent IS NULL GROUP BY status"
        return dict(self._connection.execute(query).fetchall())

    def overview(self) -> list[tuple[str, str, str, str, float]]:
        """Return id, state, experiment, path and time of creation of every run that has no parent, newest first."""
        query = "SELECT run_id, status, experiment, path, created FROM runs WHERE parent IS NULL"
        return [tuple(row) for row in self._connection.execute(f"{query} ORDER BY created DESC, run_id DESC")]

    def words(self) -> dict[str, tuple[str, str]]:
        """Return what was noted of runs, by id: the mark of what it was read from, and their words."""
        return {run_id: (mark, words) for run_id, mark, words in self._connection.execute("SELECT * FROM words")}

    def note_words(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """Note the words by which runs are found: id, mark, words."""
        if rows:
            with self.transaction() as connection:
                connection.executemany("INSERT OR REPLACE INTO words VALUES (?, ?, ?)", rows)

    def mark(self) -> tuple[tuple[int, int, int], ...]:
        """Return what is another as soon as anybody has written, for two calls that are a clock's tick apart."""
        found = []
        for name in (self.paths.catalogue, f"{self.paths.catalogue}-wal"):
            try:
                status = os.stat(name)  # noqa: PTH116 - asked several times a second
            except FileNotFoundError:
                continue
            found.append((status.st_ino, status.st_mtime_ns, status.st_size))
        return tuple(found)

    # objects

    def has_objects(self) -> bool:
        """Tell whether anything is stored yet."""
        return self._connection.execute("SELECT 1 FROM objects LIMIT 1").fetchone() is not None

    def find_object(self, digest: bytes) -> tuple[str, int] | None:
        """Return the pack and the offset of an object that is stored."""
        row = self._connection.execute("SELECT pack, offset FROM objects WHERE digest = ?", (digest,)).fetchone()
        return (row["pack"], row["offset"]) if row is not None else None

    def add_objects(self, rows: Iterable[tuple[bytes, str, int]]) -> None:
        """Note where new objects lie: digest, pack, offset in bytes."""
        with self.transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO objects VALUES (?, ?, ?)", rows)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _insert(connection: sqlite3.Connection, spec: RunSpec, path: Path, status: str) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            spec.run_id,
            spec.experiment,
            spec.number,
            spec.type or "",
            spec.parent,
            spec.created,
            spec.target,
            status,
            str(path),
        ),
    )


def _index_all(connection: sqlite3.Connection, workspace: WorkspacePaths) -> None:
    """Make the index again from the run directories, and the line with it, so that no run waits for ever."""
    waiting = []
    for paths in run_directories(workspace.runs):
        try:
            spec = read_record(paths.run_json, RunSpec)
        except msgspec.DecodeError:
            continue  # not one of ours
        if spec is None:
            continue
        status = read_state(str(paths.root))["status"]
        _insert(connection, spec, paths.root.relative_to(workspace.root), status)
        queues = paths.launch.is_dir() and spec.sweep is None
        if queues and status in ("Queued", "Running", "Finalizing", "CancelRequested"):
            granted = int(status != "Queued")
            gpus = needed_here(workspace, spec.target, spec.gpus)
            place = (spec.run_id, spec.target, spec.node_count, granted, gpus, spec.seconds_at_most)
            waiting.append((spec.created, *place))
    query = "INSERT INTO queue (run_id, compute, nodes, granted, gpus, seconds) VALUES (?, ?, ?, ?, ?, ?)"
    connection.executemany(query, [place[1:] for place in sorted(waiting)])
    if workspace.snapshots.is_dir():
        from jupyter_ext.store.snapshots.manifest import stored_objects  # noqa: PLC0415 - a catalogue is seldom made again

        connection.executemany("INSERT OR IGNORE INTO objects VALUES (?, ?, ?)", stored_objects(workspace))


def _index(connection: sqlite3.Connection, paths: RunPaths, root: Path) -> None:
    spec = read_record(paths.run_json, RunSpec)
    if spec is not None:
        _insert(connection, spec, paths.root.relative_to(root), read_state(str(paths.root))["status"])


def run_directories(runs: Path) -> Iterator[RunPaths]:
    """Yield the run directories in a folder, and those of the children that runs have made."""
    if not runs.is_dir():
        return
    for directory in filter(Path.is_dir, runs.iterdir()):
        paths = RunPaths(directory)
        yield paths
        yield from run_directories(paths.children)
