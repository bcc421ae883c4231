"""The rest of v1's API: what works, what is ignored with one line, and what says why it has no meaning here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from parts.submitting import Folder

from jupyter_ext.azureml.core.authentication import (
    AzureCliAuthentication,
    InteractiveLoginAuthentication,
    MsiAuthentication,
    ServicePrincipalAuthentication,
)
from jupyter_ext.azureml.core.compute import AmlCompute, ComputeTarget, KubernetesCompute, RemoteCompute
from jupyter_ext.core import notices
from jupyter_ext.core.models.model import Model
from jupyter_ext.core.submission.runconfig import RunConfiguration
from jupyter_ext.core.submission.script_run_config import ScriptRunConfig
from jupyter_ext.core.workspaces.experiment import Experiment
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import (
    AuthenticationException,
    AzureMLException,
    ComputeTargetException,
    ModelNotFoundException,
    UserErrorException,
    WebserviceException,
    WorkspaceException,
)


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook in which nothing was told yet."""
    monkeypatch.setattr(notices, "_told", set())


def made(workspace: Workspace, name: str = "cpu-cluster", **given: Any) -> AmlCompute:
    target = ComputeTarget.create(workspace, name, AmlCompute.provisioning_configuration(max_nodes=2, **given))
    assert isinstance(target, AmlCompute)
    return target


# workspaces


def test_a_workspace_is_changed(workspace: Workspace) -> None:
    details = workspace.update(friendly_name="Mine", description="about", tags={"a": "b"})
    assert (details["friendlyName"], details["description"], details["tags"]) == ("Mine", "about", {"a": "b"})
    again = Workspace.get("test-ws")
    assert (again.tags, again.get_details()["friendlyName"]) == ({"a": "b"}, "Mine")


def test_what_is_of_the_cloud_is_ignored_with_one_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del home
    cpu = AmlCompute.provisioning_configuration(max_nodes=1)
    first = Workspace.create(
        "one", storage_account="s", key_vault="k", default_cpu_compute_target=cpu, show_output=False
    )
    Workspace.create("two", app_insights="a", show_output=False)
    first.update(primary_user_assigned_identity="i")
    assert capsys.readouterr().out == (
        "Note: storage_account, key_vault: cloud resources and identities mean nothing on this machine, so they are "
        "ignored.\n"
    )
    target = first.get_default_compute_target("CPU")
    assert (target.name, target.get_status().serialize()["scaleSettings"]["maxNodeCount"]) == ("cpu-cluster", 1)
    assert Workspace.setup().name == "default"


