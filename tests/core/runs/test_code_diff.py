"""How the code of two runs differs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from parts.submitting import Folder

from jupyter_ext.core.runs import code_diff
from jupyter_ext.core.runs.code_diff import as_text
from jupyter_ext.core.runs.run import Run
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import SnapshotException

if TYPE_CHECKING:
    from pathlib import Path


def _notebook(source: str, output: str) -> str:
    cell = {"cell_type": "code", "source": [source], "outputs": [output]}
    return json.dumps({"cells": [cell, {"cell_type": "markdown", "source": ["# Title"]}]})


@pytest.fixture
def pair(folder: Folder) -> tuple[Run, Run]:
    path: Path = folder.path
    (path / "same.py").write_text("same\n")
    (path / "gone.txt").write_text("gone\n")
    (path / "data.bin").write_bytes(b"\0one")
    (path / "large.txt").write_text("x\n" * code_diff.LARGEST)
    (path / "<script>.txt").write_text("one")
    (path / "outputs.ipynb").write_text(_notebook("1 + 1", "2"))
    (path / "cells.ipynb").write_text(_notebook("lr = 0.1", ""))
    (path / "link").symlink_to("same.py")
    one = folder.submit("print(1)\nprint(2)\n")
    (path / "gone.txt").unlink()
    (path / "new.txt").write_text("new\n")
    (path / "data.bin").write_bytes(b"\0two")
    (path / "large.txt").write_text("y\n" * code_diff.LARGEST)
    (path / "<script>.txt").write_text("two")
    (path / "outputs.ipynb").write_text(_notebook("1 + 1", "two"))
    (path / "cells.ipynb").write_text(_notebook("lr = 0.2", ""))
    (path / "link").unlink()
    (path / "link").symlink_to("new.txt")
    two = folder.submit("print(1)\nprint(3)\n")
    for run in (one, two):
        run.wait_for_completion()
    return one, two


def test_each_file_that_differs_is_told(pair: tuple[Run, Run]) -> None:
    one, two = pair
    found = code_diff.code_diff(one, two)
    told = {file.name: file for file in found.files}
    assert (found.runs, found.same, found.more) == ((one.id, two.id), 1, 0)
    assert told["train.py"].diff == "--- a/train.py\n+++ b/train.py\n@@ -1,2 +1,2 @@\n print(1)\n-print(2)\n+print(3)\n"
    assert (told["gone.txt"].change, told["gone.txt"].sizes) == ("removed", (5, None))
    assert (told["new.txt"].change, told["new.txt"].diff) == (
        "added",
        "--- a/new.txt\n+++ b/new.txt\n@@ -0,0 +1 @@\n+new\n",
    )
    assert (told["data.bin"].diff, told["data.bin"].why) == (None, "binary")
    assert (told["large.txt"].diff, str(told["large.txt"].why)[:11]) == (None, "larger than")
    assert (told["link"].diff, told["link"].why) == (None, "a link")
    assert (told["outputs.ipynb"].diff, told["outputs.ipynb"].why) == (None, "only what its cells have put out")
    assert "\n-lr = 0.1\n+lr = 0.2\n" in str(told["cells.ipynb"].diff)
    assert str(told["<script>.txt"].diff).count("\\ No newline at end of file\n") == 2
    assert "data.bin: changed, binary\n" in as_text(found)
    assert code_diff.code_diff(one, one).files == []


def test_too_many_files_are_counted(pair: tuple[Run, Run], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_diff, "MOST_FILES", 3)
    monkeypatch.setattr(code_diff, "_MOST_TEXT", 0)
    found = code_diff.code_diff(*pair)
    assert (len(found.files), found.more) == (3, 6)
    assert all(file.why for file in found.files)


def test_a_run_without_a_snapshot_says_so(pair: tuple[Run, Run], folder: Folder) -> None:
    logging = folder.experiment.start_logging(snapshot_directory=None)
    logging.complete()
    with pytest.raises(SnapshotException, match="has no snapshot"):
        code_diff.code_diff(pair[0], logging)
