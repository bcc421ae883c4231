"""Prepare: the run's environment, found or built."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from jupyter_ext.build import find
from jupyter_ext.build.apart import build_apart
from jupyter_ext.store.image_registry import read_registry
from jupyter_ext.store.records import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_ext.build import Built, Progress
    from jupyter_ext.store.handed import Handed
    from jupyter_ext.store.paths import RunPaths
    from jupyter_ext.store.records import BuiltRecord, RunSpec

    from .report import Reporter


def prepare(
    paths: RunPaths,
    spec: RunSpec,
    handed: Handed,
    report: Reporter,
    look: Callable[[], None],
    give_way: Callable[[], None],
) -> Built | None:
    """Return the environment that the run asked for, or None when it asked for none."""
    if spec.environment is None:
        return None
    root = paths.workspace.environments
    folder = Path(spec.source_directory or "/")
    built = find(spec.environment, container=spec.container, root=root, folder=folder)
    if built is None:
        give_way()
        built = build_apart(
            spec.environment,
            container=spec.container,
            root=root,
            report=lambda progress: _tell(progress, report),
            look=look,
            log=paths.build_log,
            folder=folder,
            password=handed.registry_password,
            variables=_of_registry(root, handed),
        )
    replace(paths.built, msgspec.json.encode(built))
    for note in built.notes:
        report.note(note)
    report.note(f"{built.tag or built.kind} {'was there' if built.cached else f'built in {built.seconds:.0f} s'}")
    return built


def as_given(spec: RunSpec, built: Built | BuiltRecord | None) -> RunSpec:
    """Return the run as it goes on: with no container, where the image it started from could not be had."""
    return msgspec.structs.replace(spec, container=False) if built and built.kind != "image" else spec


def _of_registry(root: Path, handed: Handed) -> dict[str, str]:
    """Return the submitter's variable with the password of the registry that gets the workspace's images."""
    registry = read_registry(root)
    name = registry.password_variable if registry else None
    return {name: handed.environment[name]} if name in handed.environment and name else {}


def _tell(progress: Progress, report: Reporter) -> None:
    if progress.note and progress.line:
        report.note(progress.line)
    elif progress.step and progress.line is None:
        report.note(f"step {progress.step} of {progress.steps}: {progress.text}")
