"""Holds the public names of the package to a list, so that none comes or goes unseen."""

from __future__ import annotations

import importlib

import jupyter_ext

NAMES = [
    "AmlCompute",
    "ComputeTarget",
    "CondaDependencies",
    "Dataset",
    "Datastore",
    "DockerConfiguration",
    "Environment",
    "Experiment",
    "Model",
    "Run",
    "RunConfiguration",
    "RunDetails",
    "RunMonitor",
    "ScriptRun",
    "ScriptRunConfig",
    "Workspace",
    "engine_answers",
]


def test_the_exported_names_are_these() -> None:
    assert jupyter_ext.__all__ == NAMES


def test_the_list_is_sorted() -> None:
    assert sorted(NAMES) == NAMES


def test_every_exported_name_can_be_imported() -> None:
    for name in NAMES:
        assert getattr(importlib.import_module("jupyter_ext"), name) is not None
