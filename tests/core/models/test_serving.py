from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_ext.azureml.core.image import ContainerImage, Image
from jupyter_ext.azureml.core.model import InferenceConfig, Model
from jupyter_ext.azureml.core.webservice import AciWebservice, AksWebservice, Webservice, WebserviceException
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.workspaces.workspace import Workspace


def test_a_deployment_is_described_and_refused(workspace: Workspace, in_folder: Path) -> None:
    (in_folder / "m.txt").write_text("m")
    model = Model.register(workspace, "m.txt", "net")
    settings = AciWebservice.deploy_configuration(cpu_cores=1, memory_gb=1, tags={"a": "b"})
    assert repr(settings) == "DeploymentConfiguration(cpu_cores=1, memory_gb=1, tags={'a': 'b'})"
    serving = InferenceConfig(entry_script="score.py", environment=Environment("e"))
    image = ContainerImage.image_configuration(execution_script="score.py", runtime="python", conda_file="e.yml")
    assert (serving.entry_script, image.execution_script) == ("score.py", "score.py")
    for deploy in (
        lambda: Model.deploy(workspace, "s", [model], serving, settings),
        lambda: Webservice.deploy_from_model(workspace, name="s", models=[model], image_config=image),
        lambda: ContainerImage.create(name="i", models=[model], image_config=image, workspace=workspace),
    ):
        with pytest.raises(WebserviceException, match=r"take the files with Model\.download\(\) to what serves them"):
            deploy()
    with pytest.raises(WebserviceException, match="WebserviceNotFound"):
        AksWebservice(workspace, "s")
    assert (Webservice.list(workspace), Image.list(workspace)) == ([], [])
