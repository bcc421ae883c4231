"""What there is to know about a run, as tables of names and texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.store.data.data_lineage import data_rows
from jupyter_ext.store.spelling import size_text
from jupyter_ext.store.sweep_record import SYSTEM_TAG

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jupyter_ext.store.live.story import Story
    from jupyter_ext.store.records import BuiltRecord, RunSpec

Rows = list[list[str]]
_GIT = ("azureml.git.", "mlflow.source.git.")


def details(story: Story) -> list[dict[str, Any]]:
    """Make the tables; empty ones are left out, but for the tags, which can be added to.

    Of environment variables only the names are told: their values may be secrets, and the tables are saved
    with the notebook.

    Parameters
    ----------
    story
        What was asked, and what happened since.
    """
    spec, state = story.spec, story.state
    if spec is None:
        return []
    properties: dict[str, Any] = state["properties"]
    git = {name: value for name, value in properties.items() if name.startswith(_GIT)}
    others = {name: value for name, value in properties.items() if name not in git}
    tables = {
        "Run": _run(spec, state),
        "Environment": _environment(spec, story.built),
        "Snapshot": _snapshot(spec, state),
        "Data": _rows(data_rows(spec, story.paths)),
        "Git": _rows((name.removeprefix(_GIT[0]), value) for name, value in git.items()),
        "Parameters": _rows(state["params"].items()),
        "Properties": _rows(others.items()),
    }
    tags = [
        [name, "" if value is None else _text(value)]
        for name, value in state["tags"].items()
        if not name.startswith(SYSTEM_TAG) or name.removeprefix(SYSTEM_TAG) not in state["tags"]
    ]
    told: list[dict[str, Any]] = [{"title": title, "rows": rows} for title, rows in tables.items() if rows]
    told.insert(1, {"title": "Tags", "rows": tags, "tags": True})
    return told


def _run(spec: RunSpec, state: Mapping[str, Any]) -> Rows:
    return _rows(
        [
            ("Run id", spec.run_id),
            ("Display name", state["display_name"]),
            ("Description", state["description"]),
            ("Experiment", spec.experiment),
            ("Workspace", spec.workspace),
            ("Parent", spec.parent),
            ("Script", spec.script),
            ("Arguments", " ".join(str(argument) for argument in spec.arguments)),
            ("Command", spec.command),
            ("Compute", spec.target),
            ("Nodes", spec.node_count if spec.node_count != 1 else None),
            ("Processes per node", spec.processes_per_node if spec.processes_per_node != 1 else None),
            ("Retries", f"at most {spec.max_retries}" if spec.max_retries else None),
            ("Submitted by", spec.submitted_by),
        ]
    )


def _environment(spec: RunSpec, built: BuiltRecord | None) -> Rows:
    environment = spec.environment or {}
    python = _section(environment, "python")
    docker = _section(environment, "docker")
    kind = "container" if spec.container else "process"
    dockerfile = docker.get("baseDockerfile")
    return _rows(
        [
            ("Name", environment.get("name")),
            ("Version", environment.get("version")),
            ("Runs in", kind),
            ("Base image", docker.get("baseImage") if spec.container else None),
            ("Dockerfile", _text(dockerfile) if spec.container else None),
            ("Image", built.image if built else None),
            ("Interpreter", built.python if built else python.get("interpreterPath", spec.interpreter)),
            ("Python", built.version if built else None),
            ("Packages", ", ".join(_packages(python.get("condaDependencies")))),
            ("Installed", ", ".join(built.lock) if built else None),
            ("Variables", ", ".join(sorted({*spec.environment_variables, *spec.hidden_variables}))),
        ]
    )


def _packages(conda: Any) -> list[str]:
    if not isinstance(conda, dict):
        return []
    packages: list[str] = []
    for dependency in conda.get("dependencies") or []:
        if isinstance(dependency, dict):
            packages += [str(package) for package in dependency.get("pip") or []]
        else:
            packages.append(str(dependency))
    return packages


def _snapshot(spec: RunSpec, state: Mapping[str, Any]) -> Rows:
    return _rows(
        [
            ("Id", state["properties"].get("ContentSnapshotId")),
            ("Folder", spec.source_directory),
            ("Files", spec.snapshot_files),
            ("Size", None if spec.snapshot_bytes is None else size_text(spec.snapshot_bytes)),
        ]
    )


def _section(mapping: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = mapping.get(name)
    return section if isinstance(section, dict) else {}


def _rows(pairs: Iterable[tuple[str, Any]]) -> Rows:
    return [[name, _text(value)] for name, value in pairs if value not in (None, "", [], {})]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode() if isinstance(value, (dict, list)) else str(value)
