from __future__ import annotations

import sys
from pathlib import Path

import pytest
from parts.remote_data import SECRET, Bucket

from jupyter_ext.core.data.datastore import Datastore
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException, WorkspaceException


@pytest.fixture
def source(in_folder: Path) -> Path:
    (in_folder / "src" / "sub").mkdir(parents=True)
    (in_folder / "src" / "a.txt").write_text("a")
    (in_folder / "src" / "sub" / "b.txt").write_text("b")
    return in_folder / "src"


def in_the_clear(workspace: Workspace, secret: str) -> list[Path]:
    root = workspace._paths.root
    return [file for file in root.rglob("*") if file.is_file() and secret.encode() in file.read_bytes()]


def test_every_workspace_has_two_and_the_first_is_the_default(workspace: Workspace) -> None:
    assert list(workspace.datastores) == ["workspaceblobstore", "workspacefilestore"]
    default = workspace.get_default_datastore()
    assert (default.name, default.datastore_type) == ("workspaceblobstore", "AzureBlob")
    assert default == Datastore.get(workspace, "workspaceblobstore") == Datastore.get_default(workspace)
    assert default.container_name == "azureml-blobstore"


def test_another_can_be_the_default(workspace: Workspace, tmp_path: Path) -> None:
    mine = Datastore.register_url(workspace, "mine", str(tmp_path))
    workspace.set_default_datastore("mine")
    assert workspace.get_default_datastore() == mine
    mine.unregister()
    assert workspace.get_default_datastore().name == "workspaceblobstore"
    assert "mine" not in workspace.datastores
    assert tmp_path.is_dir()


def test_uploading_says_what_it_does(workspace: Workspace, source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = workspace.get_default_datastore()
    reference = store.upload("src", "birds")
    assert capsys.readouterr().out.splitlines() == [
        "Uploading an estimated of 2 files",
        "Uploading src/a.txt",
        "Uploaded src/a.txt, 1 files out of an estimated total of 2",
        "Uploading src/sub/b.txt",
        "Uploaded src/sub/b.txt, 2 files out of an estimated total of 2",
        "Uploaded 2 files",
    ]
    assert (reference.datastore, reference.path_on_datastore) == (store, "birds")
    (source / "a.txt").write_text("new")
    store.upload(src_dir="src", target_path="birds")
    assert "Target already exists. Skipping upload for birds/a.txt" in capsys.readouterr().out
    store.upload("src", "birds", overwrite=True, show_progress=False)
    assert capsys.readouterr().out == ""
    assert store.download("out", prefix="birds") == 2
    assert capsys.readouterr().out.splitlines()[:2] == [
        "Downloading birds/a.txt",
        "Downloaded birds/a.txt, 1 files out of an estimated total of 2",
    ]
    assert Path("out/birds/a.txt").read_text() == "new"
    Path("out/birds/a.txt").write_text("mine")
    store.download("out", "birds")
    assert Path("out/birds/a.txt").read_text() == "mine"
    assert store.download("out", "nothing") == 0


@pytest.mark.usefixtures("source")
def test_a_workspace_with_data_is_not_deleted_by_the_way(workspace: Workspace) -> None:
    workspace.get_default_datastore().upload("src", show_progress=False)
    with pytest.raises(WorkspaceException, match=r"holds data.*delete_dependent_resources=True"):
        workspace.delete()


def test_uploading_files(workspace: Workspace, source: Path) -> None:
    store = workspace.get_default_datastore()
    store.upload_files(["src/a.txt", str(source / "sub" / "b.txt")], target_path="flat", show_progress=False)
    store.upload_files(["src/sub/b.txt"], "src", "deep", show_progress=False)
    store.download("out", show_progress=False)
    found = sorted(path.relative_to("out").as_posix() for path in Path("out").rglob("*.txt"))
    assert found == ["deep/sub/b.txt", "flat/a.txt", "flat/b.txt"]


@pytest.mark.usefixtures("source")
def test_what_cannot_be_uploaded(workspace: Workspace) -> None:
    store = workspace.get_default_datastore()
    with pytest.raises(UserErrorException, match="The folder nope is not there"):
        store.upload("nope")
    with pytest.raises(UserErrorException, match="is a file: use upload_files"):
        store.upload("src/a.txt")
    with pytest.raises(UserErrorException, match="There is no file src: use upload for a folder"):
        store.upload_files(["src"])
    with pytest.raises(UserErrorException, match="files is a list"):
        store.upload_files("src/a.txt")  # type: ignore[arg-type]
    with pytest.raises(UserErrorException, match="leads out of datastore"):
        store.upload("src", "../../x")


def test_a_folder_of_this_machine(workspace: Workspace, source: Path) -> None:
    store = Datastore.register_url(workspace, "mine", "src")
    assert (store.datastore_type, store.url) == ("Custom", f"file://{source}")
    assert store.download("out", "sub", show_progress=False) == 1
    assert Path("out/sub/b.txt").read_text() == "b"
    assert Datastore.register_url(workspace, "mine", "src") == store
    with pytest.raises(UserErrorException, match=r"There is a datastore 'mine' already, at file://.*overwrite=True"):
        Datastore.register_url(workspace, "mine", "src/sub")
    assert Datastore.register_url(workspace, "mine", "src/sub", overwrite=True).url.endswith("/sub")
    with pytest.raises(UserErrorException, match=r"There is no folder .*nope: make it first"):
        Datastore.register_url(workspace, "x", "nope")


@pytest.mark.parametrize("name", ["", "a-b", "a b", "../x", "a\n"])
def test_names_that_cannot_be(workspace: Workspace, tmp_path: Path, name: str) -> None:
    with pytest.raises(UserErrorException, match="cannot be a datastore's name"):
        Datastore.register_url(workspace, name, str(tmp_path))


def test_what_is_not_there(workspace: Workspace) -> None:
    with pytest.raises(UserErrorException, match=r"Could not find datastore 'nope' .*there: workspaceblobstore"):
        Datastore.get(workspace, "nope")
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        _ = workspace.get_default_datastore().nope


def test_azure_is_registered_without_its_driver_and_its_key_is_sealed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "adlfs", None)
    store = Datastore.register_azure_blob_container(
        workspace, "blobs", container_name="c", account_name="acct", account_key="the-key=="
    )
    assert (store.account_name, store.container_name, store.datastore_type) == ("acct", "c", "AzureBlob")
    Datastore.register_azure_data_lake_gen2(
        workspace, "lake", "fs", "acct", tenant_id="t", client_id="c", client_secret="the-client-secret"
    )
    assert in_the_clear(workspace, "the-key") == in_the_clear(workspace, "the-client-secret") == []
    assert "the-key" not in repr(store)
    with pytest.raises(UserErrorException, match=r"lies on abfs://.*pip install 'jupyter-aml\[azure\]'"):
        store.download("x")


