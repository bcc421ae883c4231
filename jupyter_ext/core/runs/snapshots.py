"""A run's snapshot: the folder that it was made from, as it was."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from jupyter_ext.runtime.inside.jupyter_aml_run.events import append_event
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import SnapshotException, UserErrorException
from jupyter_ext.store.records import TERMINAL
from jupyter_ext.store.snapshots import snapshot
from jupyter_ext.store.snapshots.snapshot_files import write_zip

from .base import RunBase

_PROPERTY = "ContentSnapshotId"
_KEPT = ("outputs", "logs")


class RunSnapshots(RunBase):
    """What a run offers of its snapshot."""

    def get_snapshot_id(self) -> str | None:
        """Return the id of the snapshot of the source folder; None where the run has none."""
        found: str | None = self.get_properties().get(_PROPERTY)
        return found

    def take_snapshot(self, file_or_folder_path: str) -> str:
        """Keep a folder, or a file, as the run's snapshot; return its id.

        It takes the place of the one that ``start_logging`` has taken by itself, so that a notebook may keep what has
        become of its folder since.

        Raises
        ------
        SnapshotException
            The run was submitted with one, or one was taken before (v1); or the folder is too large.
        UserErrorException
            The path is not there.
        """
        taken, begun_with = self.get_snapshot_id(), None if self._spec.type else self._spec.snapshot_id
        if taken not in (None, begun_with):
            raise SnapshotException(f"Run {self.id} has the snapshot {taken}, and a run has only one.")
        path = Path(file_or_folder_path)
        if not path.exists():
            raise UserErrorException(f"There is no file or folder {file_or_folder_path} to take a snapshot of.")
        workspace = self.experiment.workspace
        with tempfile.TemporaryDirectory(prefix="aml-snapshot-") as aside:
            if path.is_file():
                shutil.copy2(path, aside)
            folder = Path(aside) if path.is_file() else path
            snapshot_id = snapshot.take(folder, workspace._paths, workspace._catalogue).id
        append_event(str(self.paths.root), snapshot=snapshot_id)
        return snapshot_id

    def restore_snapshot(self, snapshot_id: str | None = None, path: str | None = None) -> str:
        """Write a snapshot as ``<id>.zip`` into a folder; return the path of that file (v1).

        Parameters
        ----------
        snapshot_id
            Which; the run's own where it is None.
        path
            The folder; the working directory where it is None.

        Raises
        ------
        SnapshotException
            The run has no snapshot, or there is none of this id.
        """
        wanted = snapshot_id or self.get_snapshot_id()
        if wanted is None:
            raise SnapshotException(f"Run {self.id} has no snapshot: give a snapshot_id.")
        target = Path(path or ".") / f"{wanted}.zip"
        target.parent.mkdir(parents=True, exist_ok=True)
        write_zip(self.experiment.workspace._paths, wanted, target)
        return str(target)

    def clean(self) -> list[str]:
        """Delete the laid-out copy of the snapshot that the run worked in; return what was deleted.

        Outputs and logs stay.

        Raises
        ------
        UserErrorException
            The run has not ended.
        """
        if self.get_status() not in TERMINAL:
            raise UserErrorException(f"Run {self.id} is {self.status}: wait for its end, or cancel it, before clean().")
        work = self.paths.work
        gone = [entry for entry in sorted(work.iterdir()) if entry.name not in _KEPT] if work.is_dir() else []
        for entry in gone:
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        return [str(entry) for entry in gone]
