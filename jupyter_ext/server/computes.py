"""The compute targets, and what a person does with them; called by threads."""

from __future__ import annotations

from typing import Any

import msgspec

from jupyter_ext.core.computes import managing
from jupyter_ext.core.computes.compute import checked_name
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException
from jupyter_ext.server.channel import PolledChannel
from jupyter_ext.server.find import Unfound, find_workspace
from jupyter_ext.store.queueing.queue import LOCAL


class New(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A target that is to be made."""

    name: str
    nodes: int
    vm_size: str | None = None


class Scale(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many nodes a target is to have."""

    nodes: int


def computes(workspace: str) -> list[dict[str, Any]]:
    """List the compute targets, this machine first."""
    return [_told(one) for one in managing.list_computes(find_workspace(workspace))]


def add(workspace: str, asked: New) -> dict[str, Any]:
    """Make a target of node slots on this machine."""
    found = find_workspace(workspace)
    made = managing.add_compute(found, asked.name, asked.nodes, asked.vm_size or "")
    return _told(managing.find_compute(found, made.name))


def scale(workspace: str, name: str, asked: Scale) -> dict[str, Any]:
    """Change how many nodes a target has."""
    found = find_workspace(workspace)
    managing.scale_compute(found, _existing(workspace, name), asked.nodes)
    return _told(managing.find_compute(found, name))


def remove(workspace: str, name: str) -> dict[str, Any]:
    """Remove a target that no run uses."""
    managing.remove_compute(find_workspace(workspace), _existing(workspace, name))
    return {"name": name}


def _existing(workspace: str, name: str) -> str:
    if name == LOCAL:
        return name
    try:
        managing.find_compute(find_workspace(workspace), checked_name(name))
    except AzureMLException as error:
        raise Unfound(error.message) from error
    return name


def _told(one: dict[str, Any]) -> dict[str, Any]:
    told = {key: value for key, value in one.items() if key != "machine"}
    return {**told, "changeable": one["name"] != LOCAL}


class ComputesChannel(PolledChannel):
    """The compute targets of a workspace where they have changed, and what this machine does, once a second.

    Parameters
    ----------
    name
        What clients call it.
    workspace
        The workspace's name.
    """

    urgent = frozenset({"computes"})

    def __init__(self, name: str, workspace: str) -> None:
        super().__init__(name)
        self._workspace = workspace
        self._told = b""

    def look(self) -> dict[str, bytes]:
        """Return what has changed since the last look; called by a thread."""
        found = managing.list_computes(find_workspace(self._workspace))
        values = {"machine": msgspec.json.encode(_machine(found[0]["machine"]))}
        told = msgspec.json.encode([_told(one) for one in found])
        if told != self._told:
            self._told = told
            values["computes"] = told
        return values


def _machine(sample: dict[str, Any]) -> dict[str, Any]:
    return {
        "t": sample["t"],
        "cpu": sample["cpu"],
        "memory": {"used": sample["mem"], "total": sample["mem_total"]},
        "gpus": [
            {
                "index": gpu["i"],
                "name": gpu["name"],
                "use": gpu["util"],
                "memory_used": gpu["mem"],
                "memory_total": gpu["mem_total"],
                "temperature": gpu["temp"],
                "power": gpu["power"],
                "clock": gpu["clock"],
                "run": gpu["run"],
            }
            for gpu in sample["gpus"]
        ],
    }
