from __future__ import annotations

import stat
import threading
from typing import TYPE_CHECKING

import pytest

from jupyter_ext.store.paths import RunPaths, home
from jupyter_ext.store.records import ComputeRecord, RunSpec, encode, read_record, replace, write_once

if TYPE_CHECKING:
    from pathlib import Path


def spec(**given: object) -> RunSpec:
    fields: dict[str, object] = {"run_id": "r", "experiment": "e", "workspace": "w", "type": "t", "created": 1.0}
    return RunSpec(**{**fields, **given})  # type: ignore[arg-type]


def test_a_record_comes_back_as_it_was(tmp_path: Path) -> None:
    record = spec(arguments=["--lr", 0.1, 3, True, None], tags={"a": None})
    assert write_once(tmp_path / "sub" / "run.json", encode(record))
    assert read_record(tmp_path / "sub" / "run.json", RunSpec) == record
    assert read_record(tmp_path / "none.json", RunSpec) is None
    assert read_record(tmp_path / "sub" / "run.json" / "x", RunSpec) is None


def test_keys_of_a_newer_release_are_no_error(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text('{"name": "c", "created": 1, "modified": 2, "from_the_future": 3}')
    record = read_record(tmp_path / "c.json", ComputeRecord)
    assert record is not None
    assert record.name == "c"


def test_a_record_is_written_once_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    wins: list[bool] = []
    threads = [
        threading.Thread(target=lambda number=number: wins.append(write_once(path, b"%d" % number)))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wins.count(True) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["run.json"]
    replace(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [file.name for file in tmp_path.iterdir()] == ["run.json"]


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    for write in (write_once, replace):
        with pytest.raises(TypeError):
            write(tmp_path / "x.json", "text is not bytes")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_the_command_line_for_people() -> None:
    assert spec(script="train.py", arguments=["--lr", 0.1]).command_line == "train.py --lr 0.1"
    assert spec(command="python a.py && ls").command_line == "python a.py && ls"


def test_home_is_moved_by_its_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AML_HOME", str(tmp_path / "h"))
    assert home() == tmp_path / "h"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AML_HOME", "~/x")
    assert home() == tmp_path / "x"
    monkeypatch.delenv("AML_HOME")
    assert home() == tmp_path / ".jupyter-aml"


def test_the_log_of_a_rank_has_v1s_name(tmp_path: Path) -> None:
    paths = RunPaths(tmp_path)
    assert paths.rank_log(0, 1) == "user_logs/std_log.txt"
    assert paths.rank_log(0, 4) == "user_logs/std_log_process_0.txt"
    assert paths.rank_log(3, 12) == "user_logs/std_log_process_03.txt"
