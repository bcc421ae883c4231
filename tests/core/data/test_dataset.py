from __future__ import annotations

import base64
import copy
import multiprocessing
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from parts.remote_data import SECRET, Bucket, Site

from jupyter_ext.core.data.consumption import DatasetConsumptionConfig
from jupyter_ext.core.data.dataset import Dataset
from jupyter_ext.core.data.datastore import Datastore
from jupyter_ext.core.data.file_dataset import FileDataset
from jupyter_ext.core.data.path import DataPath
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.data import data_files, data_upload


@pytest.fixture
def store(workspace: Workspace, in_folder: Path) -> Datastore:
    """The default datastore, with three files under ``birds``."""
    for name in ("birds/a.txt", "birds/2018/b.txt", "birds/2019/c.txt"):
        file = workspace._paths.data / "workspaceblobstore" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(file.stem * len(file.parts))
    return workspace.get_default_datastore()


def test_folders_files_and_patterns(store: Datastore) -> None:
    everything = ["/2018/b.txt", "/2019/c.txt", "/a.txt"]
    assert Dataset.File.from_files((store, "birds")).to_path() == everything
    assert Dataset.File.from_files(path=(store, "birds/**")).to_path() == everything
    assert Dataset.File.from_files((store, "/birds/")).to_path() == everything
    assert Dataset.File.from_files((store, "birds/20*/*.txt")).to_path() == everything[:2]
    assert Dataset.File.from_files((store, "birds/a.txt")).to_path() == ["/a.txt"]
    assert Dataset.File.from_files(DataPath(store, "birds/2018")).to_path() == ["/b.txt"]
    assert Dataset.File.from_files(store.path("birds/2019")).to_path() == ["/c.txt"]
    both = Dataset.File.from_files([(store, "birds/2018/*.txt"), (store, "birds/2019/c.txt")])
    assert both.to_path() == everything[:2]
    assert Dataset.File.from_files((store, ["birds/a.txt", "birds/2018"])).to_path() == ["/a.txt", "/2018/b.txt"]


def test_a_folder_becomes_data(store: Datastore, in_folder: Path) -> None:
    for name in ("a.csv", "deep/b.csv", "deep/c.txt"):
        file = in_folder / "mine" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("new")
    upload = Dataset.File.upload_directory
    assert upload("mine", (store, "all"), show_progress=False).to_path() == ["/a.csv", "/deep/b.csv", "/deep/c.txt"]
    assert upload("mine", DataPath(store, "top"), pattern="*.csv").to_path() == ["/a.csv"]
    assert upload(str(in_folder / "mine"), (store, "tables"), pattern="**/*.csv").to_path() == ["/a.csv", "/deep/b.csv"]
    (in_folder / "mine" / "a.csv").write_text("newer")
    for overwrite, read in ((False, "new"), (True, "newer")):
        kept = upload("mine", (store, "all"), overwrite=overwrite).download(f"out{overwrite}")
        assert Path(kept[0]).read_text() == read
    with pytest.raises(UserErrorException):
        upload("nope", (store, "nope"))


def test_files_of_one_name_are_told_apart(store: Datastore, workspace: Workspace, in_folder: Path) -> None:
    for name in ("one", "two"):
        (in_folder / name).mkdir()
        (in_folder / name / "x.csv").write_text(name)
    stores = [Datastore.register_url(workspace, name, str(in_folder / name)) for name in ("one", "two")]
    both = Dataset.File.from_files([(one, "x.csv") for one in stores])
    assert both.to_path() == ["/one/x.csv", "/two/x.csv"]
    assert [Path(file).read_text() for file in both.download("out")] == ["one", "two"]
    with both.mount() as mounted:
        assert (Path(mounted.mount_point) / "two" / "x.csv").read_text() == "two"
    assert Dataset.File.from_files([(stores[0], "x.csv"), (store, "birds/a.txt")]).to_path() == ["/x.csv", "/a.txt"]
    assert Dataset.File.from_files([(stores[0], "x.csv"), (stores[0], "*.csv")]).to_path() == ["/x.csv"] * 2
    paths = [str(in_folder / name / "x.csv") for name in ("one", "two")]
    assert [Path(file).read_text() for file in Dataset.File.from_files(paths).download("more")] == ["one", "two"]


