"""How a run can be made again, as lines to copy."""

from __future__ import annotations

import re
import shlex
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from jupyter_ext.core.workspaces.workspace import DEFAULT_NAME
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException
from jupyter_ext.store.records import RunSpec, read_record
from jupyter_ext.store.snapshots.snapshot_files import CELL_MARK, read_snapshot_file

from .versions import version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_ext.core.runs.run import Run

_GIT = "azureml.git."
_BRACES = re.compile(r"\{([^{}]+)\}")

Recipe = dict[str, str]


def recipes(run: Run) -> list[Recipe]:
    """Give the ways to make a run again: ``title``, ``note``, which says what it does not bring back, and ``code``."""
    spec = read_record(run.paths.run_json, RunSpec)
    if spec is None or not spec.snapshot_id:
        return []
    command = f"aml rerun {spec.run_id}"
    if spec.workspace != DEFAULT_NAME:
        command += f" --workspace {spec.workspace}"
    found = [
        _recipe("The same files, arguments, environment and target", f"%{command}", _hidden(spec)),
        _recipe("The same, in a terminal", f"jupyter {command}", _hidden(spec)),
    ]
    if spec.script:
        found.append(_from_a_cell(run, spec, spec.script))
    return found + _from_git(spec)


def _recipe(title: str, code: str, note: str = "") -> Recipe:
    return {"title": title, "note": note, "code": code}


def _hidden(spec: RunSpec) -> str:
    names = ", ".join(spec.hidden_variables)
    return f"Set these variables first, as their values are not kept: {names}." if names else ""


def _from_a_cell(run: Run, spec: RunSpec, script: str) -> Recipe:
    """Spell the line of a cell; with the script as its body where it was one."""
    environment, registered = _environment(run, spec)
    words = [
        *environment,
        *_options(spec),
        *(_data(spec) or []),
        script,
        *(str(argument) for argument in spec.arguments),
    ]
    line = "aml_submit " + " ".join(_literal(shlex.quote(word)) for word in words)
    body = _cell_script(run, spec, script)
    left_out = [] if registered else ["the environment, which is registered as it was under no version"]
    left_out += [what for what, there in _not_in_a_line(spec).items() if there]
    note = "The folder is sent as it is now."
    if left_out:
        note += f" Left out: {', '.join(left_out)}."
    return _recipe("From a cell", f"%{line}" if body is None else f"%%{line}\n{body}", note)


def _environment(run: Run, spec: RunSpec) -> tuple[list[str], bool]:
    """Return the option that names the environment, and whether it means the same one."""
    if spec.environment is None:
        return [], True
    version = version_of(run.experiment.workspace._paths, spec.environment)
    return ([], False) if version is None else (["--env", f"{spec.environment['name']}:{version}"], True)


def _options(spec: RunSpec) -> Iterator[str]:
    options: dict[str, Any] = {
        "--compute": spec.target if spec.target != "local" else None,
        "--experiment": spec.experiment,
        "--source": spec.source_directory,
        "--nodes": spec.node_count if spec.node_count > 1 else None,
        "--procs-per-node": spec.processes_per_node if spec.processes_per_node > 1 else None,
        "--distributed": spec.distribution if spec.rank_count > 1 else None,
    }
    for name, value in options.items():
        if value is not None:
            yield from (name, str(value))
    for key, value in spec.tags.items():
        yield from ("--tag", f"{key}={value or ''}")


def _data(spec: RunSpec) -> list[str] | None:
    """Return the options that name the data; None where a line cannot name all of it."""
    words = []
    for one in spec.inputs:
        dataset = one.dataset
        mode = "mount" if dataset.kind == "file" else "direct"
        if one.reference or one.path_on_compute or one.mode != mode or not (dataset.name and dataset.version):
            return None
        words += ["--data", f"{one.name}={dataset.name}:{dataset.version}"]
    return None if spec.outputs else words


def _not_in_a_line(spec: RunSpec) -> dict[str, bool]:
    own = (spec.environment or {}).get("environmentVariables") or {}
    return {
        "environment variables of the configuration": not own.keys()
        >= {*spec.environment_variables, *spec.hidden_variables},
        "the parameter servers": spec.parameter_servers > 0,
        "Docker arguments": bool(spec.docker_arguments),
        "the data": _data(spec) is None,
    }


def _literal(word: str) -> str:
    """Keep the notebook from filling in its own values."""

    def kept(match: re.Match[str]) -> str:
        try:
            compile(match[1], "", "eval")
        except (SyntaxError, ValueError):
            return match[0]
        return "{chr(123)}" + match[1] + "}"

    return _BRACES.sub(kept, word.replace("$", "$$"))


def _cell_script(run: Run, spec: RunSpec, script: str) -> str | None:
    """Return the body of the cell that was the script; None where the script is a file of the folder."""
    with suppress(AzureMLException):
        _, data = read_snapshot_file(run.experiment.workspace._paths, spec.snapshot_id or "", script)
        if data.startswith(CELL_MARK):
            return data.partition(b"\n")[2].decode(errors="replace")
    return None


def _from_git(spec: RunSpec) -> list[Recipe]:
    address, commit = (spec.properties.get(_GIT + name) for name in ("repository_uri", "commit"))
    if not address or not commit:
        return []
    dirty = spec.properties.get(_GIT + "dirty") == "True"
    code = f"git clone {shlex.quote(address)} {spec.run_id}\ngit -C {spec.run_id} checkout {shlex.quote(commit)}"
    return [_recipe("The source from git", code, "The folder had changes that were not committed." if dirty else "")]
