"""The experiments of a workspace as MLflow's; an experiment's id is its name, which is unique."""

import re
import time
import uuid

from mlflow.entities import Experiment, ExperimentTag, ViewType
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE, RESOURCE_ALREADY_EXISTS, RESOURCE_DOES_NOT_EXIST
from mlflow.store.entities.paged_list import PagedList
from mlflow.utils.search_utils import SearchExperimentsUtils, SearchUtils

from ..records import write_record
from .places import DEFAULT_ID, DEFAULT_NAME, experiment_id, experiment_name, uri_of

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any

    from .places import Place

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,254}\Z")


class Experiments:
    """What a tracking store offers for experiments."""

    _place: "Place"

    def search_experiments(
        self,
        view_type: int = ViewType.ACTIVE_ONLY,
        max_results: int = 1000,
        filter_string: "str | None" = None,
        order_by: "list[str] | None" = None,
        page_token: "str | None" = None,
    ) -> "PagedList":
        """Give the experiments that fit."""
        found = [self._experiment(record) for record in self._place.experiments()]
        found = [one for one in found if _is_seen(one.lifecycle_stage, view_type)]
        found = SearchExperimentsUtils.filter(found, filter_string)
        found = SearchExperimentsUtils.sort(found, order_by or ["creation_time DESC", "experiment_id ASC"])
        page, token = SearchUtils.paginate(found, page_token, max_results)
        return PagedList(page, token)

    def get_experiment(self, experiment_id: str) -> Experiment:
        """Give an experiment by its id."""
        found = self.get_experiment_by_name(experiment_name(experiment_id))
        if found is None and str(experiment_id) == DEFAULT_ID:
            return self._experiment({"name": DEFAULT_NAME, "created": 0.0})
        if found is None:
            raise MlflowException("There is no experiment {!r}.".format(experiment_id), RESOURCE_DOES_NOT_EXIST)
        return found

    def get_experiment_by_name(self, experiment_name: str) -> "Experiment | None":
        """Give an experiment by its name, or None."""
        record = self._place.experiment(experiment_name) if _NAME.match(experiment_name) else None
        return None if record is None else self._experiment(record)

    def create_experiment(self, name: str, artifact_location: "str | None" = None, tags: "Any" = None) -> str:
        """Make an experiment; its runs keep their files themselves, so there is no other place for them."""
        if not isinstance(name, str) or not _NAME.match(name):
            raise MlflowException(
                "{!r} cannot be an experiment's name: use 1 to 255 letters, digits, '-' and '_', a letter or digit "
                "first.".format(name),
                INVALID_PARAMETER_VALUE,
            )
        if artifact_location and not artifact_location.startswith(uri_of(self._place.root)):
            raise MlflowException(
                "A run of this workspace keeps its artifacts itself: leave artifact_location out.",
                INVALID_PARAMETER_VALUE,
            )
        if self._place.experiment(name) is not None:
            raise MlflowException("Experiment {!r} exists already.".format(name), RESOURCE_ALREADY_EXISTS)
        self._write({"name": name, "id": str(uuid.uuid4()), "created": time.time()}, tags or ())
        return experiment_id(name)

    def delete_experiment(self, experiment_id: str) -> None:
        """Archive an experiment; its runs stay."""
        self._write(self._record(experiment_id), (), archived=time.time())

    def restore_experiment(self, experiment_id: str) -> None:
        """Take an experiment back from the archive."""
        self._write(self._record(experiment_id), (), archived=None)

    def rename_experiment(self, experiment_id: str, new_name: str) -> None:
        """Refuse: every run has written down the name of its experiment, and that never changes.

        Raises
        ------
        MlflowException
            Always.
        """
        raise MlflowException(
            "Experiment {!r} cannot become {!r}: its runs have its name written down. Make a new experiment.".format(
                experiment_name(experiment_id), new_name
            ),
            INVALID_PARAMETER_VALUE,
        )

    def set_experiment_tag(self, experiment_id: str, tag: ExperimentTag) -> None:
        """Tag an experiment."""
        self._write(self._record(experiment_id), (tag,))

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        """Take a tag away."""
        record = self._record(experiment_id)
        if record.get("tags", {}).pop(key, None) is None:
            raise MlflowException("The experiment has no tag {!r}.".format(key), RESOURCE_DOES_NOT_EXIST)
        self._write(record, ())

    def _record(self, experiment_id: str) -> "dict[str, Any]":
        record = self._place.experiment(experiment_name(self.get_experiment(experiment_id).experiment_id))
        return record or {"name": DEFAULT_NAME, "id": str(uuid.uuid4()), "created": time.time()}

    def _write(self, record: "dict[str, Any]", tags: "Any", **fields: "Any") -> None:
        if self._place.is_run:
            raise MlflowException(
                "This run sees no other experiment than its own, {!r}: its container has no other folder.".format(
                    next(self._place.experiments())["name"]
                ),
                INVALID_PARAMETER_VALUE,
            )
        record = dict(record, **fields)
        record["tags"] = dict(record.get("tags") or {}, **{tag.key: str(tag.value) for tag in tags})
        write_record(self._place.experiment_file(record["name"]), record)

    def _experiment(self, record: "dict[str, Any]") -> Experiment:
        created = int(record["created"] * 1000)
        return Experiment(
            experiment_id(record["name"]),
            record["name"],
            uri_of(self._place.root),
            "deleted" if record.get("archived") else "active",
            tags=[ExperimentTag(key, value) for key, value in (record.get("tags") or {}).items()],
            creation_time=created,
            last_update_time=created,
        )


def _is_seen(stage: str, view_type: int) -> bool:
    return bool(view_type == ViewType.ALL or (stage == "deleted") == (view_type == ViewType.DELETED_ONLY))
