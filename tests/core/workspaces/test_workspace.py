from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException, WorkspaceException

PLAIN = {"subscription_id": "sub", "resource_group": "rg", "workspace_name": "from-plain"}
SCOPED = {
    "Id": None,
    "Scope": "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/from-scope",
}


def put(file: Path, content: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content))


def named(name: str) -> dict[str, str]:
    return {**PLAIN, "workspace_name": name}


pytestmark = pytest.mark.usefixtures("home", "in_folder")


def test_nothing_found_is_the_default_workspace_and_one_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace = Workspace.from_config()
    assert capsys.readouterr().out == f"Note: No config.json here: using your default workspace, {home}/default\n"
    assert workspace.name == "default"
    assert workspace == Workspace.from_config()
    assert workspace.get_details()["workspaceid"] == Workspace.from_config().get_details()["workspaceid"]
    assert capsys.readouterr().out == ""  # it is said once


@pytest.mark.parametrize(("content", "name"), [(PLAIN, "from-plain"), (SCOPED, "from-scope")])
def test_both_forms_of_the_file(content: object, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    put(Path("config.json"), content)
    workspace = Workspace.from_config()
    assert (workspace.name, workspace.subscription_id, workspace.resource_group) == (name, "sub", "rg")
    assert capsys.readouterr().out.startswith(f"Workspace '{name}' is made on this machine: ")
    Workspace.from_config()
    assert capsys.readouterr().out == ""


def test_where_it_is_looked_for(in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = in_folder / "a" / "b"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    # from the last place that is looked at to the first
    for place in (
        in_folder / ".azureml" / "project.json",
        in_folder / "config.json",
        deep / "config.json",
        in_folder / "aml_config" / "config.json",
        deep / "aml_config" / "config.json",
        in_folder / ".azureml" / "config.json",
        deep.parent / ".azureml" / "config.json",
        deep / ".azureml" / "config.json",
    ):
        name = place.relative_to(in_folder).as_posix().replace("/", "-").replace(".", "")
        put(place, named(f"w-{name}"))
        assert Workspace.from_config().name == f"w-{name}"
        assert Workspace.from_config(path=str(deep)).name == f"w-{name}"


def test_a_path_to_the_file_itself(in_folder: Path) -> None:
    put(in_folder / "other" / "my.json", named("mine"))
    assert Workspace.from_config("other/my.json").name == "mine"
    assert Workspace.from_config("other", _file_name="my.json").name == "mine"
    with pytest.raises(UserErrorException, match=r"no configuration file or folder nope\.json"):
        Workspace.from_config("nope.json")


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"Scope": "/subscriptions/x"}', '{"Id": 1}'])
def test_a_file_that_names_no_workspace(home: Path, content: str) -> None:
    put(Path("config.json"), content)
    with pytest.raises(UserErrorException, match=r"config\.json (is not JSON|names no workspace)"):
        Workspace.from_config()
    assert not home.exists()


def test_write_config_is_found_again(in_folder: Path) -> None:
    workspace = Workspace.create("my_ws", subscription_id="s", resource_group="r", show_output=False)
    workspace.write_config()
    assert json.loads((in_folder / ".azureml" / "config.json").read_text()) == {
        "Id": workspace.get_details()["workspaceid"],
        "Scope": "/subscriptions/s/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/my_ws",
    }
    assert Workspace.from_config() == workspace
    workspace.write_config(path=str(in_folder / "sub"), file_name="x.json")
    assert Workspace.from_config(str(in_folder / "sub"), _file_name="x.json") == workspace


def test_write_config_takes_the_folder_of_configurations_itself(in_folder: Path) -> None:
    Workspace.create("my_ws", show_output=False).write_config(path=".azureml")
    assert [file.relative_to(in_folder) for file in in_folder.rglob("*.json")] == [Path(".azureml/config.json")]
    assert Workspace.from_config().name == "my_ws"


def test_create_and_get(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(WorkspaceException, match=r"no workspace 'abc' .*there: none yet.*Workspace\.create\('abc'\)"):
        Workspace.get("abc")
    assert not home.exists()
    workspace = Workspace.create("abc", subscription_id="s", resource_group="r", location="eu", tags={"k": "v"})
    assert capsys.readouterr().out == f"Workspace 'abc' is made: {home}/abc\n"
    assert workspace == Workspace.get("abc", subscription_id="s", resource_group="r")
    assert (workspace.location, workspace.tags, workspace.sku) == ("eu", {"k": "v"}, "Basic")
    with pytest.raises(WorkspaceException, match="'abc' exists"):
        Workspace.create("abc")
    assert Workspace.create("abc", exist_ok=True) == workspace
    assert {name: [one.name for one in some] for name, some in Workspace.list().items()} == {"abc": ["abc"]}
    assert repr(workspace) == "Workspace.create(name='abc', subscription_id='s', resource_group='r')"


@pytest.mark.parametrize(
    "name", ["", "ab", "a" * 34, "a b", "../etc", "-abc", "_abc", "a.b.c", "äbc", "a/b/c", "abc\n"]
)
def test_names_that_cannot_be(home: Path, name: str) -> None:
    for make in (Workspace.create, Workspace.get, lambda name: Workspace("s", "r", name)):
        with pytest.raises(UserErrorException, match="cannot be a workspace's name: use 3 to 33"):
            make(name)
    assert not home.exists()


def test_details_have_v1s_keys() -> None:
    details = Workspace.create("abc", show_output=False).get_details()
    assert {"id", "name", "location", "type", "sku", "workspaceid", "friendlyName", "creationTime"} <= set(details)
    assert details["friendlyName"] == "abc"


def test_delete_keeps_what_has_runs(home: Path) -> None:
    workspace = Workspace.create("abc", show_output=False)
    (home / "abc" / "runs" / "r").mkdir(parents=True)
    with pytest.raises(WorkspaceException, match=r"holds runs.*delete_dependent_resources=True"):
        workspace.delete()
    workspace.delete(delete_dependent_resources=True)
    assert not (home / "abc").exists()


def test_the_dictionaries_of_an_empty_workspace() -> None:
    workspace = Workspace.create("abc", show_output=False)
    assert workspace.compute_targets == workspace.experiments == workspace.models == {}


def test_the_registry_of_images_is_kept_without_a_password(home: Path) -> None:
    workspace = Workspace.create("images", show_output=False)
    assert workspace.image_registry is None
    workspace.set_image_registry("https://registry.example.com:5000/team/", "me", "MY_PASSWORD")
    assert Workspace.get("images").image_registry == "registry.example.com:5000/team"
    with pytest.raises(UserErrorException, match="not the address of a registry"):
        workspace.set_image_registry("my registry")
    workspace.set_image_registry(None)
    assert workspace.image_registry is None
