"""Runs the example notebooks from top to bottom, as a reader would, in a copy of their folder."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from parts.conda_channel import Channel

FOLDER = Path(__file__).resolve().parent.parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
NAMES = [path.name for path in NOTEBOOKS]
ON_A_CLUSTER = "distributed.ipynb"
PUBLIC_IMAGE = "python:3.11-slim"
SECONDS = 600


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run home that the notebooks share, so that environments are built once."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def public_image(engine: str, base_image: str) -> None:
    """The image that the notebooks start from, under its public name."""
    subprocess.run(["docker", "-H", engine, "tag", base_image, PUBLIC_IMAGE], check=True)


@pytest.fixture(autouse=True)
def conda_forge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A channel of the name that the notebooks use, with a package of theirs."""
    channel = Channel(tmp_path / "channels" / "conda-forge")
    channel.add_python()
    files = {
        "site-packages/tqdm.py": "__version__ = '4.0'\n",
        "site-packages/tqdm-4.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tqdm\nVersion: 4.0\n",
    }
    channel.add("tqdm", "4.0", files, ["python"], noarch="python")
    channel.index()
    monkeypatch.setenv("CONDA_CHANNEL_ALIAS", channel.root.parent.as_uri())
    monkeypatch.setenv("RATTLER_CACHE_DIR", str(tmp_path / "conda-cache"))


def run_notebook(name: str, home: Path, folder: Path, *, engine: bool) -> nbformat.NotebookNode:
    """Run a copy of a notebook; with an engine, its cells for an engine have to succeed too."""
    shutil.copytree(FOLDER, folder)
    notebook = nbformat.read(folder / name, as_version=4)
    if engine:
        for cell in notebook.cells:
            cell.metadata.pop("tags", None)
    client = NotebookClient(notebook, timeout=SECONDS, resources={"metadata": {"path": str(folder)}})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AML_HOME", str(home))
        client.execute()
    return notebook


def text_of(cell: nbformat.NotebookNode) -> str:
    """Return what a cell said, as plain text."""
    parts = []
    for output in cell.outputs:
        parts.append(output.get("text", ""))
        parts.append(output.get("data", {}).get("text/plain", ""))
        parts.append(output.get("evalue", ""))
    return "\n".join(parts)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_saved_clean(name: str) -> None:
    notebook = nbformat.read(FOLDER / name, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) >= (4, 5)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)


@pytest.mark.torch
@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("name", [name for name in NAMES if name != ON_A_CLUSTER])
@pytest.mark.usefixtures("no_engine")
def test_a_notebook_runs_without_an_engine(name: str, home: Path, tmp_path: Path) -> None:
    notebook = run_notebook(name, home, tmp_path / "notebooks", engine=False)
    needy = [cell for cell in notebook.cells if "needs-engine" in cell.metadata.get("tags", [])]
    assert needy or name != "quickstart.ipynb"
    assert all("engine" in text_of(cell).lower() for cell in needy[:1])


@pytest.mark.docker
@pytest.mark.torch
@pytest.mark.timeout(SECONDS)
@pytest.mark.usefixtures("public_image")
def test_the_quickstart_trains_and_compares_with_an_engine(home: Path, tmp_path: Path) -> None:
    notebook = run_notebook("quickstart.ipynb", home, tmp_path / "notebooks", engine=True)
    said = "\n".join(text_of(cell) for cell in notebook.cells if cell.cell_type == "code").splitlines()
    (accuracy,) = [line for line in said if line.startswith("accuracy ")]
    assert float(accuracy.split()[-1]) > 0.9
    assert any("average bird: " in line for line in said)
    assert (tmp_path / "notebooks" / "model" / "model.pt").stat().st_size > 100_000


@pytest.mark.docker
@pytest.mark.timeout(SECONDS)
@pytest.mark.usefixtures("public_image")
def test_every_kind_of_environment_is_built_with_an_engine(home: Path, tmp_path: Path) -> None:
    notebook = run_notebook("environments.ipynb", home, tmp_path / "notebooks", engine=True)
    said = {cell.id: text_of(cell) for cell in notebook.cells if cell.cell_type == "code"}
    for cell in ("pip", "conda", "python", "dockerfile", "image"):
        assert re.search(r"  (built in|up to date)", said[cell]), said[cell]
    assert "Succeeded" in said["v1"]
    assert "Succeeded" in said["context"]
    assert "python=3" in said["curated"]
    assert re.search(r"package tqdm +— +4.0", said["compare"]), said["compare"]
    for name in ("words", "forge", "bound", "mine", "from-file", "from-dockerfile", "on-image", "from-folder"):
        assert f"{name}:" in said["envs"]  # the next version, where the run without an engine registered it too


@pytest.mark.timeout(SECONDS)
@pytest.mark.usefixtures("no_engine")
def test_the_data_notebook_reads_and_writes(home: Path, tmp_path: Path) -> None:
    notebook = run_notebook("data.ipynb", home, tmp_path / "notebooks", engine=False)
    said = [text_of(cell) for cell in notebook.cells if cell.cell_type == "code"]
    assert "Uploaded 2 files" in said[1]
    assert "/2023.csv" in said[2]
    assert "wren" not in said[3]
    assert "delimited" in said[4]
    assert "crow,31" in said[6]
    assert "'no wrens'" in said[8]
    assert "".join(said[9].split()) == "kind,wingtit,11tit,12kind,wingcrow,31"


@pytest.mark.torch
@pytest.mark.timeout(SECONDS)
@pytest.mark.usefixtures("no_engine")
def test_two_nodes_of_a_ray_cluster_learn_the_same(home: Path, tmp_path: Path) -> None:
    notebook = run_notebook(ON_A_CLUSTER, home, tmp_path / "notebooks", engine=False)
    said = {cell.id: text_of(cell) for cell in notebook.cells if cell.cell_type == "code"}
    assert "[1.0, 1.0]" in said["cluster"]
    assert "Completed" in said["wait"]
    losses = [float(value) for value in re.findall(r"'loss of node \d': ([\d.]+)", said["same"])]
    assert len(losses) == 2
    assert max(losses) < 0.1
    assert "outputs/weights-0.pt" in said["same"]
    assert re.findall(r"\((\d), ", said["nodes"]) == ["0", "1"]
