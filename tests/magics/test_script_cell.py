from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from jupyter_ext.magics.script_cell import script_in
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from pathlib import Path

KILLED = """\
import os, pathlib, signal, sys
from jupyter_ext.magics.script_cell import script_in

with script_in(pathlib.Path(sys.argv[1]), "cell.py", sys.argv[2]):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """What a kernel leaves that is killed while the snapshot is taken."""
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), "print('before')\n"], check=False, timeout=60)
    assert killed.returncode == -9
    assert (tmp_path / "cell.py").exists()
    return tmp_path / "cell.py"


def refused(folder: Path) -> str:
    with pytest.raises(UserErrorException, match="holds something else") as caught, script_in(folder, "cell.py", "1"):
        pass
    return caught.value.message


def test_the_script_has_the_cells_line_numbers(tmp_path: Path) -> None:
    with script_in(tmp_path, "cell.py", "from __future__ import annotations\n1 / 0\n"):
        failed = subprocess.run(
            [sys.executable, str(tmp_path / "cell.py")], capture_output=True, text=True, check=False, timeout=60
        )
    assert "line 3, in <module>" in failed.stderr
    assert "1 / 0" in failed.stderr
    assert not list(tmp_path.iterdir())


def test_what_a_killed_kernel_has_left_is_replaced(left: Path) -> None:
    with script_in(left.parent, "cell.py", "print('after')\n"):
        assert left.read_text().endswith("\nprint('after')\n")
    assert not left.exists()


def test_what_was_edited_since_is_kept(left: Path) -> None:
    edited = left.read_text() + "# mine"
    left.write_text(edited)
    refused(left.parent)
    assert left.read_text() == edited


@pytest.mark.parametrize("text", ["", "print('before')\n", "1"])
def test_a_users_file_is_kept(tmp_path: Path, text: str) -> None:
    (tmp_path / "cell.py").write_text(text)
    refused(tmp_path)
    assert (tmp_path / "cell.py").read_text() == text


def test_two_kernels_at_once(tmp_path: Path) -> None:
    with script_in(tmp_path, "cell.py", "first"):
        refused(tmp_path)
        assert (tmp_path / "cell.py").read_text().endswith("first")
