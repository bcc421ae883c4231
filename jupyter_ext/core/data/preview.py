"""What ``Dataset`` had in v1's first preview: kept so that it says what took its place."""

from __future__ import annotations

import inspect
from typing import Any, NoReturn

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

_METHODS = {
    "get_definitions": "",
    "get_definition": "version_id",
    "register": "workspace name description tags visible exist_ok update_if_exist",
    "update": "name description tags visible",
    "update_definition": "definition definition_update_message",
    "to_pandas_dataframe": "",
    "to_spark_dataframe": "",
    "head": "count",
    "create_snapshot": "snapshot_name compute_target create_data_snapshot target_datastore",
    "get_snapshot": "snapshot_name",
    "delete_snapshot": "snapshot_name",
    "get_all_snapshots": "",
    "generate_profile": "compute_target workspace arguments",
    "get_profile": "arguments generate_if_not_exist workspace compute_target",
    "deprecate": "deprecate_by_dataset_id",
    "archive": "",
    "reactivate": "",
    "compare_profiles": "rhs_dataset profile_arguments include_columns exclude_columns histogram_compare_method",
    "diff": "rhs_dataset compute_target columns",
    "sample": "sample_strategy arguments",
}
_PROPERTIES = (
    "name",
    "workspace",
    "id",
    "definition_version",
    "definition",
    "is_visible",
    "tags",
    "description",
    "state",
)


class Preview:
    """An object that nobody has any more: each of its methods says how datasets are made."""

    def __init__(
        self,
        definition: Any = None,
        workspace: Any = None,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - v1's name
    ) -> None:
        del definition, workspace, name, id
        _refuse()


def _refuse(*args: Any, **kwargs: Any) -> NoReturn:
    del args, kwargs
    raise UserErrorException(
        "Dataset objects of v1's first preview are no more. Make a dataset with Dataset.Tabular.from_delimited_files "
        "or Dataset.File.from_files, or find one with Dataset.get_by_name; those have register, take and the rest."
    )


def _method(name: str, parameters: str) -> Any:
    def method(*args: Any, **kwargs: Any) -> NoReturn:
        _refuse(*args, **kwargs)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    given = [inspect.Parameter(one, kind, default=None) for one in parameters.split()]
    method.__signature__ = inspect.Signature([inspect.Parameter("self", kind), *given])  # type: ignore[attr-defined]
    method.__name__ = name
    method.__doc__ = "Say how datasets are made and found."
    return method


for _name, _parameters in _METHODS.items():
    setattr(Preview, _name, _method(_name, _parameters))
for _name in _PROPERTIES:
    setattr(Preview, _name, property(_refuse))