def test_odd_names_of_folders(workspace: Workspace, in_folder: Path) -> None:
    root = in_folder / "[data]"
    for name in ("..data/a.csv", "sub/b.csv"):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text("x")
    odd = Datastore.register_url(workspace, "odd", str(root))
    assert Dataset.File.from_files((odd, "..data")).to_path() == ["/a.csv"]
    assert Dataset.File.from_files((odd, "sub/*.csv")).to_path() == ["/b.csv"]
    assert Dataset.File.from_files((odd, "sub")).to_path() == ["/b.csv"]
    assert Dataset.File.from_files((odd, "")).to_path() == ["/..data/a.csv", "/sub/b.csv"]
    with pytest.raises(UserErrorException, match="leads out of"):
        Dataset.File.from_files((odd, "sub/../../x"))


@pytest.mark.usefixtures("store")
def test_what_lies_on_this_machine(in_folder: Path) -> None:
    (in_folder / "my data").mkdir()
    (in_folder / "my data" / "ü 1.txt").write_text("x")
    assert Dataset.File.from_files("my data").to_path() == ["/ü 1.txt"]
    assert Dataset.File.from_files(str(in_folder / "my data" / "*.txt")).to_path() == ["/ü 1.txt"]
    assert Dataset.File.from_files(f"file://{in_folder}/my data/ü 1.txt").download("out") == [
        str(in_folder / "out" / "ü 1.txt")
    ]


def test_what_cannot_be_a_dataset(store: Datastore) -> None:
    with pytest.raises(UserErrorException, match=r"there is nothing at file://.*/workspaceblobstore/nope"):
        Dataset.File.from_files((store, "nope"))
    with pytest.raises(UserErrorException, match="there is nothing at"):
        Dataset.File.from_files((store, "birds/*.png"))
    assert Dataset.File.from_files((store, "nope"), validate=False).download("out", ignore_not_found=True) == []
    for wrong in (3, None, (store,), ("store", "birds"), "", [], (store, 3)):
        with pytest.raises(UserErrorException, match="path"):
            Dataset.File.from_files(wrong)
    with pytest.raises(UserErrorException, match=r"leads out of datastore"):
        Dataset.File.from_files((store, "../../x"))
    with pytest.raises(UserErrorException, match=r"Dataset\.File\.from_files"):
        FileDataset()
    with pytest.raises(UserErrorException, match="first preview"):
        Dataset(workspace=store.workspace, name="x")


def test_downloading(store: Datastore, in_folder: Path) -> None:
    birds = Dataset.File.from_files((store, "birds"))
    paths = birds.download("out")
    assert paths == [str(in_folder / "out" / name) for name in ("2018/b.txt", "2019/c.txt", "a.txt")]
    with pytest.raises(UserErrorException, match=r"b\.txt is there already: pass overwrite=True"):
        birds.download("out")
    assert birds.download("out", overwrite=True) == paths
    aside = birds.take(1).download()
    assert Path(aside[0]).name == "b.txt"


def test_threads_that_copy_to_one_place(store: Datastore, in_folder: Path) -> None:
    (entry,) = Dataset.File.from_files((store, "birds/a.txt"))._entries()
    assert entry.local is not None
    entry.local.write_bytes(b"x" * 1_000_000)
    target, place = in_folder / "copied" / "a.txt", entry.place.under(".")
    source = in_folder / "source.txt"
    source.write_bytes(b"x" * 1_000_000)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: data_files.copy(entry, target), range(40)))
        list(pool.map(lambda _: data_upload.put(source, place), range(40)))
    assert [(file.name, file.stat().st_size) for file in target.parent.iterdir()] == [("a.txt", 1_000_000)]
    assert sorted(file.name for file in entry.local.parent.iterdir()) == ["2018", "2019", "a.txt"]


def test_mounting(store: Datastore, in_folder: Path) -> None:
    birds = Dataset.File.from_files((store, "birds"))
    with birds.mount() as context:
        assert sorted(path.name for path in Path(context.mount_point).iterdir()) == ["2018", "2019", "a.txt"]
        assert Path(context.mount_point, "a.txt").is_symlink()
    assert not Path(context.mount_point).exists()
    there = birds.mount("here")
    there.start()
    assert Path("here/2018/b.txt").exists()
    there.stop()
    assert not Path("here").exists()
    Path("there").mkdir()
    with birds.mount("there"):
        Path("there/2018/mine.txt").write_text("mine")
    assert [path.as_posix() for path in Path("there").rglob("*")] == ["there/2018", "there/2018/mine.txt"]
    Path("full").mkdir()
    Path("full/x").touch()
    with pytest.raises(UserErrorException, match="not empty"), birds.mount("full"):
        pass
    assert Path("full/x").exists()


