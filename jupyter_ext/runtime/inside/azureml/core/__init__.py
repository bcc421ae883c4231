"""What a script finds under ``azureml.core`` inside a run: the nouns that are not the notebook's alone."""

from azureml.core.dataset import Dataset
from azureml.core.model import Model
from azureml.core.run import Run

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["VERSION", "Dataset", "Model", "Run"]

VERSION = __version__ = "1.61.0"

_NOTEBOOK_ONLY = frozenset(
    (
        "ComputeTarget",
        "ContainerRegistry",
        "Datastore",
        "Environment",
        "Experiment",
        "Image",
        "Keyvault",
        "RunConfiguration",
        "ScriptRun",
        "ScriptRunConfig",
        "Webservice",
        "Workspace",
    )
)


def __getattr__(name: str) -> "NoReturn":  # Python 3.6 does not call it, and says only that the name cannot be imported
    if name in _NOTEBOOK_ONLY:
        raise ImportError(
            "azureml.core.{0} is not available inside a run, which has Run, Model and Dataset; use {0} in the "
            "notebook, and pass the script what it needs as an argument.".format(name)
        )
    raise AttributeError("module {!r} has no attribute {!r}".format(__name__, name))
