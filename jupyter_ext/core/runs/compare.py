"""What differs between runs, fact by fact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_ext.core.environments.facts import ENVIRONMENT_FACTS, environment_facts
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.records import RunSpec, read_record
from jupyter_ext.store.spelling import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .run import Run

_GIT = "azureml.git."
_FEWEST = 2


@dataclass(frozen=True)
class Comparison:
    """How some runs stand to each other.

    Attributes
    ----------
    runs
        Their ids.
    different
        Each fact that differs, with its value for each run; None where a run has none. Group by group, and those that
        all runs have before the others.
    same
        The facts that do not.
    """

    runs: list[str]
    different: dict[str, list[str | None]]
    same: dict[str, str]


def compare(runs: Sequence[Run]) -> Comparison:
    """Compare runs by what they were asked, how they ended and what they logged last.

    Raises
    ------
    UserErrorException
        They are fewer than two.
    """
    runs = list(dict.fromkeys(runs))
    if len(runs) < _FEWEST:
        raise UserErrorException(f"To compare takes two runs at least: {runs[0].id} and which other?")
    facts = [dict(_facts(run)) for run in runs]
    names = list(dict.fromkeys(name for one in facts for name in one))
    groups = list(dict.fromkeys(grouped(name)[0] for name in names))
    names.sort(key=lambda name: (groups.index(grouped(name)[0]), any(name not in one for one in facts)))
    values = {name: [one.get(name) for one in facts] for name in names}
    different = {name: told for name, told in values.items() if len({value or "" for value in told}) > 1}
    same = {name: told[0] or "" for name, told in values.items() if name not in different}
    return Comparison([run.id for run in runs], different, same)


def _facts(run: Run) -> Iterator[tuple[str, str]]:
    spec = read_record(run.paths.run_json, RunSpec)
    if spec is None:
        return
    yield "experiment", spec.experiment
    yield "status", run.get_status()
    yield "script", spec.script or spec.command or ""
    yield from _arguments([str(argument) for argument in spec.arguments])
    yield "target", str(spec.target)
    yield "nodes", str(spec.node_count)
    yield "snapshot", spec.snapshot_id or ""
    yield from _data(spec)
    yield from environment_facts(run.paths, spec)
    for name, value in sorted(run.tags.items()):
        yield f"tag {name}", str(value)
    for name, value in sorted(spec.properties.items()):
        if name.startswith(_GIT):
            yield f"git {name.removeprefix(_GIT)}", str(value)
    for name, value in sorted(run.get_metrics().items()):
        yield f"metric {name}", _last(value)


def grouped(name: str) -> tuple[str, str]:
    """Tell what a fact is about, and its name among those: ``("metrics", "loss")`` of ``metric loss``."""
    first, _, rest = name.partition(" ")
    if name.startswith("-"):
        return "arguments", name
    if rest and first in _GROUPS:
        return _GROUPS[first], rest if first != "argument" else name
    return ("environment" if name in ENVIRONMENT_FACTS else "run"), name


_GROUPS = {
    "argument": "arguments",
    "package": "packages",
    "git": "git",
    "data": "data",
    "tag": "tags",
    "metric": "metrics",
}


def _data(spec: RunSpec) -> Iterator[tuple[str, str]]:
    """Yield what a run was given, and where what it wrote went."""
    for given in spec.inputs:
        dataset = given.dataset
        name = f"{dataset.name}:{dataset.version}" if dataset.name else ""
        places = ", ".join(f"{one.datastore}:{one.path}" if one.datastore else one.path for one in dataset.sources)
        yield f"data {given.name}", " ".join(part for part in (name, places) if part)
    for written in spec.outputs:
        yield f"data {written.name}", f"to {written.datastore}:{written.path.replace(spec.run_id, '{run}')}"


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


def _last(value: Any) -> str:
    if isinstance(value, list) and value:
        value = value[-1]
    return number(value) if isinstance(value, int | float) else str(value)
