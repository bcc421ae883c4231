"""v1's import paths hold the names that notebooks import from them."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

import pytest

import jupyter_ext.azureml

if TYPE_CHECKING:
    from types import ModuleType

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(jupyter_ext.azureml.__path__, "jupyter_ext.azureml.")
    if not module.name.endswith((".enable", "._restclient", ".snapshots_client"))
)
V1 = {
    "core": "get_run Workspace Experiment Run ScriptRun ScriptRunConfig Environment RunConfiguration Model VERSION",
    "core.compute": "ComputeTarget AmlCompute ComputeInstance RemoteCompute KubernetesCompute AksCompute",
    "core.compute_target": "ComputeTargetException",
    "core.conda_dependencies": "CondaDependencies",
    "core.container_registry": "ContainerRegistry",
    "core.dataset": "Dataset",
    "core.datastore": "Datastore",
    "core.environment": "Environment CondaDependencies DEFAULT_CPU_IMAGE DEFAULT_GPU_IMAGE",
    "core.experiment": "Experiment",
    "core.image": "ContainerImage Image",
    "core.model": "InferenceConfig Model",
    "core.run": "Run",
    "core.runconfig": "RunConfiguration DockerConfiguration MpiConfiguration CondaDependencies MPI_CPU_IMAGE",
    "core.script_run": "ScriptRun",
    "core.script_run_config": "ScriptRunConfig",
    "core.webservice": "AciWebservice AksWebservice LocalWebservice Webservice WebserviceException",
    "core.workspace": "Workspace",
    "data": "__version__ FileDataset TabularDataset OutputFileDatasetConfig DataType",
    "data.data_reference": "DataReference",
    "data.datapath": "DataPath",
    "data.dataset_consumption_config": "DatasetConsumptionConfig",
    "data.dataset_factory": "FileDatasetFactory TabularDatasetFactory DataType",
    "exceptions": "AzureMLException UserErrorException ComputeTargetException WebserviceException",
    "core.authentication": "InteractiveLoginAuthentication AzureCliAuthentication ServicePrincipalAuthentication",
    "core.keyvault": "Keyvault",
    "tensorboard": "Tensorboard",
    "tensorboard.export": "export_to_tensorboard",
    "train.dnn": "PyTorch TensorFlow Chainer Mpi Gloo Nccl ParameterServer",
    "train.estimator": "Estimator Mpi ParameterServer",
    "train.hyperdrive": "HyperDriveConfig HyperDriveRun PrimaryMetricGoal RandomParameterSampling choice uniform",
    "train.hyperdrive.parameter_expressions": "choice uniform loguniform normal randint",
    "train.hyperdrive.policy": "BanditPolicy MedianStoppingPolicy TruncationSelectionPolicy NoTerminationPolicy",
    "train.hyperdrive.run": "HyperDriveRun PrimaryMetricGoal",
    "train.hyperdrive.runconfig": "HyperDriveConfig HyperDriveRunConfig PrimaryMetricGoal",
    "train.hyperdrive.sampling": "RandomParameterSampling GridParameterSampling BayesianParameterSampling",
    "train.sklearn": "SKLearn",
    "widgets": "RunDetails",
}


def load(name: str) -> ModuleType:
    return importlib.import_module(f"jupyter_ext.azureml.{name}")


@pytest.mark.parametrize("name", MODULES)
def test_what_a_module_exports_is_there(name: str) -> None:
    module = importlib.import_module(name)
    exported = getattr(module, "__all__", [])
    assert set(exported) <= set(dir(module))


@pytest.mark.parametrize("name", V1)
def test_v1s_names_are_there(name: str) -> None:
    module = load(name)
    missing = [wanted for wanted in V1[name].split() if not hasattr(module, wanted)]
    assert missing == []
