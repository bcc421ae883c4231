"""Runs notebooks written for SDK v1 from top to bottom: nothing in them knows where it runs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from jupyter_ext.core.workspaces.workspace import Workspace

FOLDER = Path(__file__).resolve().parent / "v1"
SECONDS = 240


@pytest.fixture
def enabled(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to run in, and kernels that find ``azureml`` by themselves."""
    startup = tmp_path / "ipython" / "profile_default" / "startup" / "first.py"
    startup.parent.mkdir(parents=True)
    startup.write_text("import jupyter_ext.azureml.enable")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    return shutil.copytree(FOLDER, tmp_path / "notebooks")


def run(folder: Path, name: str) -> list[nbformat.NotebookNode]:
    """Run all cells of a notebook, also after one that fails."""
    notebook = nbformat.read(folder / name, as_version=4)
    client = NotebookClient(notebook, timeout=SECONDS, allow_errors=True, resources={"metadata": {"path": str(folder)}})
    client.execute()
    return list(notebook.cells)


def said(cell: nbformat.NotebookNode) -> str:
    return "".join(output.get("text", "") for output in cell.outputs)


def value(cell: nbformat.NotebookNode) -> str:
    return str(cell.outputs[-1]["data"]["text/plain"])


def errors(cells: list[nbformat.NotebookNode]) -> dict[int, str]:
    return {
        number: str(output["evalue"])
        for number, cell in enumerate(cells)
        for output in cell.outputs
        if output.output_type == "error"
    }


@pytest.mark.timeout(SECONDS)
@pytest.mark.usefixtures("no_engine")
def test_runs_of_a_notebook_itself(enabled: Path) -> None:
    cells = run(enabled, "in-the-notebook.ipynb")
    refused = errors(cells)
    assert list(refused) == [12, 13]
    assert "not deployed: take the files with Model.download()" in refused[12]
    assert "Pipelines are not run by jupyter-aml: submit the script of each step as a run" in refused[13]
    assert said(cells[0]).splitlines()[0] == "SDK version: 1.61.0 1.61.0"
    assert value(cells[2]).startswith("Run(Experiment: train-within-notebook,")
    assert said(cells[5]) == "['outputs/model.pkl'] {'alpha': 0.25} {'Best Run': None}\n"
    assert said(cells[6]) == "best_model 1\n"
    assert "'path': 'myfile_in_the_cloud.txt'" in value(cells[7])
    metrics = {"Fibonacci": [0, 2, 2, 4, 6, 10], "Cosine Wave": {"angle": [0, 1], "cos": [1, 0]}}
    assert re.sub(r"\s+", " ", value(cells[8])) == str(metrics)
    assert "'author' is 'me', and properties never change" in said(cells[9])
    assert value(cells[10]).count("Hello from child run") == 3
    workspace = Workspace.get("default")
    kept = {one.get_snapshot_id() for one in workspace.experiments["train-within-notebook"].get_runs()}
    assert len(kept) >= 4
    assert None not in kept


@pytest.mark.timeout(SECONDS)
@pytest.mark.usefixtures("no_engine")
def test_scripts_of_a_notebook(enabled: Path) -> None:
    cells = run(enabled, "submitted.ipynb")
    refused = errors(cells)
    assert list(refused) == [11]
    assert "There is no script missing.py in" in refused[11]
    assert said(cells[0]).splitlines()[-1] == "aml-workspace eastus2"
    assert "Creating a new compute target..." in said(cells[1])
    assert "has a GPU and this machine has none" in said(cells[1]) or "'maxNodeCount': 4" in said(cells[1])
    assert "Uploaded 1 files" in said(cells[4])
    assert "Execution Summary" in said(cells[6])
    assert "{'lr': 0.001, 'best_val_acc': [0.999," in said(cells[7])
    assert "['/output.csv']" in said(cells[7])
    score, lr, *names = said(cells[9]).split()
    assert (score, lr) in {("0.96667", "0.10000"), ("0.93333", "0.20000")}
    assert names == ["pytorch-birds", "pytorch-birds:1", "1"]
    assert "Activity Failed:" in said(cells[10])
    assert "unrecognized arguments: --nope" in said(cells[10])
