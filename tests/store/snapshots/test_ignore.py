from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jupyter_ext.store.snapshots.ignore import walk


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


def sent(folder: Path, leave_out: Path | None = None) -> list[str]:
    found = list(walk(folder, leave_out))
    return sorted(
        [f"{one.prefix}{name}" for one in found for name in one.names] + [one.prefix for one in found if not one.names]
    )


def test_amlignore_replaces_gitignore(tmp_path: Path) -> None:
    put(tmp_path, "a.py", "b.csv", "c.log")
    (tmp_path / ".gitignore").write_text("*.csv\n")
    assert sent(tmp_path) == [".gitignore", "a.py", "c.log"]
    (tmp_path / ".amlignore").write_text("*.log\n")
    assert sent(tmp_path) == [".amlignore", ".gitignore", "a.py", "b.csv"]


def test_only_the_top_ignore_file_counts(tmp_path: Path) -> None:
    put(tmp_path, "a.py", "sub/b.csv")
    (tmp_path / "sub" / ".gitignore").write_text("*.csv\n")
    assert sent(tmp_path) == ["a.py", "sub/.gitignore", "sub/b.csv"]


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        ("outputs/\n", ["a.py", "keep.log", "sub/keep.log", "sub/x.log"]),
        ("*.log\n!keep.log\n", ["a.py", "keep.log", "outputs/o.txt", "sub/keep.log"]),
        ("/keep.log\n", ["a.py", "outputs/o.txt", "sub/keep.log", "sub/x.log"]),
        ("sub\n!sub/keep.log\n", ["a.py", "keep.log", "outputs/o.txt"]),
        ("# a comment\n\n**/x.log\n", ["a.py", "keep.log", "outputs/o.txt", "sub/keep.log"]),
    ],
)
def test_patterns(tmp_path: Path, rules: str, kept: list[str]) -> None:
    put(tmp_path, "a.py", "keep.log", "outputs/o.txt", "sub/keep.log", "sub/x.log")
    (tmp_path / ".amlignore").write_text(rules)
    assert sent(tmp_path) == [".amlignore", *kept]


def test_what_stays_out_by_itself(tmp_path: Path) -> None:
    put(
        tmp_path,
        "a.py",
        ".git/HEAD",
        "sub/.git/HEAD",
        ".ipynb_checkpoints/a.ipynb",
        "__pycache__/a.pyc",
        "sub/__pycache__/b.pyc",
        "myenv/pyvenv.cfg",
        "myenv/lib/x.py",
        "conda/conda-meta/history",
        "conda/lib/y.py",
    )
    assert sent(tmp_path) == ["a.py", "sub/"]


def test_a_folder_that_is_itself_an_environment_is_sent(tmp_path: Path) -> None:
    put(tmp_path, "pyvenv.cfg", "a.py")
    assert sent(tmp_path) == ["a.py", "pyvenv.cfg"]


def test_a_link_that_cannot_be_followed_is_told(tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to("circle")
    put(tmp_path / "src", "a.py", "sub/b.py")
    for link in ("x", "sub/y"):
        (tmp_path / "src" / link).symlink_to(tmp_path / "circle")
    unreadable: list[str] = []
    assert [name for one in walk(tmp_path / "src", None, unreadable) for name in one.names] == ["a.py", "b.py"]
    assert unreadable == ["x", "sub/y"]


def test_the_home_of_the_runs_stays_out(tmp_path: Path) -> None:
    put(tmp_path, "a.py", "runs/home/ws/runs/r/run.json")
    (tmp_path / "link").symlink_to("runs/home")
    assert sent(tmp_path, tmp_path / "runs" / "home") == ["a.py", "link", "runs/"]


def test_empty_folders_are_kept_and_ignored_ones_are_not(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "dropped").mkdir()
    (tmp_path / ".amlignore").write_text("dropped/\n")
    assert sent(tmp_path) == [".amlignore", "empty/"]


def test_a_folder_that_goes_while_the_source_is_read_is_no_error(tmp_path: Path) -> None:
    put(tmp_path, "a.py", "sub/b.py", "tub/c.py")
    found = []
    for one in walk(tmp_path):
        found += one.names
        shutil.rmtree(tmp_path / "sub", ignore_errors=True)
    assert found == ["a.py", "c.py"]


def test_names_that_are_no_text_are_read(tmp_path: Path) -> None:
    (tmp_path / "é à.py").write_text("1")
    Path(str(tmp_path) + "/bad\udcff.py").write_text("1")
    assert len(sent(tmp_path)) == 2
