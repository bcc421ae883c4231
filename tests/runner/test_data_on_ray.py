"""Data of runs on a Ray cluster: sent by content to the nodes, and what they write brought to its datastore."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from parts.submitting import Folder, reason, until

from jupyter_ext.core.data.dataset import Dataset
from jupyter_ext.core.data.output import OutputFileDatasetConfig
from jupyter_ext.core.submission.distributed import PyTorchConfiguration
from jupyter_ext.core.submission.runconfig_data import DataReferenceConfiguration
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_ext.core.computes.compute import ComputeTarget
    from jupyter_ext.core.data.datastore import Datastore
    from jupyter_ext.core.runs.run import Run

SCRIPT = """
import json, os, sys
from azureml.core import Run
run = Run.get_context()
files, out, size = sys.argv[1:]
rank = os.environ["RANK"]
open(os.path.join(out, "rank-%s.txt" % rank), "w").write(open(os.path.join(files, "sub/b.csv")).read())
open(os.path.join(out, "both.bin"), "wb").write(bytes([int(rank)]) * int(size))
linked = open("given/table/a.csv").read()
listed = sorted(os.path.basename(path) for path in run.input_datasets["direct"].to_path())
print(json.dumps({"files": files, "linked": linked, "listed": listed}))
"""


@pytest.fixture
def store(folder: Folder) -> Datastore:
    """The default datastore, with two tables under ``t``."""
    workspace = folder.experiment.workspace
    place = workspace._paths.data / "workspaceblobstore" / "t"
    (place / "sub").mkdir(parents=True)
    (place / "a.csv").write_text("x,y\n1,one\n")
    (place / "sub" / "b.csv").write_text("x,y\n3,three\n")
    return workspace.get_default_datastore()


def test_data_goes_to_the_nodes_and_comes_back(folder: Folder, cluster: ComputeTarget, store: Datastore) -> None:
    output = OutputFileDatasetConfig("out", destination=(store, "written")).as_mount()
    dataset = Dataset.File.from_files((store, "t/**"))
    config = folder.config(
        SCRIPT,
        arguments=[dataset.as_named_input("files").as_mount(), output, 6_000_000],
        compute_target=cluster,
        distributed_job_config=PyTorchConfiguration("gloo", node_count=2),
    )
    table = Dataset.File.from_files((store, "t/a.csv")).as_named_input("table").as_download("given/table")
    config.run_config.data = {"table": table, "direct": dataset.as_named_input("direct")}
    run = folder.experiment.submit(config)
    until(lambda: run.get_status() in ("Completed", "Failed"), 120)
    assert run.get_status() == "Completed", reason(run)
    for log in run.paths.user_logs.iterdir():
        said = json.loads(log.read_text())
        assert "/cache-" in said["files"]  # the node's own
        assert said["linked"] == "x,y\n1,one\n"
        assert said["listed"] == ["a.csv", "b.csv"]
    written = _written(folder)
    assert [written.pop(f"rank-{rank}.txt") for rank in range(2)] == [b"x,y\n3,three\n"] * 2
    assert "both.bin" in written  # the other node's lies in a folder of that node's
    assert sorted(written.values()) == [bytes([rank]) * 6_000_000 for rank in range(2)]


def _written(folder: Folder) -> dict[str, bytes]:
    place: Path = folder.experiment.workspace._paths.data / "workspaceblobstore" / "written"
    return {file.relative_to(place).as_posix(): file.read_bytes() for file in place.rglob("*") if file.is_file()}


def test_what_a_cluster_cannot_have(folder: Folder, cluster: ComputeTarget, store: Datastore) -> None:
    def submit(what: object) -> Run:
        return folder.submit("print(1)\n", arguments=["--data", what], compute_target=cluster)

    named = Dataset.File.from_files((store, "t/**")).as_named_input("files")
    with pytest.raises(UserErrorException, match="at /data on a Ray cluster"):
        submit(named.as_mount("/data"))
    with pytest.raises(UserErrorException, match="at /out on a Ray cluster"):
        submit(OutputFileDatasetConfig("out", source="/out"))
    config = folder.config("print(1)\n", compute_target=cluster)
    config.run_config.data_references = {"old": DataReferenceConfiguration(store.name, "mount", "t")}
    with pytest.raises(UserErrorException, match="data reference old cannot be mounted"):
        folder.experiment.submit(config)
