"""Registered models and their versions as MLflow's entities."""

import inspect

from mlflow.entities.model_registry import ModelVersion, ModelVersionTag, RegisteredModel, RegisteredModelTag

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any

_PARAMETERS = inspect.signature(ModelVersion).parameters


def tags_of(tags: "Any") -> "dict[str, str]":
    """Give MLflow's tags as a dictionary."""
    return {tag.key: str(tag.value) for tag in tags or ()}


def version_entity(record: "dict[str, Any]", about: "dict[str, Any]") -> ModelVersion:
    """Make MLflow's version of a model's record.

    Parameters
    ----------
    record
        The version's.
    about
        What MLflow keeps of the model itself: ``stages`` and ``aliases``.
    """
    version = str(record["version"])
    created = int(record["created"] * 1000)
    return ModelVersion(
        name=record["name"],
        version=version,
        creation_timestamp=created,
        last_updated_timestamp=created,
        description=record.get("description"),
        user_id=record.get("created_by"),
        current_stage=(about.get("stages") or {}).get(version, "None"),
        source="models:/{}/{}".format(record["name"], version),
        run_id=record.get("run_id"),
        tags=[ModelVersionTag(key, value) for key, value in (record.get("tags") or {}).items()],
        **_aliases(about, version),
    )


def registered_model(name: str, about: "dict[str, Any]", records: "list[dict[str, Any]]") -> RegisteredModel:
    """Make MLflow's model of the records of its versions, the oldest first."""
    latest = {}
    for record in records:
        version = version_entity(record, about)
        latest[version.current_stage] = version
    times = [int(record["created"] * 1000) for record in records] or [0]
    return RegisteredModel(
        name,
        times[0],
        times[-1],
        about.get("description"),
        list(latest.values()),
        [RegisteredModelTag(key, value) for key, value in (about.get("tags") or {}).items()],
        **_model_aliases(about),
    )


def _model_aliases(about: "dict[str, Any]") -> "dict[str, Any]":
    if "aliases" not in _PARAMETERS:
        return {}  # MLflow 2.0 has none
    from mlflow.entities.model_registry import RegisteredModelAlias  # noqa: PLC0415 - as above

    return {"aliases": [RegisteredModelAlias(one, to) for one, to in (about.get("aliases") or {}).items()]}


def _aliases(about: "dict[str, Any]", version: str) -> "dict[str, Any]":
    if "aliases" not in _PARAMETERS:
        return {}
    return {"aliases": [one for one, to in (about.get("aliases") or {}).items() if to == version]}
