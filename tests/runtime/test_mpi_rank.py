"""What stands between ``mpirun`` and a rank."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import jupyter_ext

PROGRAM = Path(jupyter_ext.__file__).parent / "runtime" / "mpi_rank.py"


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ([sys.executable, "-c", "import os; print(os.environ['AML_RANK'], '$AML_RANK')"], 0, "1 1\n"),
        ([sys.executable, "-c", "raise SystemExit(3)"], 3, ""),
        ([], 137, "b\n"),
        (["/nowhere/python"], 127, "cannot start: there is no program /nowhere/python\n"),
    ],
)
def test_a_rank(tmp_path: Path, command: list[str], code: int, said: str) -> None:
    for name in ("launch", "work", "user_logs"):
        (tmp_path / name).mkdir()
    shell = None if command else "A=b; echo $A; kill -9 $$"
    each = {"argv": command, "shell": shell, "cwd": "work", "logs": ["user_logs/0.txt", "user_logs/1.txt"]}
    (tmp_path / "launch" / "0.json").write_text(json.dumps({"each": each}))
    line = [sys.executable, "-I", "-S", str(PROGRAM)]
    variables = {"OMPI_COMM_WORLD_RANK": "1", "A": "a", "AML_RUN_DIR": str(tmp_path)}
    ended = subprocess.run(line, env=variables, check=False, capture_output=True)
    assert ended.returncode == code
    assert (tmp_path / "user_logs" / "1.txt").read_text() == said
    event = json.loads((tmp_path / "launch" / "0.jsonl").read_text())
    assert (event["event"], event["rank"], event["mpi"]) == ("exit", 1, 1)
    assert event["code"] == (-9 if code == 137 else code)
