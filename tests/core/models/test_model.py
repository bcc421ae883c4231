from __future__ import annotations

import threading
from pathlib import Path

import pytest

from jupyter_ext.core.models.model import Model
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import ModelNotFoundException, WebserviceException


@pytest.fixture
def file(in_folder: Path) -> str:
    (in_folder / "model.txt").write_text("weights")
    (in_folder / "saved" / "sub").mkdir(parents=True)
    (in_folder / "saved" / "sub" / "a.bin").write_bytes(b"a")
    return "model.txt"


def test_registering(workspace: Workspace, file: str, capsys: pytest.CaptureFixture[str]) -> None:
    first = Model.register(workspace, file, "birds", tags={"a": "1"}, description="d", model_framework="PyTorch")
    assert capsys.readouterr().out == "Registering model birds\n"
    assert (first.id, first.version, first.tags, first.description) == ("birds:1", 1, {"a": "1"}, "d")
    second = Model.register(workspace, "saved", "birds")
    assert second.version == 2
    assert Model(workspace, "birds").version == 2
    assert Model(workspace, id="birds:1").version == 1
    assert Model(workspace, "birds", version=1).model_framework == "PyTorch"
    assert Model(workspace, "birds", tags=[["a", "1"]]).version == 1
    assert [model.id for model in Model.list(workspace)] == ["birds:2", "birds:1"]
    assert [model.id for model in Model.list(workspace, latest=True)] == ["birds:2"]
    assert [model.id for model in Model.list(workspace, tags=["a"])] == ["birds:1"]
    assert list(workspace.models) == ["birds"]


@pytest.mark.usefixtures("file")
def test_downloading(workspace: Workspace) -> None:
    one = Model.register(workspace, "model.txt", "one")
    many = Model.register(workspace, "saved", "many")
    path = one.download("out")
    assert Path(path) == Path("out/model.txt")
    with pytest.raises(WebserviceException, match=r"out/model\.txt is there already: pass exist_ok=True"):
        one.download("out")
    assert one.download("out", exist_ok=True) == path
    assert (Path(many.download("out")) / "sub" / "a.bin").read_bytes() == b"a"
    assert Path(Model.get_model_path("one", _workspace=workspace)).read_text() == "weights"


def test_changing_and_deleting(workspace: Workspace, file: str) -> None:
    model = Model.register(workspace, file, "m", properties={"p": "1"})
    model.add_tags({"a": "1"})
    model.update(description="new")
    with pytest.raises(WebserviceException, match="never change"):
        model.add_properties({"p": "2"})
    again = Model(workspace, "m")
    assert (again.tags, again.description, again.properties) == ({"a": "1"}, "new", {"p": "1"})
    assert again.serialize()["id"] == "m:1"
    model.delete()
    assert Model.list(workspace) == []
    with pytest.raises(WebserviceException, match="ModelNotFound"):
        Model(workspace, "m")


def test_the_number_of_a_deleted_version_is_not_given_out_again(workspace: Workspace, file: str) -> None:
    first, second = (Model.register(workspace, file, "m") for _ in range(2))
    second.delete()
    assert Model.register(workspace, file, "m").version == 3
    first.delete()
    Model(workspace, "m").delete()
    assert Model.list(workspace) == []
    assert Model.register(workspace, file, "m").id == "m:4"


def test_what_is_not_there(workspace: Workspace, file: str) -> None:
    Model.register(workspace, file, "known")
    with pytest.raises(WebserviceException, match=r"ModelNotFound: .*'nope' .*registered: known"):
        Model(workspace, "nope")
    with pytest.raises(WebserviceException, match="version 7"):
        Model(workspace, "known", version=7)
    with pytest.raises(FileNotFoundError, match=r"nope\.pt is not there"):
        Model.register(workspace, "nope.pt", "x")
    with pytest.raises(ModelNotFoundException, match="_workspace"):
        Model.get_model_path("known")


@pytest.mark.parametrize("name", ["", "a b", "../x", "a/b", "-a", "a" * 256, "ü", "abc\n"])
def test_names_that_cannot_be(workspace: Workspace, file: str, name: str) -> None:
    with pytest.raises(WebserviceException, match="cannot be a model's name: use 1 to 255"):
        Model.register(workspace, file, name)
    assert workspace.models == {}


@pytest.mark.parametrize("name", ["../models/known", ".", "known/..", "/"])
def test_a_path_names_no_model(workspace: Workspace, file: str, name: str) -> None:
    Model.register(workspace, file, "known")
    assert Model.list(workspace, name) == []
    with pytest.raises(WebserviceException, match="ModelNotFound"):
        Model(workspace, name)


def test_two_who_register_at_once_get_two_versions(workspace: Workspace, file: str) -> None:
    versions: list[int] = []
    threads = [
        threading.Thread(target=lambda: versions.append(Model.register(workspace, file, "m").version)) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(versions) == [1, 2, 3, 4, 5, 6]
