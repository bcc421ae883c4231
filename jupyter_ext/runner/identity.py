"""The environment variables from which a script knows that it is in a run, and in which; their names are v1's."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING

import msgspec

from jupyter_ext.store.records import read_record

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_ext.store.paths import WorkspacePaths
    from jupyter_ext.store.records import RunSpec

_TOKEN_SECONDS = 30 * 24 * 3600


def identity(spec: RunSpec, workspace: WorkspacePaths, run_dir: str, hosts: list[str], node: int) -> dict[str, str]:
    """Return the variables for every rank of a node.

    Parameters
    ----------
    workspace
        Where the run's workspace lies.
    run_dir
        The run directory, as the ranks see it.
    hosts, node
        How each node is called by the others, and which one this is.
    """
    here = f"file://{run_dir}"
    expiry = int(time.time()) + _TOKEN_SECONDS
    listed = ";".join(hosts)
    return {
        "AML_RUN_DIR": run_dir,
        "AZUREML_RUN_ID": spec.run_id,
        "AZUREML_ROOT_RUN_ID": spec.parent or spec.run_id,
        "AZUREML_ARM_PROJECT_NAME": spec.experiment,
        "AZUREML_ARM_WORKSPACE_NAME": spec.workspace,
        "AZUREML_ARM_SUBSCRIPTION": spec.subscription_id,
        "AZUREML_ARM_RESOURCEGROUP": spec.resource_group,
        "AZUREML_EXPERIMENT_ID": _id_in(workspace.experiments / f"{spec.experiment}.json"),
        "AZUREML_WORKSPACE_ID": _id_in(workspace.record),
        "AZUREML_WORKSPACE_SCOPE": (
            f"/subscriptions/{spec.subscription_id}/resourceGroups/{spec.resource_group}"
            f"/providers/Microsoft.MachineLearningServices/workspaces/{spec.workspace}"
        ),
        "AZUREML_SERVICE_ENDPOINT": here,
        "AZUREML_DISCOVERY_SERVICE_ENDPOINT": here,
        "AZUREML_RUN_TOKEN": _token(spec, expiry),
        "AZUREML_RUN_TOKEN_EXPIRY": str(expiry),
        "AZUREML_OUTPUT_DIRECTORY": "./outputs",
        "AZUREML_LOGDIRECTORY_PATH": "./logs",
        "AZUREML_CR_EXECUTION_WORKING_DIR_PATH": f"{run_dir}/work",
        "AZUREML_TARGET_TYPE": "local" if spec.target == "local" else "amlcompute",
        "AZUREML_FRAMEWORK": str(spec.run_definition.get("framework") or "Python"),
        "AZUREML_COMMUNICATOR": str(spec.run_definition.get("communicator") or "None"),
        "AZ_BATCHAI_TASK_INDEX": str(node),
        "AZ_BATCHAI_JOB_NAME": spec.run_id,
        "AZ_BATCHAI_JOB_WORK_DIR": f"{run_dir}/work",
        "AZ_BATCHAI_NODE_LIST": listed,
        "AZ_BATCHAI_WORKER_HOSTS": listed,
        "AZ_BATCHAI_MPI_MASTER_NODE": hosts[0],
        "AZ_BATCHAI_JOB_MASTER_NODE_IP": hosts[0],
        "PYTHONUNBUFFERED": "1",
    }


class _Named(msgspec.Struct):
    id: str


def _id_in(record: Path) -> str:
    """Return the id that a record has."""
    named = read_record(record, _Named)
    return named.id if named else ""


def _token(spec: RunSpec, expiry: int) -> str:
    """Return a token that can be decoded and opens nothing: scripts look whether there is one."""
    parts = ({"alg": "none", "typ": "JWT"}, {"sub": spec.run_id, "exp": expiry})
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return ".".join((*encoded, ""))