def test_the_default_targets_are_there_when_they_are_asked_for(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    target = workspace.get_default_compute_target(type="CPU")
    assert (type(target), target.name) == (AmlCompute, "cpu-cluster")
    assert "no 'cpu-cluster': it is made, with 4 nodes" in capsys.readouterr().out
    made(workspace, "gpu-cluster", vm_size="STANDARD_D2_V2")
    assert workspace.get_default_compute_target("gpu").get_status().serialize()["vmSize"] == "STANDARD_D2_V2"
    assert list(workspace.compute_targets) == ["cpu-cluster", "gpu-cluster"]
    with pytest.raises(UserErrorException, match="'CPU' or 'GPU', not 'TPU'"):
        workspace.get_default_compute_target("TPU")


@pytest.mark.parametrize(
    "call",
    [
        lambda ws: ws.list_keys(),
        lambda ws: ws.add_private_endpoint(None),
        lambda ws: ws.update_dependencies(),
        lambda ws: ws.get_connection("c"),
        lambda ws: ws.set_connection("c", "g", "t", "a", "v"),
    ],
)
def test_what_a_workspace_has_not(workspace: Workspace, call: Callable[[Workspace], Any]) -> None:
    with pytest.raises(WorkspaceException, match="A workspace on this machine has no "):
        call(workspace)
    assert (workspace.images, workspace.webservices, workspace.list_connections()) == ({}, {}, [])
    workspace.sync_keys()


def test_signing_in_is_accepted(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    login = InteractiveLoginAuthentication(tenant_id="t")
    ServicePrincipalAuthentication("t", "i", service_principal_password="p")
    AzureCliAuthentication()
    MsiAuthentication()
    assert capsys.readouterr().out.count("\n") == 1
    assert Workspace.get("test-ws", auth=login) == workspace
    with pytest.raises(AuthenticationException, match="no cloud token"):
        login.get_authentication_header()


# experiments


def test_tags_and_archives(workspace: Workspace) -> None:
    one, two = Experiment(workspace, "one"), Experiment(workspace, "two")
    one.set_tags({"a": "1", "b": None})
    one.tag("c", "3")
    one.remove_tags(["b", "never"])
    assert one.tags == Experiment(workspace, "one").tags == {"a": "1", "c": "3"}
    two.archive()
    assert two.archived_time is not None

    def names(**given: Any) -> list[str]:
        return [found.name for found in Experiment.list(workspace, **given)]

    assert names() == ["one"]
    assert names(view_type="ArchivedOnly") == ["two"]
    assert names(view_type="All") == ["one", "two"]
    assert names(tags={"a": "1"}) == ["one"]
    assert names(experiment_name="one", tags="nope") == []
    two.reactivate()
    assert names() == ["one", "two"]
    assert "one" in one._repr_html_()
    with pytest.raises(UserErrorException, match="keeps its name"):
        two.reactivate("three")
    with pytest.raises(UserErrorException, match="view_type is"):
        Experiment.list(workspace, view_type="Some")


def test_deleting_an_experiment(workspace: Workspace, in_folder: Path) -> None:
    del in_folder
    one, two = Experiment(workspace, "one"), Experiment(workspace, "two")
    two.start_logging(snapshot_directory=None, outputs=False).complete()
    Experiment.delete(workspace, one.id)
    assert list(workspace.experiments) == ["two"]
    with pytest.raises(UserErrorException, match="has runs"):
        Experiment.delete(workspace, two.id)
    with pytest.raises(UserErrorException, match="no experiment with the id"):
        Experiment.delete(workspace, "nope")


def test_an_experiment_of_a_folder(workspace: Workspace, tmp_path: Path) -> None:
    scope = f"{workspace.get_details()['id']}/projects/birds"
    (tmp_path / ".azureml").mkdir()
    (tmp_path / ".azureml" / "project.json").write_text(json.dumps({"Id": "x", "Scope": scope}))
    found = Experiment.from_directory(str(tmp_path))
    assert (found.name, found.workspace) == ("birds", workspace)
    (tmp_path / ".azureml" / "project.json").write_text(json.dumps({"workspace_name": "test-ws"}))
    with pytest.raises(UserErrorException, match="names an experiment"):
        Experiment.from_directory(str(tmp_path))


# compute targets


def test_networks_and_accounts_are_ignored(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    target = made(workspace, vnet_name="v", subnet_name="s", admin_username="a", identity_type="SystemAssigned")
    made(workspace, "other", vnet_name="v", subnet_name="s")
    target.add_identity("UserAssigned", ["i"])
    target.remove_identity(["i"])
    said = capsys.readouterr().out
    assert said.startswith("Note: admin_username, vnet_name, subnet_name, identity_type: accounts, virtual networks")
    assert said.count("\n") == 1
    for half in ({"vnet_name": "v"}, {"admin_user_password": "p"}):
        with pytest.raises(ComputeTargetException, match=r"together|needs an admin_username"):
            AmlCompute.provisioning_configuration(max_nodes=1, **half)  # type: ignore[arg-type]


def test_what_this_machine_tells_of_itself(workspace: Workspace) -> None:
    target = made(workspace, tags={"a": "b"})
    assert AmlCompute.supported_vmsizes(workspace)[0]["vCPUs"] >= 1
    assert AmlCompute.list_usages(workspace) == []
    assert AmlCompute.list_usages(workspace, show_all=True)[0]["limit"] == 2
    assert AmlCompute.list_quotas(workspace) == []
    with pytest.raises(ComputeTargetException, match="no quotas"):
        AmlCompute.update_quotas(workspace, "family", 3)
    assert target.get()["name"] == "cpu-cluster"
    assert target.tags == {"a": "b"}
    assert ComputeTarget.deserialize(workspace, target.serialize()).name == "cpu-cluster"


@pytest.mark.parametrize(
    ("configuration", "what"),
    [
        (
            RemoteCompute.attach_configuration("u", address="host.example", password="5ecret"),
            "the machine host.example",
        ),
        (KubernetesCompute.attach_configuration("id/of/it"), "the Kubernetes cluster id/of/it"),
        ("text", "a str"),
    ],
)
def test_other_machines_are_not_attached(workspace: Workspace, configuration: Any, what: str) -> None:
    with pytest.raises(ComputeTargetException, match=f"{what} is neither this machine nor a Ray cluster") as caught:
        ComputeTarget.attach(workspace, "other", configuration)
    assert "5ecret" not in str(caught.value)
    assert workspace.compute_targets == {}
    with pytest.raises(ComputeTargetException, match="the machine host is neither this machine"):
        RemoteCompute.attach(workspace, "other", "u", "host")
    made(workspace)
    with pytest.raises(ComputeTargetException, match="is of type AmlCompute, not RemoteCompute"):
        RemoteCompute(workspace, "cpu-cluster")
    with pytest.raises(ComputeTargetException, match="ComputeTargetNotFound"):
        KubernetesCompute(workspace, "nope")
    with pytest.raises(ComputeTargetException, match="makes no compute target"):
        ComputeTarget.create(workspace, "other", configuration)


# models


def test_all_that_a_model_knows(workspace: Workspace, in_folder: Path) -> None:
    Path("net").mkdir()
    for name in ("a.bin", "b.bin"):
        (in_folder / "net" / name).write_text(name)
    model = Model.register(workspace, "net", "net", child_paths=["a.bin"], properties={"p": "1"})
    assert model.get_sas_urls() == {
        "net/a.bin": (Path(Model.get_model_path("net", _workspace=workspace)) / "a.bin").as_uri()
    }
    model.update_tags_properties(add_tags={"x": 1, "y": None}, add_properties={"q": "2"})
    model.remove_tags("y")
    again = Model.deserialize(workspace, model.serialize())
    assert (again.tags, again.properties) == ({"x": "1"}, {"p": "1", "q": "2"})
    assert again.created_by["userName"]
    assert again.workspace == workspace
    assert again.datasets == {}
    assert "net" in again._repr_html_()
    assert [one.id for one in Model.list(workspace, tags=[["x", "1"]], page_count=20)] == ["net:1"]
    assert Model.list(workspace, model_framework="none") == []
    with pytest.raises(UserErrorException, match="20 to 255"):
        Model.list(workspace, page_count=5)
    with pytest.raises(WebserviceException, match="never change"):
        model.add_properties({"p": "3"})
    with pytest.raises(FileNotFoundError, match=r"c\.bin is not there"):
        Model.register(workspace, "net", "net", child_paths=["c.bin"])
    with pytest.raises(WebserviceException, match=r"not deployed: take the files with Model\.download"):
        Model.deploy(workspace, "s", [model])


def test_a_models_path_without_a_workspace(workspace: Workspace, in_folder: Path) -> None:
    (in_folder / "m.txt").write_text("m")
    assert Model.get_model_path("m.txt") == "m.txt"
    model = Model.register(workspace, "m.txt", "net")
    with pytest.raises(ModelNotFoundException, match="Outside a run, take it from the workspace"):
        Model.get_model_path("net")
    model.download("azureml-models/net/1")
    assert Model.get_model_path("net") == "azureml-models/net/1/m.txt"


def test_a_model_knows_the_data_that_its_run_used(workspace: Workspace, folder: Folder) -> None:
    from jupyter_ext.azureml.core import Dataset

    store = workspace.get_default_datastore()
    (folder.path.parent / "birds.csv").write_text("a\n1\n")
    store.upload_files([str(folder.path.parent / "birds.csv")], show_progress=False)
    dataset = Dataset.File.from_files((store, "birds.csv")).register(workspace, "birds")
    run = folder.submit("open('outputs/m', 'w')", arguments=["--data", dataset.as_named_input("given").as_mount()])
    run.wait_for_completion()
    assert run.get_details()["inputDatasets"][0]["dataset"]["id"] == dataset.id
    assert run.get_details()["inputDatasets"][0]["consumptionDetails"]["inputName"] == "given"
    model = run.register_model("net", "outputs/m")
    assert [one.name for one in model.datasets["given"]] == ["birds"]
    assert [one.id for one in Model.list(workspace, dataset_id=dataset.id)] == ["net:1"]
    other = run.register_model("net", "outputs/m", datasets=[("training", dataset)], sample_input_dataset=dataset)
    assert list(other.datasets) == ["training", "sample_input"]
    assert other.sample_input_dataset.id == dataset.id
    other.add_dataset_references([("test", dataset)])
    assert list(Model(workspace, "net").datasets) == ["training", "sample_input", "test"]


# run configurations


def test_a_priority_is_ignored_with_one_line(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    config = folder.config("1")
    config.run_config.priority = 1
    for _ in range(2):
        folder.experiment.submit(config).wait_for_completion()
    said = "Note: priority: priorities mean nothing on this machine, so they are ignored.\n"
    assert capsys.readouterr().out == said


def test_older_forms_of_a_run_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "aml_config"
    folder.mkdir()
    (folder / "old.runconfig").write_text("ArgumentVector:\n- train.py\n- --lr\n- 0.1\nTarget: local\nNodeCount: 1\n")
    configuration = RunConfiguration.load(str(tmp_path), "old")
    assert (configuration.script, configuration.arguments, configuration.target) == ("train.py", ["--lr", 0.1], "local")
    assert ScriptRunConfig(str(tmp_path), run_config="old").run_config.script == "train.py"
    configuration.auto_prepare_environment = False
    assert configuration.auto_prepare_environment is True
    assert "auto_prepare_environment=False is ignored" in capsys.readouterr().out
    for text, message in (("- a", "holds no run configuration"), ("a: [", "is not YAML")):
        (folder / "bad").write_text(text)
        with pytest.raises(UserErrorException, match=message):
            RunConfiguration.load(str(tmp_path), "bad")


def test_every_error_tells_its_message(workspace: Workspace) -> None:
    with pytest.raises(AzureMLException) as caught:
        ComputeTarget(workspace, "nope")
    assert caught.value.message.startswith("ComputeTargetNotFound: Compute Target with name nope not found")
    assert str(caught.value).startswith("ComputeTargetException:\n\tMessage: ComputeTargetNotFound")
