"""Data of runs: how inputs come to a script, and outputs to a datastore."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from parts.remote_data import SECRET, Bucket, Site
from parts.submitting import Folder, pid_of_runner, reason, said, until

from jupyter_ext.azureml.train.estimator import Estimator
from jupyter_ext.core.data.dataset import Dataset
from jupyter_ext.core.data.datastore import Datastore
from jupyter_ext.core.data.output import OutputFileDatasetConfig
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.submission.runconfig import RunConfiguration
from jupyter_ext.core.submission.runconfig_data import Data, DataReferenceConfiguration
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.data.data_cache import Size, prune

if TYPE_CHECKING:
    from jupyter_ext.core.runs.run import Run
    from jupyter_ext.core.workspaces.workspace import Workspace

WAIT = """
import os, sys, time
print("on", flush=True)
while not os.path.exists('outputs/go'): time.sleep(0.02)
print(open(sys.argv[1] + "/a.csv").read())
"""
TELL = """
import json, os, sys
from azureml.core import Run
run = Run.get_context()
def tell(path):
    if os.path.isfile(path):
        return open(path).read()
    return sorted(os.path.relpath(os.path.join(top, name), path) for top, _, names in os.walk(path) for name in names)
inputs = {name: tell(one) if isinstance(one, str) else type(one).__name__ for name, one in run.input_datasets.items()}
print(json.dumps({"argv": sys.argv[1:], "inputs": inputs, "env": dict(os.environ)}))
"""


@pytest.fixture
def store(workspace: Workspace) -> Datastore:
    """The default datastore, with two tables under ``t``."""
    folder = workspace._paths.data / "workspaceblobstore" / "t"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.csv").write_text("x,y\n1,one\n2,two\n")
    (folder / "sub" / "b.csv").write_text("x,y\n3,three\n")
    return workspace.get_default_datastore()


def ended(run: Run, status: str = "Completed") -> Run:
    run.wait_for_completion(raise_on_error=False)
    assert run.get_status() == status, (run.get_details().get("error"), said(run))
    return run


def told(run: Run) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(said(run).splitlines()[-1])
    return result


def test_a_mount_of_a_local_folder_is_the_folder(folder: Folder, store: Datastore) -> None:
    data = Dataset.File.from_files((store, "t/**"))
    run = ended(folder.submit(TELL, arguments=["--data", data.as_named_input("birds").as_mount(), "--lr", 0.1]))
    found = told(run)
    where = str(folder.experiment.workspace._paths.data / "workspaceblobstore" / "t")
    assert found["argv"] == ["--data", where, "--lr", "0.1"]
    assert found["env"]["birds"] == where
    assert found["env"]["AZUREML_DATASET_ENVIRONMENT_VARS"] == "birds:mount"
    assert found["inputs"] == {"birds": ["a.csv", "sub/b.csv"]}
    assert run.get_details()["runDefinition"]["arguments"] == [
        "--data",
        "DatasetConsumptionConfig:birds",
        "--lr",
        "0.1",
    ]
    assert run.get_details()["runDefinition"]["data"]["birds"]["mechanism"] == "mount"
    assert run._spec.command_line == "train.py --data $birds --lr 0.1"


def test_files_patterns_and_copies(folder: Folder, store: Datastore) -> None:
    single = Dataset.File.from_files((store, "t/a.csv"))
    every = Dataset.File.from_files((store, "t"))
    arguments = [
        single.as_named_input("single").as_mount(),
        single.as_named_input("copied").as_download(),
        Dataset.File.from_files((store, "t/*/*.csv")).as_named_input("some").as_mount(),
        every.take(1).as_named_input("first").as_mount(),
        every.as_named_input("folder").as_download(),
        every.as_named_input("direct"),
        f"--flag={single.as_named_input('single').as_mount()}",
    ]
    run = ended(folder.submit(TELL, arguments=arguments))
    found = told(run)
    text = "x,y\n1,one\n2,two\n"
    assert found["inputs"] == {
        "single": text,
        "copied": text,
        "some": ["sub/b.csv"],
        "first": ["a.csv"],
        "folder": ["a.csv", "sub/b.csv"],
        "direct": "FileData",
    }
    assert found["argv"][0].endswith("/data/single/a.csv")
    assert found["argv"][6] == f"--flag={found['argv'][0]}"
    assert found["argv"][5] == run.get_details()["inputDatasets"][-1]["dataset"]["id"]
    left = sorted(path.name for path in run.paths.data.iterdir())
    assert left == ["inputs.json", "prepared.json"]
    assert (folder.experiment.workspace._paths.data / "workspaceblobstore" / "t" / "a.csv").read_text() == text


def test_a_copy_is_the_scripts_own(folder: Folder, store: Datastore) -> None:
    data = Dataset.File.from_files((store, "t/a.csv"))
    ended(folder.submit("import sys\nopen(sys.argv[1], 'w').write('new')\n", arguments=[data.as_download()]))
    assert Path(data.download(str(folder.path / "out"))[0]).read_text().startswith("x,y")


def test_a_table_is_read_in_the_run(folder: Folder, store: Datastore) -> None:
    table = Dataset.Tabular.from_delimited_files((store, "t/**/*.csv"))
    table = table.filter(table["x"] > 1).register(store.workspace, "table")
    run = folder.submit(
        "import os, sys\nfrom azureml.core import Dataset, Run\nrun = Run.get_context()\n"
        "table = run.input_datasets['train']\nprint(table.name, table.version, os.environ['train'] == sys.argv[1])\n"
        "print(table.to_pandas_dataframe()['y'].tolist(), table.take(1).to_pandas_dataframe()['y'].tolist())\n"
        "ws = run.experiment.workspace\n"
        "print(Dataset.get_by_id(ws, id=sys.argv[1]).to_pandas_dataframe().shape)\n"
        "print(Dataset.get_by_name(ws, 'table').to_pandas_dataframe().shape)\n"
        "try:\n    Dataset.get_by_name(ws, 'nope')\nexcept Exception as error:\n    print(error.message)\n",
        arguments=[table.as_named_input("train")],
    )
    lines = said(ended(run)).splitlines()
    assert lines[:4] == ["table 1 True", "['two', 'three'] ['two']", "(2, 2)", "(2, 2)"]
    assert lines[4].startswith("The run was not given a dataset of name 'nope' (its inputs: train).")
    (given,) = run.get_details()["inputDatasets"]
    assert given["dataset"] == {"id": table.id, "name": "table", "version": 1}
    assert given["consumptionDetails"]["inputName"] == "train"
    assert given["consumptionDetails"]["mechanism"] == "Direct"


def test_a_script_finds_what_it_was_not_given(folder: Folder, store: Datastore) -> None:
    Dataset.Tabular.from_delimited_files((store, "t/**/*.csv")).register(store.workspace, "table")
    files = Dataset.File.from_files((store, "t")).take(1).register(store.workspace, "some files")
    run = folder.submit(
        "import sys\nfrom azureml.core import Dataset, Run\nws = Run.get_context().experiment.workspace\n"
        "print(Dataset.get_by_name(ws, name='table').to_pandas_dataframe()['x'].tolist())\n"
        "print(Dataset.get_by_name(ws, 'some files', version=1).to_path(), Dataset.get_by_id(ws, sys.argv[1]).name)\n",
        arguments=[files.id],
    )
    assert said(ended(run)) == "[1, 2, 3]\n['/a.csv'] some files\n"


def test_a_script_makes_a_table_of_an_address(folder: Folder, site: Site) -> None:
    (site.folder / "a.csv").write_text("x\n1\n2\n")
    run = folder.submit(
        "import sys\nfrom azureml.data.dataset_factory import TabularDatasetFactory\nfrom azureml.core import Dataset\n"
        "print(TabularDatasetFactory.from_delimited_files(sys.argv[1]).to_pandas_dataframe()['x'].sum())\n"
        "print(Dataset.Tabular.from_delimited_files(path=[sys.argv[1]]).take(1).to_pandas_dataframe()['x'].sum())\n",
        arguments=[f"{site.address}/a.csv"],
    )
    assert said(ended(run)) == "3\n1\n"


def test_a_run_that_is_killed_leaves_no_copies(folder: Folder, store: Datastore) -> None:
    data = Dataset.File.from_files((store, "t"))
    run = folder.running("import time\nprint('on', flush=True)\ntime.sleep(300)\n", arguments=[data.as_download()])
    (copies,) = [path for path in run.paths.data.iterdir() if path.is_dir()]
    os.kill(pid_of_runner(run), signal.SIGKILL)
    run.cancel()
    ended(run, "Canceled")
    until(lambda: not copies.exists())


def test_data_wait_in_the_line_with_their_run(folder: Folder, store: Datastore) -> None:
    first = folder.running("import time\nprint('on', flush=True)\ntime.sleep(300)\n")
    data = Dataset.File.from_files((store, "t/*.csv"))
    second = folder.submit(TELL, arguments=[data.as_named_input("birds").as_mount()])
    until(lambda: second.get_status() == "Queued")
    first.cancel()
    assert told(ended(second))["inputs"] == {"birds": ["a.csv"]}


def test_a_path_that_the_script_names(folder: Folder, store: Datastore, tmp_path: Path) -> None:
    data = Dataset.File.from_files((store, "t"))
    there = tmp_path / "there"
    arguments = [
        data.as_named_input("near").as_mount("data/in"),
        data.as_named_input("far").as_download(str(there)),
    ]
    run = ended(folder.submit(TELL + "print(json.dumps([tell('data/in'), tell(sys.argv[2])]))\n", arguments=arguments))
    assert json.loads(said(run).splitlines()[-1]) == [["a.csv", "sub/b.csv"]] * 2
    assert not os.path.lexists(there)
    there.mkdir()
    (there / "mine").touch()
    run = ended(folder.submit(TELL, arguments=arguments), "Failed")
    assert "something else is there" in reason(run)
    assert (there / "mine").exists()


def test_a_data_reference(folder: Folder, store: Datastore) -> None:
    reference = store.path("t", "birds").as_mount()
    run = ended(
        folder.submit(
            TELL + "print(open(os.path.join(sys.argv[2], 'a.csv')).readline(), tell(sys.argv[4]), tell(sys.argv[5]))\n"
            "open(os.path.join(os.environ['AZUREML_DATAREFERENCE_made'], 'new.txt'), 'w').write('new')\n"
            "open(os.path.join(sys.argv[7], 'up.txt'), 'w').write('up')\nprint(tell(sys.argv[8]))\n",
            arguments=[
                "--a",
                reference,
                "--b",
                str(store.path("t", "birds")),
                store.path("t/sub").as_download(),
                store.path("made/here", "made"),
                store.path("uploaded", "up").as_upload(),
                store.path("t/a.csv").as_mount(),
            ],
        )
    )
    assert "['a.csv', 'sub/b.csv'] ['b.csv']" in said(run)
    assert said(run).endswith("x,y\n1,one\n2,two\n\n")
    held = folder.experiment.workspace._paths.data / "workspaceblobstore"
    assert (held / "made" / "here" / "new.txt").read_text() == "new"
    assert (held / "uploaded" / "up.txt").read_text() == "up"
    definition = run.get_details()["runDefinition"]
    assert definition["dataReferences"]["birds"]["pathOnDataStore"] == "t"
    assert definition["arguments"][1] == "$AZUREML_DATAREFERENCE_birds"


def test_data_of_a_run_configuration(folder: Folder, store: Datastore) -> None:
    data = Dataset.File.from_files((store, "t")).register(store.workspace, "birds")
    configuration = RunConfiguration()
    configuration.data["one"] = Data.create(data.as_named_input("one").as_mount())
    configuration.data["two"] = data.as_named_input("two").as_download()
    configuration.data["three"] = Data({"dataset": {"name": "birds"}}, mechanism="Mount")
    configuration.data_references["ref"] = store.path("t").as_mount().to_config()
    (folder.path / ".azureml").mkdir()
    configuration.save(str(folder.path), "saved")
    loaded = RunConfiguration.load(str(folder.path), "saved")
    assert isinstance(loaded.data["two"], Data)
    assert isinstance(loaded.data_references["ref"], DataReferenceConfiguration)
    found = told(ended(folder.submit(TELL, run_config=loaded)))
    assert found["inputs"] == {name: ["a.csv", "sub/b.csv"] for name in ("one", "two", "three")}
    assert found["env"]["AZUREML_DATAREFERENCE_ref"].endswith("/workspaceblobstore/t")


def test_a_shell_command(folder: Folder, store: Datastore) -> None:
    data = Dataset.File.from_files((store, "t"))
    command = ["ls", data.as_named_input("birds").as_mount(), "&&", "echo", "$birds", "|", "wc", "-l"]
    assert said(ended(folder.submit(command=command))).split() == ["a.csv", "sub", "1"]


def test_an_estimator(folder: Folder, store: Datastore) -> None:
    folder.write(TELL)
    data = Dataset.File.from_files((store, "t"))
    params = {"--data-folder": data.as_named_input("mnist").as_mount(), "--regularization": 0.8, "--bare": ""}
    inputs = [data.as_named_input("more").as_download(), store.path("t/sub", "ref").as_mount(), store]
    estimator = Estimator(
        str(folder.path),
        script_params=params,
        inputs=inputs,
        compute_target="local",
        entry_script="train.py",
        use_docker=False,
        user_managed=True,
    )
    found = told(ended(folder.experiment.submit(estimator)))
    assert found["inputs"] == {"mnist": ["a.csv", "sub/b.csv"], "more": ["a.csv", "sub/b.csv"]}
    assert found["argv"][2:] == ["--regularization", "0.8", "--bare"]
    assert found["env"]["AZUREML_DATAREFERENCE_ref"].endswith("/t/sub")
    assert found["env"]["AZUREML_DATAREFERENCE_workspaceblobstore"].endswith("/workspaceblobstore")


def test_what_cannot_be_submitted_leaves_nothing(folder: Folder, store: Datastore) -> None:
    data = Dataset.File.from_files((store, "t"))
    workspace = store.workspace

    def refused(match: str, *arguments: Any) -> None:
        with pytest.raises(UserErrorException, match=match):
            folder.submit(TELL, arguments=list(arguments))

    refused(r"as_named_input\('name'\)", data)
    refused(r"A Datastore cannot be an argument", store)
    refused("have the name 'x'", data.as_named_input("x").as_mount(), data.take(1).as_named_input("x").as_mount())
    refused(
        "Input 'x' cannot be used: there is nothing",
        Dataset.File.from_files((store, "nope"), validate=False).as_named_input("x").as_mount(),
    )
    for path in ("../x", "a/../../x", "."):
        refused("is not in the script's folder", data.as_named_input("x").as_mount(path))
    refused("is not in the script's folder", OutputFileDatasetConfig("x", source="../x"))
    refused("leads out of datastore", OutputFileDatasetConfig("x", (store, "../x")))
    refused("leads out of datastore", store.path("../x"))
    assert list(folder.experiment.get_runs()) == []
    assert not workspace._paths.datasets.exists()


def test_outputs(folder: Folder, store: Datastore) -> None:
    kept = OutputFileDatasetConfig("kept").register_on_complete("results", "words", {"a": 1})  # type: ignore[dict-item]
    named = OutputFileDatasetConfig(destination=(store, "out/{run-id}/{output-name}"), name="named")
    sent = OutputFileDatasetConfig("sent", destination=(store, "sent")).as_upload(source_globs=["*.csv"])
    table = OutputFileDatasetConfig("table", (store, "tables")).read_delimited_files(path_glob="*.csv")
    source = OutputFileDatasetConfig("source", (store, "source"), source="results/deep")
    run = folder.submit(
        "import os, sys\nfrom azureml.core import Run\nrun = Run.get_context()\n"
        "print(sorted(run.output_datasets))\n"
        "for name, path in run.output_datasets.items():\n"
        "    assert path == os.environ[name]\n"
        "    for file in ('a.csv', 'b.txt'):\n        open(os.path.join(path, file), 'w').write('x\\n1\\n')\n"
        "print(os.path.exists('results/deep/a.csv'))\n",
        arguments=["--kept", kept, named, sent, table.register_on_complete("table"), source],
    )
    ended(run)
    assert said(run) == "['kept', 'named', 'sent', 'source', 'table']\nTrue\n"
    results = Dataset.get_by_name(store.workspace, "results")
    assert (results.to_path(), results.description, results.tags) == (["/a.csv", "/b.txt"], "words", {"a": "1"})
    assert Dataset.File.from_files((store, f"out/{run.id}/named")).to_path() == ["/a.csv", "/b.txt"]
    assert Dataset.File.from_files((store, "sent")).to_path() == ["/a.csv"]
    assert Dataset.File.from_files((store, "source")).to_path() == ["/a.csv", "/b.txt"]
    assert Dataset.get_by_name(store.workspace, "table").to_pandas_dataframe()["x"].tolist() == [1]
    details = {one["outputDetails"]["outputName"]: one for one in run.get_details()["outputDatasets"]}
    assert details["kept"]["dataset"] == {"id": results.id, "name": "results", "version": 1}
    assert sorted(details) == ["kept", "named", "sent", "source", "table"]
    again = ended(folder.submit(arguments=[kept], script="train.py"))
    assert Dataset.get_by_name(store.workspace, "results").version == 2
    assert again.get_details()["outputDatasets"][0]["dataset"]["version"] == 2


def test_an_output_becomes_a_table_of_parquet_files(folder: Folder, store: Datastore) -> None:
    output = OutputFileDatasetConfig("table", (store, "tables"))
    table = output.read_parquet_files(
        include_path=True, partition_format="/{year}/*.parquet", path_glob="**/*.parquet"
    ).register_on_complete("table")
    run = folder.submit(
        "import os, pandas\n"
        "for year in '2020', '2021':\n"
        "    place = os.path.join(os.environ['table'], year)\n"
        "    os.makedirs(place)\n"
        "    pandas.DataFrame({'x': [int(year)]}).to_parquet(os.path.join(place, 'a.parquet'))\n"
        "    open(os.path.join(place, 'read.me'), 'w').write('no table')\n",
        arguments=[table],
    )
    ended(run)
    frame = Dataset.get_by_name(store.workspace, "table").to_pandas_dataframe()
    assert frame["x"].tolist() == [2020, 2021]
    assert frame["year"].tolist() == ["2020", "2021"]
    assert frame["Path"].str.endswith("a.parquet").all()


def test_outputs_of_a_run_that_fails(folder: Folder, store: Datastore) -> None:
    mounted = OutputFileDatasetConfig("mounted", (store, "mounted")).register_on_complete("mounted")
    far = OutputFileDatasetConfig("far", (store, "far"), source="far")
    sent = OutputFileDatasetConfig("sent", (store, "sent")).as_upload()
    run = folder.submit(
        "import sys\nfor path in sys.argv[1:]:\n    open(path + '/a.txt', 'w').write('x')\nraise SystemExit(3)\n",
        arguments=[mounted, far, sent],
    )
    ended(run, "Failed")
    held = folder.experiment.workspace._paths.data / "workspaceblobstore"
    assert (held / "mounted" / "a.txt").exists()
    assert (held / "far" / "a.txt").exists()
    assert not (held / "sent").exists()
    assert store.workspace.datasets == {}
    assert (run.paths.data / "sent" / "a.txt").exists()


def test_an_output_that_may_not_be_written_over(folder: Folder, store: Datastore) -> None:
    sent = OutputFileDatasetConfig("sent", (store, "sent")).as_upload()
    script = "import sys\nopen(sys.argv[1] + '/a.txt', 'a').write('x')\n"
    ended(folder.submit(script, arguments=[sent]))
    run = ended(folder.submit(script, arguments=[sent]), "Failed")
    assert "a.txt is at" in reason(run)
    ended(folder.submit(script, arguments=[sent.as_upload(overwrite=True)]))


def test_a_bucket(folder: Folder, workspace: Workspace, bucket: Bucket) -> None:
    bucket.put("in/a.csv", b"x\n1\n")
    bucket.put("in/sub/b.csv", b"x\n2\n")
    store = Datastore.register_url(workspace, "s3", f"s3://{bucket.name}", **bucket.credentials)
    data = Dataset.File.from_files((store, "in"))
    table = Dataset.Tabular.from_delimited_files((store, "in/**/*.csv"))
    out = OutputFileDatasetConfig("out", (store, "out")).register_on_complete("results")
    script = TELL + (
        "print(run.input_datasets['table'].to_pandas_dataframe()['x'].sum())\n"
        "open(run.output_datasets['out'] + '/r.txt', 'w').write('result')\n"
    )
    arguments = [
        data.as_named_input("mounted").as_mount(),
        data.as_named_input("copied").as_download(),
        table.as_named_input("table"),
        out,
    ]
    run = ended(folder.submit(script, arguments=arguments))
    assert said(run).splitlines()[-1] == "3"
    assert bucket.get("out/r.txt") == b"result"
    assert Dataset.get_by_name(workspace, "results").to_path() == ["/r.txt"]
    root = workspace._paths.root
    assert not [file for file in root.rglob("*") if file.is_file() and SECRET.encode() in file.read_bytes()]
    copies = list(workspace._paths.data_cache.rglob("*.csv"))
    assert len(copies) == 2
    ended(folder.submit(script, arguments=arguments))
    assert list(workspace._paths.data_cache.rglob("*.csv")) == copies


def not_asked_for(workspace: Workspace, since: float = 3600) -> None:
    """Let every copy be one that was asked for last so many seconds ago."""
    for folder in workspace._paths.data_cache.glob("*/*"):
        os.utime(folder, (time.time() - since,) * 2)


def test_copies_that_no_live_run_uses_are_pruned(folder: Folder, workspace: Workspace, bucket: Bucket) -> None:
    bucket.put("in/a.csv", b"x\n1\n")
    bucket.put("in/b.csv", b"x\n22\n")
    store = Datastore.register_url(workspace, "s3", f"s3://{bucket.name}", **bucket.credentials)
    data = Dataset.File.from_files((store, "in"))
    cache, catalogue = workspace._paths.data_cache, workspace._catalogue
    assert prune(workspace._paths, catalogue) == (Size(), Size())
    with data.mount() as mounted:
        not_asked_for(workspace)
        run = folder.running(WAIT, arguments=[data.as_named_input("data").as_mount()])
        bucket.put("in/b.csv", b"x\n333\n")  # another state of it
        old = cache / "0a" / "0123"
        old.mkdir(parents=True)
        (old / "c.csv").write_bytes(b"x\n4\n")
        os.utime(old, (1, 1))
        assert prune(workspace._paths, catalogue, dry=True)[0] == Size(1, 4)
        gone, stay = prune(workspace._paths, catalogue)
        assert (gone, stay.files) == (Size(1, 4), 2)
        (run.paths.outputs / "go").touch()
        ended(run)
        assert said(run) == "on\nx\n1\n\n"
        assert prune(workspace._paths, catalogue)[1].files == 2  # who has just asked for them may be about to open them
        not_asked_for(workspace)
        assert prune(workspace._paths, catalogue) == (Size(2, 0), Size())
        assert (Path(mounted.mount_point) / "b.csv").read_bytes() == b"x\n22\n"
    assert [path.name for path in cache.iterdir()] == [".lock"]
    ended(folder.submit(WAIT.replace("while", "while 0 and"), arguments=[data.as_named_input("data").as_mount()]))
    assert {file.read_bytes() for file in cache.rglob("*.csv")} == {b"x\n1\n", b"x\n333\n"}


def test_a_bucket_that_is_written_to(folder: Folder, workspace: Workspace, bucket: Bucket) -> None:
    bucket.put("in/a.csv", b"x\n1\n")
    store = Datastore.register_url(workspace, "s3", f"s3://{bucket.name}", **bucket.credentials)
    script = TELL + (
        "for path in sys.argv[1:3]:\n    open(os.path.join(path, 'new.txt'), 'w').write('new')\n"
        "print(tell(sys.argv[1]), tell(sys.argv[2]))\nraise SystemExit(3)\n"
    )
    run = ended(folder.submit(script, arguments=[store.path("in", "old"), store.path("made/here", "made")]), "Failed")
    assert said(run).splitlines()[-1] == "['a.csv', 'new.txt'] ['new.txt']"
    assert bucket.keys() == ["in/a.csv", "in/new.txt", "made/here/new.txt"]
    assert bucket.get("in/a.csv") == b"x\n1\n"


def test_what_cannot_be_copied_back_is_kept(folder: Folder, workspace: Workspace, bucket: Bucket) -> None:
    bucket.put("in/a.csv", b"x\n1\n")
    store = Datastore.register_url(workspace, "s3", f"s3://{bucket.name}", **bucket.credentials)
    script = (
        "import os, sys, time\nopen(sys.argv[1] + '/new.txt', 'w').write('new')\nprint('on', flush=True)\n"
        "while not os.path.exists('outputs/go'): time.sleep(0.02)\n"
    )
    run = folder.running(script, arguments=[store.path("in", "old")])
    bucket.remove()
    (run.paths.outputs / "go").touch()
    ended(run, "Failed")
    kept = run.paths.data / "old"
    assert (kept / "new.txt").read_text() == "new"
    assert f"was not copied back; it is kept at {kept}" in run.paths.events.read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="another's files are read-only to whoever is not root")
def test_root_writes_to_its_own_copies(folder: Folder, workspace: Workspace, bucket: Bucket) -> None:
    bucket.put("in/a.csv", b"x\n1\n")
    bucket.put("in/b.csv", b"x\n2\n")
    store = Datastore.register_url(workspace, "s3", f"s3://{bucket.name}", **bucket.credentials)
    data = Dataset.File.from_files((store, "in")).as_named_input("data").as_mount()
    script = "import sys\nfor path in sys.argv[1:]:\n    open(path + '/a.csv', 'w').write('changed')\n"
    run = ended(folder.submit(script, arguments=[data, store.path("in", "ref")]))
    assert {file.read_bytes() for file in workspace._paths.data_cache.rglob("*.csv")} == {b"x\n1\n", b"x\n2\n"}
    assert bucket.get("in/a.csv") == b"changed"
    assert "data reference ref: 1 new file to" in run.paths.events.read_text()


def test_what_is_gone_when_the_run_is_prepared(folder: Folder, workspace: Workspace, bucket: Bucket) -> None:
    store = Datastore.register_url(workspace, "s3", f"s3://{bucket.name}", **bucket.credentials)
    data = Dataset.File.from_files((store, "nope"), validate=False)
    run = ended(folder.submit(TELL, arguments=[data.as_mount()]), "Failed")
    assert "there is nothing at s3://" in reason(run)


@pytest.mark.docker
@pytest.mark.usefixtures("base_image")
def test_a_container(tmp_path: Path, workspace: Workspace, store: Datastore, base_image: str, site: Site) -> None:
    boxed = Folder(tmp_path / "src", workspace)
    (site.folder / "w.csv").write_text("x\n7\n")
    data = Dataset.File.from_files((store, "t"))
    web = Dataset.File.from_files(f"{site.address}/w.csv")
    kept = OutputFileDatasetConfig("kept", (store, "kept"))
    sent = OutputFileDatasetConfig("sent", (store, "sent")).as_upload()
    script = TELL + (
        "for path in run.output_datasets.values():\n    open(path + '/r.txt', 'w').write('result')\n"
        "print(json.dumps([tell('near'), tell('/far')]))\n"
        "try:\n    open(run.input_datasets['whole'] + '/new', 'w')\n"
        "except OSError as error:\n    print(error.strerror)\n"
    )
    arguments = [
        data.as_named_input("whole").as_mount(),
        Dataset.File.from_files((store, "t/*/*.csv")).as_named_input("some").as_mount(),
        Dataset.File.from_files((store, "t/a.csv")).as_named_input("single").as_mount(),
        data.as_named_input("copied").as_download(),
        data.as_named_input("near").as_mount("near"),
        data.as_named_input("far").as_mount("/far"),
        web.as_named_input("web").as_mount(),
        store.path("t", "ref"),
        kept,
        sent,
    ]
    run = boxed.submit(script, arguments=arguments, environment=Environment.from_docker_image("boxed", base_image))
    lines = said(ended(run)).splitlines()
    found = json.loads(lines[0])
    names = ["a.csv", "sub/b.csv"]
    assert found["inputs"] == {
        "whole": names,
        "some": ["sub/b.csv"],
        "single": "x,y\n1,one\n2,two\n",
        "copied": names,
        "near": names,
        "far": names,
        "web": "x\n7\n",
    }
    assert found["argv"][0] == "/aml/data/whole"
    assert found["argv"][7] == "/aml/data/ref"
    assert json.loads(lines[1]) == [names, names]
    assert lines[2] == "Read-only file system"
    for name in ("kept", "sent"):
        assert Dataset.File.from_files((store, name)).to_path() == ["/r.txt"]


@pytest.mark.docker
def test_links_out_of_a_container_are_not_followed(
    tmp_path: Path, workspace: Workspace, store: Datastore, base_image: str
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "secret.txt").write_text("mine")
    script = (
        "import os, sys\nfor path in sys.argv[1:4]:\n    open(path + '/r.txt', 'w').write('result')\n"
        "os.rename(sys.argv[1], sys.argv[1] + '.old'); os.symlink(sys.argv[4], sys.argv[1])\n"
        "os.symlink(sys.argv[4], sys.argv[2] + '/folder')\n"
        "os.symlink(sys.argv[4] + '/secret.txt', sys.argv[2] + '/file')\n"
        "os.symlink('r.txt', sys.argv[3] + '/same.txt')\n"
    )
    outs = [OutputFileDatasetConfig(name, (store, f"out/{name}")).as_upload() for name in ("whole", "parts", "own")]
    boxed = Folder(tmp_path / "src", workspace)
    image = Environment.from_docker_image("boxed", base_image)
    ended(boxed.submit(script, arguments=[*outs, str(tmp_path / "mine")], environment=image))
    held = workspace._paths.data / "workspaceblobstore" / "out"
    assert sorted(str(file.relative_to(held)) for file in held.rglob("*") if file.is_file()) == [
        "own/r.txt",
        "own/same.txt",
        "parts/r.txt",
    ]