def test_what_v1_had_and_is_not_here_says_what_to_do(workspace: Workspace) -> None:
    with pytest.raises(UserErrorException, match=r"register_url\(ws, 'files', '/mnt/share'\)"):
        Datastore.register_azure_file_share(workspace, "files", "share", "acct")
    with pytest.raises(UserErrorException, match="switched off in February 2024"):
        Datastore.register_azure_data_lake(workspace, "lake", "old")
    with pytest.raises(UserErrorException, match=r"pandas\.read_sql"):
        Datastore.register_azure_sql_database(workspace, "sql", "s", "d")
    with pytest.raises(UserErrorException, match="'hdfs://node:8020/"):
        Datastore.register_hdfs(workspace, "h", "https", "node:8020")


@pytest.mark.usefixtures("source")
def test_a_bucket(workspace: Workspace, bucket: Bucket) -> None:
    store = Datastore.register_url(workspace, "s3", f"s3://{bucket.name}/top", **bucket.credentials)
    assert in_the_clear(workspace, SECRET) == []
    store.upload("src", "birds", show_progress=False)
    assert bucket.keys() == ["top/birds/a.txt", "top/birds/sub/b.txt"]
    assert Datastore.get(workspace, "s3").download("out", "birds", show_progress=False) == 2
    assert Path("out/birds/sub/b.txt").read_text() == "b"


def test_a_bucket_that_cannot_be_reached(workspace: Workspace, bucket: Bucket) -> None:
    given = {
        **bucket.credentials,
        "endpoint_url": "http://127.0.0.1:9",
        "config_kwargs": {"retries": {"max_attempts": 0}},
    }
    store = Datastore.register_url(workspace, "s3", f"s3://{bucket.name}", **given)
    with pytest.raises(UserErrorException, match="cannot be reached") as caught:
        store.download("x")
    assert SECRET not in str(caught.value)