def test_steps(store: Datastore) -> None:
    birds = Dataset.File.from_files((store, "birds"))
    names = birds.to_path()
    assert birds.take(2).to_path() == names[:2]
    assert birds.skip(1).take(1).to_path() == names[1:2]
    first, second = birds.random_split(0.5, seed=3)
    assert sorted(first.to_path() + second.to_path()) == names
    assert birds.take_sample(0.5, seed=1).to_path() == birds.take_sample(0.5, seed=1).to_path()
    assert birds.take_sample(1.0).to_path() == names
    sizes = dict(zip(names, [len(path.read_text()) for path in _files(birds)], strict=True))
    assert len(set(sizes.values())) > 1
    big = birds.filter(birds.file_metadata("Size") > min(sizes.values()))
    assert big.to_path() == [name for name in names if sizes[name] > min(sizes.values())]
    for wrong in (lambda: birds.take(-1), lambda: birds.take("x"), lambda: birds.random_split(2)):
        with pytest.raises(UserErrorException, match="number"):
            wrong()
    with pytest.raises(UserErrorException, match="takes an expression"):
        birds.filter("Size > 3")


def _files(dataset: FileDataset) -> list[Path]:
    return [path for entry in dataset._entries() if (path := entry.local) is not None]


def test_registering(store: Datastore, workspace: Workspace) -> None:
    birds = Dataset.File.from_files((store, "birds"))
    assert (birds.name, birds.version) == (None, None)
    first = birds.register(workspace, "my birds", description="d", tags={"a": 1})
    assert (first.name, first.version, first.description, first.tags) == ("my birds", 1, "d", {"a": "1"})
    assert birds.name is None
    with pytest.raises(UserErrorException, match=r"identical dataset is registered already.*'my birds', version=1"):
        birds.register(workspace, "my birds")
    with pytest.raises(UserErrorException, match=r"identical"):
        birds.register(workspace, "my birds", "d", {"a": "1"}, create_new_version=True)
    other = Dataset.File.from_files((store, "birds/2018"))
    with pytest.raises(UserErrorException, match=r"already a dataset registered under name 'my birds'.*create_new"):
        other.register(workspace, "my birds")
    assert other.register(workspace, "my birds", create_new_version=True).version == 2
    assert birds.register(workspace, "my birds", "new words", create_new_version=True).version == 3
    assert other.register(workspace, "fresh", create_new_version=True).version == 1
    assert list(workspace.datasets) == ["fresh", "my birds"]
    assert Dataset.get_by_name(workspace, "my birds").version == 3
    assert Dataset.get_by_name(workspace, name="my birds", version=2).to_path() == ["/b.txt"]
    assert Dataset.get_by_name(workspace, "my birds", version="1").id == first.id
    assert Dataset.get_by_id(workspace, first.id) == first
    assert Dataset.get_all(workspace)["fresh"].version == 1


def test_changing_what_is_registered(store: Datastore, workspace: Workspace) -> None:
    birds = Dataset.File.from_files((store, "birds")).register(workspace, "birds")
    birds.update(description="about birds").add_tags({"a": "1", "b": "2"})
    birds.remove_tags(["a"])
    again = Dataset.get_by_name(workspace, "birds")
    assert (again.description, again.tags) == ("about birds", {"b": "2"})
    again.unregister_all_versions()
    assert workspace.datasets == {}
    assert len(Dataset.File.from_files((store, "birds")).to_path()) == 3
    with pytest.raises(UserErrorException, match="not registered"):
        Dataset.File.from_files((store, "birds")).add_tags({"a": "1"})


