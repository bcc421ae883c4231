"""TensorBoard over runs."""

from __future__ import annotations

import importlib.util
import json
import socket
import urllib.request
from pathlib import Path

import pytest
from parts.submitting import Folder, until

from jupyter_ext.azureml.tensorboard import Tensorboard
from jupyter_ext.azureml.tensorboard.export import export_to_tensorboard
from jupyter_ext.core.runs.run import Run
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

SCRIPT = """
from azureml.core import Run
run = Run.get_context()
for step in range(3): run.log("loss", 1 / (step + 1), step=10 * step)
run.log("name", "text")
with run.child_run("kid") as child: child.log("score", 7)
"""


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@pytest.fixture
def run(folder: Folder) -> Run:
    run = folder.submit(SCRIPT)
    run.wait_for_completion()
    return run


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_numbers_are_exported_and_shown(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export_to_tensorboard(run, str(tmp_path / "events"))
    (child,) = run.get_children()
    assert sorted(path.name for path in (tmp_path / "events").iterdir()) == sorted([run.id, child.id])
    for file in (tmp_path / "events" / run.id).iterdir():
        (run.paths.logs / file.name).write_bytes(file.read_bytes())
    board = Tensorboard([run], port=free_port())
    url = board.start()
    try:
        assert capsys.readouterr().out == f"{url}\n"

        def shown() -> list[list[float]]:
            address = f"{url}data/plugin/scalars/scalars?tag=loss&run={run.id}/logs"
            with urllib.request.urlopen(address, timeout=10) as answer:
                points: list[list[float]] = json.load(answer)
            return points

        def known() -> bool:
            with urllib.request.urlopen(f"{url}data/runs", timeout=10) as answer:
                return f"{run.id}/logs" in json.load(answer)

        until(known, 60)
        points = until(shown, 60)
        assert [(point[1], round(point[2], 3)) for point in points] == [(0, 1.0), (10, 0.5), (20, 0.333)]
        with pytest.raises(UserErrorException, match="runs already"):
            board.start()
        taken = Tensorboard(run, port=int(url.rstrip("/").rsplit(":", 1)[1]))
        with pytest.raises(UserErrorException, match="ended at once"):
            taken.start()
    finally:
        board.stop()
    board.stop()
    assert (run.paths.logs / next(iter((tmp_path / "events" / run.id).iterdir())).name).exists()


def test_links_have_the_names_that_are_asked_for(run: Run, tmp_path: Path) -> None:
    run.display_name = "shown/so"
    board = Tensorboard(run, local_root=str(tmp_path / "root"), use_display_name=True)
    board._link()
    assert (tmp_path / "root" / "shown_so" / "logs").is_dir()
    board.stop()
    assert not (tmp_path / "root" / "shown_so" / "logs").exists()


def test_runs_of_one_name_are_all_shown(folder: Folder, tmp_path: Path) -> None:
    runs = [folder.submit("pass") for _ in range(2)]
    for run in runs:
        run.wait_for_completion()
        run.display_name = "same"
    board = Tensorboard(runs, local_root=str(tmp_path / "root"), use_display_name=True)
    for _ in range(2):
        board._link()
        links = {path.name: (path / "logs").readlink() for path in (tmp_path / "root").iterdir()}
        assert links == {"same": runs[0].paths.logs, f"same_{runs[1].id}": runs[1].paths.logs}
    board.stop()


def test_what_is_not_installed_is_told(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    for action in (Tensorboard(run).start, lambda: export_to_tensorboard(run, str(tmp_path))):
        with pytest.raises(UserErrorException, match=r"pip install 'jupyter-aml\[tensorboard\]'"):
            action()
