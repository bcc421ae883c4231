"""The run directory's side of what the nodes' files grow by: everything once, whoever writes it down.

Files of one node are mirrored: their size tells how far they are. What several nodes write into one file (metrics,
events, samples) is appended line by line, and before that it is noted where, so that a runner that is killed in the
middle does not write a line twice.
"""

from __future__ import annotations

import json
import os
import threading
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from jupyter_ext.engines.ray.growth import MERGED, digest_of, tail_of
from jupyter_ext.store.records import replace

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_ext.store.paths import RunPaths

_SHARED = ("work/outputs/", "work/logs/", "artifacts/", "children/", "written/")
_TOP = ("work", "artifacts", "children", "written", "user_logs", "launch", "system_logs")


class Mirror:
    """The files of a run that are written on nodes elsewhere.

    Parameters
    ----------
    paths
        The run.
    """

    def __init__(self, paths: RunPaths) -> None:
        self._paths = paths
        self._lock = threading.Lock()
        self._owners_file = paths.launch / "ray.files"
        self._owners: dict[str, int] = {}
        self._bases = self._read_bases()
        if self._owners_file.exists():
            for line in self._owners_file.read_text().splitlines():
                node, _, name = line.partition("\t")
                self._owners.setdefault(name, int(node))

    def known(self, node: int) -> dict[str, tuple[int, bytes]]:
        """Return for each file of a node how many bytes of it are here, and the last of them."""
        found = {}
        for name, owner in self._owners.items():
            local = self._local(name, node)
            if (owner == node or local != self._paths.root / name) and local.is_file():
                size = local.stat().st_size
                found[name] = (size - self._bases.get(name, 0), tail_of(local, size))
        for name, (offset, at, size) in self._noted(node).items():
            found[name] = (offset + self._written(name, at, size), b"")
        return found

    def take(self, node: int, name: str, offset: int | None, data: bytes) -> None:
        """Write down a piece of a file.

        Raises
        ------
        ValueError
            The name leads out of the run directory.
        """
        parts = PurePosixPath(name).parts
        if name in MERGED:
            if data:
                self._merge(node, name, offset or 0, data)
            return
        if ".." in parts or parts[0] not in _TOP or name.startswith("/"):
            raise ValueError(f"a node has sent a file that belongs to no run: {name}")
        with self._lock:
            if name not in self._owners:
                self._owners[name] = node
                with self._owners_file.open("a") as file:
                    file.write(f"{node}\t{name}\n")
        local = self._local(name, node)
        if offset is None:
            local.unlink(missing_ok=True)
            return
        local.parent.mkdir(parents=True, exist_ok=True)
        with local.open("r+b" if local.exists() else "wb", buffering=0) as file:
            if name.startswith(_SHARED):
                file.truncate(offset)
            file.seek(self._bases.get(name, 0) + offset)
            file.write(data)

    def differing(self, node: int, sums: dict[str, str]) -> list[str]:
        """Return which files of a node are not here as they are there."""
        wrong = []
        for name, digest in sums.items():
            local = self._local(name, node)
            if not local.is_file() or digest_of(local) != digest:
                wrong.append(name)
        return wrong

    def _local(self, name: str, node: int) -> Path:
        """Return where a node's file is kept; a second node's of the same name lies in a folder of that node's."""
        if name == "system_logs/runner.log":
            return self._paths.system_logs / f"node_{node}.log"
        if self._owners.get(name, node) == node or not name.startswith(_SHARED):
            return self._paths.root / name
        top = next(top for top in _SHARED if name.startswith(top))
        if top == "written/":  # each of its folders goes to a place of its own
            top = f"{top}{PurePosixPath(name).parts[1]}/"
        return self._paths.root / top / f"node-{node}" / name.removeprefix(top)

    def _read_bases(self) -> dict[str, int]:
        """Return what the logs held before these launchers, where the run was placed again."""
        file = self._paths.launch / "ray.bases.json"
        if not file.exists() and self._paths.launch.is_dir():
            logs = [log for log in self._paths.user_logs.glob("*") if log.is_file()]
            replace(file, json.dumps({f"user_logs/{log.name}": log.stat().st_size for log in logs}).encode())
        read: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
        return read

    def _merge(self, node: int, name: str, offset: int, data: bytes) -> None:
        path = self._paths.root / name
        with self._lock:
            noted = self._noted(node)
            at = path.stat().st_size if path.exists() else 0
            noted[name] = (offset, at, len(data))
            replace(self._note(node), json.dumps(noted).encode())
            file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                while data:
                    data = data[os.write(file, data) :]
            finally:
                os.close(file)

    def _written(self, name: str, at: int, size: int) -> int:
        """Return how much of what was noted has been written: no other than the runner writes this much at once."""
        path = self._paths.root / name
        return min(size, max(0, (path.stat().st_size if path.exists() else 0) - at))

    def _note(self, node: int) -> Path:
        return self._paths.launch / f"ray.{node}.json"

    def _noted(self, node: int) -> dict[str, tuple[int, int, int]]:
        try:
            read: dict[str, tuple[int, int, int]] = json.loads(self._note(node).read_text())
        except (OSError, ValueError):
            return {}
        return read
