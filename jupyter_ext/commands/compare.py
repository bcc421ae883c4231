"""``compare``: what differs between runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyter_ext.commands.answer import Answer, Table
from jupyter_ext.commands.find import find_run
from jupyter_ext.monitor.spelling import number
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.records import RunSpec, read_record

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from jupyter_ext.core.run import Run
    from jupyter_ext.core.workspace import Workspace

_GIT = "azureml.git."
_FEWEST = 2


def compare(workspace: Workspace, options: Namespace) -> Answer:
    """Tell what differs between runs, fact by fact."""
    runs = list(dict.fromkeys(find_run(workspace, name) for name in options.runs))
    if len(runs) < _FEWEST:
        raise UserErrorException(f"To compare takes two runs at least: {runs[0].id} and which other?")
    facts = [dict(_facts(run)) for run in runs]
    names = list(dict.fromkeys(name for one in facts for name in one))
    differing = [name for name in names if len({one.get(name, "") for one in facts}) > 1]
    rows = [(name, *(one.get(name, "") for one in facts)) for name in differing]
    data = {
        "runs": [run.id for run in runs],
        "different": {name: [one.get(name) for one in facts] for name in differing},
        "same": {name: facts[0][name] for name in names if name not in differing},
    }
    same = len(names) - len(differing)
    text = "Nothing differs." if not rows else f"{len(rows)} facts differ, {same} are the same."
    return Answer(data, [Table(("", *(run.id for run in runs)), rows)] if rows else [], text)


def _facts(run: Run) -> Iterator[tuple[str, str]]:
    spec = read_record(run.paths.run_json, RunSpec)
    if spec is None:
        return
    yield "experiment", spec.experiment
    yield "status", run.get_status()
    yield "script", spec.script or spec.command or ""
    yield from _arguments([str(argument) for argument in spec.arguments])
    yield "target", str(spec.target)
    yield "snapshot", spec.snapshot_id or ""
    yield from _flat("environment", spec.environment or {"python": spec.interpreter})
    for name, value in sorted(run.tags.items()):
        yield f"tag {name}", str(value)
    for name, value in sorted(spec.properties.items()):
        if name.startswith(_GIT):
            yield f"git {name.removeprefix(_GIT)}", str(value)
    for name, value in sorted(run.get_metrics().items()):
        yield f"metric {name}", _last(value)


def _arguments(arguments: list[str]) -> Iterator[tuple[str, str]]:
    """Yield options with their values, so that ``--lr 0.1`` is compared with ``--lr 0.2`` wherever it stands."""
    index, place = 0, 0
    while index < len(arguments):
        word = arguments[index]
        index += 1
        if not word.startswith("-"):
            place += 1
            yield f"argument {place}", word
        elif "=" in word:
            name, _, value = word.partition("=")
            yield name, value
        elif index < len(arguments) and not arguments[index].startswith("--"):
            yield word, arguments[index]
            index += 1
        else:
            yield word, "given"


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{name} {key}", inner)
    elif value not in (None, [], ""):
        yield name, value if isinstance(value, str) else json.dumps(value)


def _last(value: Any) -> str:
    if isinstance(value, list) and value:
        value = value[-1]
    return number(value) if isinstance(value, int | float) else str(value)
