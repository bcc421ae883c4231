"""A snapshot of 10,000 files of 4 KB and one of 200 MB, beside ``git add``."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

from jupyter_ext.store.catalogue import Catalogue
from jupyter_ext.store.paths import WorkspacePaths, home
from jupyter_ext.store.snapshots import snapshot
from tests.bench.table import Row, at_most, median_of, ratio_at_most

if TYPE_CHECKING:
    from pathlib import Path


def measure(place: Path) -> list[Row]:
    source = place / "source"
    for number in range(100):
        folder = source / f"folder{number}"
        folder.mkdir(parents=True)
        for name in range(100):
            (folder / f"file{name}").write_bytes(os.urandom(4096))
    with (source / "large").open("wb") as large:
        for _ in range(50):
            large.write(os.urandom(4 << 20))
    os.sync()  # or the first figure would be of the disk that still writes the files made here
    paths = WorkspacePaths(home() / "bench-snapshots")

    def take_cold() -> float:
        shutil.rmtree(paths.root, ignore_errors=True)
        catalogue = Catalogue(paths)
        began = time.perf_counter()
        snapshot.take(source, paths, catalogue)
        return time.perf_counter() - began

    def take() -> None:
        snapshot.take(source, paths, catalogue)

    def change_and_take() -> float:
        (source / "folder3" / "file3").write_bytes(os.urandom(4096))
        time.sleep(0.1)
        began = time.perf_counter()
        take()
        return time.perf_counter() - began

    cold = median_of(3, take_cold)
    catalogue = Catalogue(paths)
    unchanged = median_of(7, take)
    changed = median_of(7, change_and_take)
    git = _git_add(source)
    return [
        at_most("snapshot of 240 MB in 10,001 files: cold", cold, "s", 1),
        ratio_at_most("snapshot of 240 MB in 10,001 files: cold", cold, "s", "git add", git, 0.5),
        at_most("snapshot: unchanged", unchanged, "s", 0.1),
        at_most("snapshot: one file changed", changed, "s", 0.1),
    ]


def _git_add(source: Path) -> float:
    subprocess.run(["git", "init", "-q"], cwd=source, check=True)
    began = time.perf_counter()
    subprocess.run(["git", "add", "."], cwd=source, check=True)
    return time.perf_counter() - began