def test_what_is_not_registered(store: Datastore, workspace: Workspace) -> None:
    Dataset.File.from_files((store, "birds")).register(workspace, "known")
    with pytest.raises(UserErrorException, match=r"no dataset registered under name 'nope' .*registered: known"):
        Dataset.get_by_name(workspace, "nope")
    with pytest.raises(UserErrorException, match=r"has no version 7 \(there: 1\)"):
        Dataset.get_by_name(workspace, "known", version=7)
    for name in ("../../x", "x"):
        with pytest.raises(UserErrorException, match="no dataset with id"):
            Dataset.get_by_id(workspace, name)


@pytest.mark.parametrize("name", ["", " a", "../x", "a/b", ".x", "a" * 256, "ab\n"])
def test_names_that_cannot_be(store: Datastore, workspace: Workspace, name: str) -> None:
    with pytest.raises(UserErrorException, match="cannot be a dataset's name"):
        Dataset.File.from_files((store, "birds")).register(workspace, name)
    assert workspace.datasets == {}


def _register(number: int) -> int:
    workspace = Workspace.get("test-ws")
    store = workspace.get_default_datastore()
    made = Dataset.File.from_files((store, f"birds/{number}"), validate=False)
    return int(made.register(workspace, "at once", create_new_version=True).version or 0)


@pytest.mark.usefixtures("store")
def test_processes_that_register_at_once_get_versions_of_their_own() -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert sorted(pool.map(_register, range(9))) == list(range(1, 10))


def test_a_dataset_of_another_workspace_is_refused(store: Datastore) -> None:
    other = Workspace.create("other-ws", show_output=False)
    with pytest.raises(UserErrorException, match="lie in workspace 'test-ws'"):
        Dataset.File.from_files((store, "birds")).register(other, "birds")


def test_partitions_of_paths(store: Datastore) -> None:
    birds = Dataset.File.from_files((store, "birds/20*/*.txt"), partition_format="/{year}/{name}.txt")
    assert birds.partition_keys == ["year", "name"]
    assert birds.get_partition_key_values(["year"]) == [{"year": "2018"}, {"year": "2019"}]


def test_inputs_of_runs(store: Datastore) -> None:
    birds = Dataset.File.from_files((store, "birds"))
    named = birds.as_named_input("birds_1").as_mount()
    assert (named.name, named.mode, named.arg_val, named.dataset) == (
        "birds_1",
        "mount",
        "DatasetConsumptionConfig:birds_1",
        birds,
    )
    assert birds.as_named_input("x").as_download("/tmp/x").path_on_compute == "/tmp/x"
    generated = birds.as_mount()
    assert isinstance(generated, DatasetConsumptionConfig)
    assert generated.name.startswith("input__")
    assert len(generated.name) == 15
    for wrong in ("1a", "a-b", "", "a b", "a\n", None):
        with pytest.raises(UserErrorException, match="cannot be an input's name"):
            birds.as_named_input(wrong)
    with pytest.raises(UserErrorException, match="Spark"):
        birds.as_hdfs()
    assert copy.deepcopy(named).dataset is birds


def test_a_web_address(site: Site, in_folder: Path, workspace: Workspace) -> None:
    (site.folder / "data").mkdir()
    (site.folder / "data" / "a b.txt").write_text("from the web")
    (site.folder / "data" / "c.txt").write_text("c")
    web = Dataset.File.from_files([f"{site.address}/data/a%20b.txt", f"{site.address}/data/c.txt"])
    assert web.to_path() == ["/a b.txt", "/c.txt"]
    assert Path(web.download("out")[0]).read_text() == "from the web"
    assert web.register(workspace, "web").download("more")[1] == str(in_folder / "more" / "c.txt")
    with pytest.raises(UserErrorException, match=r"there is nothing at http://.*/nope\.txt"):
        Dataset.File.from_files(f"{site.address}/nope.txt")


def test_an_address_with_a_token_keeps_it_to_itself(site: Site, workspace: Workspace, in_folder: Path) -> None:
    (site.folder / "a.txt").write_text("x")
    address = f"{site.address}/a.txt?sv=2020&sig=the-signature"
    made = Dataset.File.from_files(address)
    registered = made.register(workspace, "web")
    assert "the-signature" not in repr(made) + repr(registered)
    root = workspace._paths.root
    assert not [file for file in root.rglob("*") if file.is_file() and b"the-signature" in file.read_bytes()]
    site.asked.clear()
    assert Dataset.get_by_name(workspace, "web").download("out") == [str(in_folder / "out" / "a.txt")]
    assert all("sig=the-signature" in asked for asked in site.asked)
    (site.folder / "a.txt").unlink()
    with pytest.raises(UserErrorException, match="there is nothing at") as caught:
        Dataset.get_by_name(workspace, "web").to_path()
    assert "the-signature" not in str(caught.value)


