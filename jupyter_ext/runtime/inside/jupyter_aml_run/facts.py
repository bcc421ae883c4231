"""What a script can read about its run."""

import os
import time

from . import artifacts
from .data_details import input_details, output_details
from .events import append_event
from .logger import RunLogger
from .place import Experiment

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any


class RunFacts(RunLogger):
    """A run's names, state, experiment, inputs and details.

    Parameters
    ----------
    run_dir
        The run directory.
    rank
        The rank that logs, where the run has several.
    """

    def __repr__(self) -> str:
        return "Run(Experiment: {},\nId: {},\nType: {},\nStatus: {})".format(
            self.experiment.name, self.id, self.type, self.status
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RunFacts) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def id(self) -> str:
        """The run's id."""
        return str(self._asked()["run_id"])

    @property
    def name(self) -> str:
        """The run's name for people, as in v1 the same as `display_name`."""
        return self.display_name

    @property
    def display_name(self) -> str:
        """The run's name for people; it can be set."""
        return self._state()["display_name"] or self.id

    @display_name.setter
    def display_name(self, value: str) -> None:
        append_event(self._run_dir, display_name=str(value))

    @property
    def description(self) -> "str | None":
        """What the run is about; it can be set."""
        description: "str | None" = self._state()["description"]
        return description

    @description.setter
    def description(self, value: "str | None") -> None:
        append_event(self._run_dir, description=value)

    @property
    def type(self) -> "str | None":
        """The run's type, such as ``azureml.scriptrun``."""
        return self._asked().get("type")

    @property
    def number(self) -> int:
        """The run's number within its experiment."""
        return int(self._asked().get("number") or 0)

    @property
    def status(self) -> str:
        """The run's status now."""
        return self.get_status()

    def get_status(self) -> str:
        """Give the run's status now."""
        return str(self._state()["status"])

    @property
    def experiment(self) -> Experiment:
        """The experiment's name and workspace."""
        return Experiment(self._asked())

    @property
    def tags(self) -> "dict[str, Any]":
        """The run's tags now."""
        return self.get_tags()

    @property
    def properties(self) -> "dict[str, Any]":
        """The run's properties now."""
        return self.get_properties()

    @property
    def input_datasets(self) -> "dict[str, Any]":
        """What each named input is: a file dataset's path, or the dataset where it is one that is read directly."""
        from .inputs import input_datasets  # noqa: PLC0415 - for those who have data

        return input_datasets()

    @property
    def output_datasets(self) -> "dict[str, str]":
        """The path to write to for each named output."""
        from .inputs import output_datasets  # noqa: PLC0415 - for those who have data

        return output_datasets()

    def get_detailed_status(self) -> "dict[str, Any]":
        """Give the run's status with the reason for it."""
        state = self._state()
        return {"status": state["status"], "details": state["reason"] or state["note"]}

    def get_snapshot_id(self) -> "str | None":
        """Give the id of the snapshot of the source folder, or None."""
        snapshot: "str | None" = self.get_properties().get("ContentSnapshotId")
        return snapshot

    def get_portal_url(self) -> str:
        """Give where the run's files are, as the script sees it."""
        return "file://" + os.path.abspath(self._run_dir)

    def get_environment(self) -> "dict[str, Any]":
        """Give the environment that was asked for, as a dictionary in v1's serialised form."""
        return dict(self._asked().get("environment") or {})

    def get_details(self) -> "dict[str, Any]":
        """Give the run's description with v1's keys; what is not known yet is left out."""
        asked, state = self._asked(), self._state()
        details = {
            "runId": self.id,
            "target": asked.get("target"),
            "status": state["status"],
            "startTimeUtc": _utc(state["started"]),
            "endTimeUtc": _utc(state["ended"]),
            "services": {},
            "properties": state["properties"],
            "inputDatasets": input_details(asked.get("inputs") or []),
            "outputDatasets": output_details(asked.get("outputs") or [], self._run_dir),
            "runDefinition": asked.get("run_definition"),
            "logFiles": {
                name: artifacts.locate(self._run_dir, name)
                for name in self.get_file_names()
                if name.split("/", 1)[0] in artifacts.OWN_FOLDERS
            },
        }
        return {key: value for key, value in details.items() if value is not None}

    def get_secret(self, name: str) -> "str | None":
        """Give a secret of the workspace's key vault; None where it has none of this name."""
        return self.experiment.workspace.get_default_keyvault().get_secret(name)

    def get_secrets(self, secrets: "list[str]") -> "dict[str, str | None]":
        """Give several secrets by their names."""
        return self.experiment.workspace.get_default_keyvault().get_secrets(secrets)


def _utc(seconds: "float | None") -> "str | None":
    """Write a time as v1 does: ISO 8601 with microseconds and a Z."""
    if seconds is None:
        return None
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return "{}.{:06d}Z".format(whole, int(seconds % 1 * 1e6))
