"""The files of a stored snapshot."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import SnapshotException
from jupyter_ext.store.catalogue import Catalogue
from jupyter_ext.store.paths import WorkspacePaths
from jupyter_ext.store.snapshots.snapshot import take
from jupyter_ext.store.snapshots.snapshot_files import read_snapshot_file, snapshot_files


@pytest.fixture
def taken(home: Path, tmp_path: Path) -> tuple[WorkspacePaths, str]:
    """A snapshot of a few files."""
    folder = tmp_path / "source"
    (folder / "lib").mkdir(parents=True)
    (folder / "train.py").write_text("print('hello')\n")
    (folder / "lib" / "same.py").write_text("print('hello')\n")
    (folder / "lib" / "data.bin").write_bytes(bytes(range(256)) * 100)
    (folder / "empty.txt").touch()
    (folder / "link.py").symlink_to("train.py")
    paths = WorkspacePaths(home / "ws")
    return paths, take(folder, paths, Catalogue(paths)).id


def test_files_are_listed_with_their_sizes(taken: tuple[WorkspacePaths, str]) -> None:
    found = {file["name"]: file["size"] for file in snapshot_files(*taken)}
    assert found.items() >= {"train.py": 15, "lib/same.py": 15, "lib/data.bin": 25600, "empty.txt": 0}.items()


def test_a_file_is_read_in_parts(taken: tuple[WorkspacePaths, str]) -> None:
    about, data = read_snapshot_file(*taken, "train.py")
    assert (data, about["size"], about["offset"]) == (b"print('hello')\n", 15, 0)
    assert "python" in about["mime"]
    assert read_snapshot_file(*taken, "lib/same.py")[1] == data
    assert read_snapshot_file(*taken, "lib/data.bin", 255, 3)[1] == bytes([255, 0, 1])
    assert read_snapshot_file(*taken, "train.py", 10, 1000)[1] == b"lo')\n"
    assert read_snapshot_file(*taken, "train.py", 99, 10)[1] == b""
    assert read_snapshot_file(*taken, "empty.txt")[1] == b""


@pytest.mark.parametrize("name", ["nothing.py", "../train.py", "/etc/passwd", "lib", ""])
def test_no_other_file_is_read(taken: tuple[WorkspacePaths, str], name: str) -> None:
    with pytest.raises(SnapshotException, match="has no file"):
        read_snapshot_file(*taken, name)


def test_a_snapshot_that_is_not_there(taken: tuple[WorkspacePaths, str]) -> None:
    with pytest.raises(SnapshotException, match="There is no snapshot"):
        snapshot_files(taken[0], "5f")
