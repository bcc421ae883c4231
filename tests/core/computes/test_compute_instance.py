from __future__ import annotations

import pytest
from parts.submitting import Folder

from jupyter_ext.azureml.core.compute import AksCompute, ComputeInstance, ComputeTarget
from jupyter_ext.core.computes.managing import find_compute
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import ComputeTargetException


def test_a_compute_instance_is_this_machine(
    workspace: Workspace, folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ComputeTargetException, match="ComputeTargetNotFound"):
        ComputeInstance(workspace, "mine")
    configuration = ComputeInstance.provisioning_configuration(vm_size="STANDARD_D3_V2", ssh_public_access=False)
    instance = ComputeInstance.create(workspace, "mine", configuration)
    instance.wait_for_completion(show_output=True)
    assert "mine: Succeeded" in capsys.readouterr().out
    assert (type(workspace.compute_targets["mine"]), instance.type) == (ComputeInstance, "ComputeInstance")
    assert instance.get_status().serialize() == {"state": "Running", "errors": [], "vmSize": "STANDARD_D3_V2"}
    instance.stop(wait_for_completion=True, show_output=True)
    assert folder.submit("print(1)", compute_target=instance).wait_for_completion()["target"] == "mine"
    assert find_compute(workspace, "mine")["type"] == "ComputeInstance"
    instance.delete()
    assert workspace.compute_targets == {}
    with pytest.raises(ComputeTargetException, match="aks cannot be attached: AksCompute of the cloud is"):
        ComputeTarget.attach(workspace, "aks", AksCompute.attach_configuration(resource_group="r", cluster_name="c"))