@pytest.mark.parametrize("query", ["auth=hush", "code=hush", "hush"])
def test_a_password_and_a_query_are_sealed(site: Site, workspace: Workspace, in_folder: Path, query: str) -> None:
    (site.folder / "a.txt").write_text("x")
    address = site.address.replace("://", "://me:p@hush@")
    made = Dataset.File.from_files(f"{address}/a.txt?{query}")
    registered = made.register(workspace, "web")
    root = workspace._paths.root
    assert not [file for file in root.rglob("*") if file.is_file() and b"hush" in file.read_bytes()]
    site.asked.clear()
    site.authorized.clear()
    assert Path(Dataset.get_by_name(workspace, "web").download(str(in_folder))[0]).read_text() == "x"
    assert set(site.asked) == {f"/a.txt?{query}"}
    assert set(site.authorized) == {"Basic " + base64.b64encode(b"me:p@hush").decode()}
    assert "hush" not in repr(registered._entries())
    (site.folder / "a.txt").unlink()
    with pytest.raises(UserErrorException, match="there is nothing at") as caught:
        Dataset.get_by_name(workspace, "web").to_path()
    assert "hush" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("scheme", ["sftp", "ftp", "s3"])
def test_a_password_of_any_address_is_sealed(workspace: Workspace, scheme: str) -> None:
    made = Dataset.File.from_files(f"{scheme}://me:hush@127.0.0.1:9/a/b?.txt", validate=False)
    registered = made.register(workspace, "far")
    assert "hush" not in repr(made) + repr(registered)
    root = workspace._paths.root
    assert not [file for file in root.rglob("*") if file.is_file() and b"hush" in file.read_bytes()]
    assert f'"{scheme}://127.0.0.1:9/a/b?.txt"' in "".join(file.read_text() for file in root.rglob("1.json"))


@pytest.mark.parametrize("address", ["http://me:hush@127.1.2.3/a", "http://me:hush#p@h/a", "ftp://me:hush#p@h/a"])
def test_what_a_driver_says_does_not_show_a_password(address: str) -> None:
    with pytest.raises(UserErrorException, match="cannot be reached") as caught:
        Dataset.File.from_files(address)
    assert "hush" not in str(caught.value)


def test_a_name_that_leads_out_is_refused(workspace: Workspace, bucket: Bucket, in_folder: Path) -> None:
    bucket.put("birds/../../evil.txt", b"x")
    store = Datastore.register_url(workspace, "s3", f"s3://{bucket.name}/birds", **bucket.credentials)
    with pytest.raises(UserErrorException, match="name leads out of its folder"):
        Dataset.File.from_files((store, "**"), validate=False).download("out")
    assert list(in_folder.parent.rglob("evil.txt")) == []


def test_a_bucket(workspace: Workspace, bucket: Bucket, in_folder: Path) -> None:
    for name in ("birds/a.csv", "birds/2018/b.csv"):
        bucket.put(name, f"x\n{len(name)}\n".encode())
    store = Datastore.register_url(workspace, "s3", f"s3://{bucket.name}", **bucket.credentials)
    birds = Dataset.File.from_files((store, "birds"))
    assert birds.to_path() == ["/2018/b.csv", "/a.csv"]
    assert Path(birds.download("out")[1]).read_text() == "x\n11\n"
    with birds.mount() as context:
        assert Path(context.mount_point, "a.csv").read_text() == "x\n11\n"
    table = Dataset.Tabular.from_delimited_files((store, "birds/**/*.csv"))
    assert table.to_pandas_dataframe()["x"].tolist() == [16, 11]
    bucket.put("birds/a.csv", b"x\n99\n")
    assert table.to_pandas_dataframe()["x"].tolist() == [16, 99]
    assert birds.data_changed_time is not None
    assert not [f for f in workspace._paths.root.rglob("*") if f.is_file() and SECRET.encode() in f.read_bytes()]
    with pytest.raises(UserErrorException, match=rf"there is nothing at s3://{bucket.name}/nope"):
        Dataset.File.from_files((store, "nope"))
