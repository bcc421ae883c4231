"""A v1 notebook that trains in an image of its own, cell by cell, in a real kernel with a real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from parts.base_image import NAMES_IN_DOCUMENTS
from parts.kernel import Kernel, kernel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRAIN = """\
from pathlib import Path
from azureml.core import Run

run = Run.get_context()
for accuracy in (0.5, 0.75):
    run.log("accuracy", accuracy)
print("greeting", Path("/greeting").read_text().strip(), "in", Path("/etc/os-release").exists())
Path("outputs/model.txt").write_text("weights")
"""

pytestmark = pytest.mark.docker


@pytest.fixture
def notebook(engine: str, base_image: str, home: Path, tmp_path: Path) -> Iterator[Kernel]:
    assert base_image
    folder = tmp_path / "notebook"
    (folder / "example").mkdir(parents=True)
    (folder / "example" / "train.py").write_text(TRAIN)
    (folder / "Dockerfile").write_text(f"FROM {NAMES_IN_DOCUMENTS[0]}\nRUN echo from the file > /greeting\n")
    with kernel(folder, AML_HOME=str(home), DOCKER_HOST=engine) as started:
        yield started


def test_v1s_cells_run_as_they_stand(notebook: Kernel) -> None:
    run = notebook.ok
    run("from azureml.core import Environment, Workspace\nws = Workspace.from_config()")
    run("mine = Environment('mine')\nmine.docker.enabled = True")
    run(f"mine.docker.base_image = {NAMES_IN_DOCUMENTS[1]!r}\nmine.python.user_managed_dependencies = True")
    run(
        "registry = mine.docker.base_image_registry\nregistry.address = 'registry.example.com'\n"
        "registry.username = 'somebody'\nregistry.password = 'open' + 'sesame'"
    )
    run("mine.docker.base_image = None\nmine.docker.base_dockerfile = './Dockerfile'")
    told = run(
        "from azureml.core.compute import AmlCompute, ComputeTarget\n"
        "from azureml.core.compute_target import ComputeTargetException\n"
        "try:\n    target = ComputeTarget(workspace=ws, name='cluster')\n    print('found')\n"
        "except ComputeTargetException:\n    print('created')\n"
        "    asked = AmlCompute.provisioning_configuration(vm_size='STANDARD_NC6', max_nodes=4)\n"
        "    target = ComputeTarget.create(ws, 'cluster', asked)\n"
        "    target.wait_for_completion(show_output=True)\n"
        "print(target.get_status().serialize()['scaleSettings']['maxNodeCount'])"
    )
    assert told.text.startswith("created\n")
    assert told.text.endswith("4\n")
    run(
        "from azureml.core import Experiment, ScriptRunConfig\n"
        "where = {'source_directory': 'example', 'script': 'train.py'}\n"
        "src = ScriptRunConfig(**where, compute_target=target, environment=mine)\n"
        "run = Experiment(ws, 'in-an-image').submit(src)"
    )
    ended = run("details = run.wait_for_completion(show_output=True)\nprint(details['status'])")
    assert "greeting from the file in True" in ended.text
    assert ended.text.endswith("Completed\n")
    assert run("run.get_metrics()").value == "{'accuracy': [0.5, 0.75]}"
    assert "outputs/model.txt" in run("run.get_file_names()").value
    shown = run("from azureml.widgets import RunDetails\nRunDetails(run).show()")
    assert "Completed" in shown.shown
    assert run("RunDetails(run).get_widget_data()['status']").value == "'Completed'"


def test_the_password_is_written_nowhere(notebook: Kernel, home: Path) -> None:
    test_v1s_cells_run_as_they_stand(notebook)
    assert [file for file in home.rglob("*") if file.is_file() and b"opensesame" in file.read_bytes()] == []
