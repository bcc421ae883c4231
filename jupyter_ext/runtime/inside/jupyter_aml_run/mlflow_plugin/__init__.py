"""What MLflow finds under the scheme ``jupyter-aml``: the run directories, with no server and no database.

MLflow looks for its plug-ins among the entry points of what is installed. Inside a run they stand in
``jupyter_aml_run.dist-info`` beside this package, on the PYTHONPATH; in the notebook they are the wheel's. MLflow
loads them all as it is imported, so each is a function that imports what it needs when it is called.
"""

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any


def tracking_store(store_uri: str, artifact_uri: "str | None" = None) -> "Any":
    """Give the tracking store of a workspace, or of a run."""
    from .store import Store  # noqa: PLC0415 - as told above

    return Store(store_uri, artifact_uri)


def artifact_repository(artifact_uri: str, *arguments: "Any", **keywords: "Any") -> "Any":
    """Give the files of a run."""
    from .artifact_repo import RunArtifacts  # noqa: PLC0415 - as told above

    return RunArtifacts(artifact_uri, *arguments, **keywords)


def model_registry(store_uri: str, tracking_uri: "str | None" = None) -> "Any":
    """Give the registered models of the workspace that a run belongs to."""
    from .registry import Registry  # noqa: PLC0415 - as told above

    return Registry(store_uri, tracking_uri)
