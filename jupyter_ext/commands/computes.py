"""``compute``: the compute targets, one of them; another one, more nodes, one fewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_ext.commands.answer import Answer, Table
from jupyter_ext.core.computes import managing
from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.computes.ray_compute import RayCompute
from jupyter_ext.store.spelling import ordinal, size_text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from jupyter_ext.core.workspaces.workspace import Workspace

_COLUMNS = ("target", "type", "size", "nodes in use", "runs waiting", "CPU", "memory", "GPUs")
_MACHINE_COLUMNS = ("node", "address", "state", "CPUs", "GPUs", "CPU", "memory", "run")
_CARD_COLUMNS = ("", "model", "use", "memory", "heat", "power", "clock")


def compute(workspace: Workspace, options: Namespace) -> Answer:
    """Do what is asked of the compute targets; list them where nothing is."""
    return _ACTIONS[options.action or "list"](workspace, options)


def _list(workspace: Workspace, options: Namespace) -> Answer:
    del options
    found = managing.with_machines(workspace, managing.list_computes(workspace))
    clusters = [table for one in found for table in _machines(one)]
    return Answer(found, [Table(_COLUMNS, [_row(one) for one in found]), *_cards(found[0]["machine"]), *clusters])


def _show(workspace: Workspace, options: Namespace) -> Answer:
    (found,) = managing.with_machines(workspace, [managing.find_compute(workspace, options.target)])
    runs = [(run_id, "running") for run_id in found["running"]]
    runs += [(run_id, f"{ordinal(place)} in line") for place, run_id in enumerate(found["waiting"], 1)]
    tables = [Table(_COLUMNS, [_row(found)]), Table(("run", ""), runs), *_cards(found["machine"]), *_machines(found)]
    return Answer(found, tables)


def _add(workspace: Workspace, options: Namespace) -> Answer:
    target = managing.add_compute(workspace, options.new, options.max_nodes, options.vm_size)
    return Answer(managing.find_compute(workspace, target.name), text=f"{target.name} has {_nodes(options)}.")


def _scale(workspace: Workspace, options: Namespace) -> Answer:
    target = managing.scale_compute(workspace, options.target, options.max_nodes)
    told = f"Runs on {target.name} have up to {_nodes(options)} now."
    return Answer(managing.find_compute(workspace, target.name), text=told)


def _remove(workspace: Workspace, options: Namespace) -> Answer:
    managing.remove_compute(workspace, options.target)
    return Answer({"name": options.target}, text=f"{options.target} is removed.")


def _attach(workspace: Workspace, options: Namespace) -> Answer:
    sizes = options.cpus_per_node, options.gpus_per_node
    asked = RayCompute.attach_configuration(
        options.ray, options.min_nodes, options.max_nodes, *sizes, options.idle_seconds
    )
    ComputeTarget.attach(workspace, options.new, asked)
    target = RayCompute(workspace, options.new)
    nodes, each = target._record.max_nodes, target._each_node()
    text = f"{target.name} is the Ray cluster at {options.ray}: runs have up to {nodes} of its nodes, {each} of each."
    return Answer(managing.find_compute(workspace, target.name), text=text)


def _detach(workspace: Workspace, options: Namespace) -> Answer:
    managing.detach_compute(workspace, options.target)
    return Answer({"name": options.target}, text=f"{options.target} is detached; the cluster goes on.")


def _nodes(options: Namespace) -> str:
    return f"{options.max_nodes} node{'' if options.max_nodes == 1 else 's'}"


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    machine = one["machine"]
    figures = ("", "", "")
    if machine is not None:
        gpus = ", ".join(_percent(gpu["util"]) for gpu in machine["gpus"])
        figures = (_percent(machine["cpu"]), _memory(machine), gpus or "none")
    in_use = f"{one['nodes_in_use']} of {one['nodes']}"
    return (one["name"], one["type"], one["vm_size"], in_use, str(len(one["waiting"])), *figures)


def _cards(machine: dict[str, Any] | None) -> list[Table]:
    """Return a table of a machine's GPUs, where it has any."""
    rows = [
        (*_card(gpu), gpu["run"] or ("" if gpu["mem"] is None else "free")) for gpu in (machine or {"gpus": []})["gpus"]
    ]
    return [Table((*_CARD_COLUMNS, "run"), rows)] if rows else []


def _card(gpu: dict[str, Any]) -> tuple[str, ...]:
    return (
        f"GPU {gpu['i']}",
        gpu["name"] or "has fallen off the bus",
        _percent(gpu["util"]),
        _memory(gpu),
        "?" if gpu["temp"] is None else f"{gpu['temp']:g} °C",
        "?" if gpu["power"] is None else f"{gpu['power']:.0f} W",
        "?" if gpu["clock"] is None else f"{gpu['clock']:g} MHz",
    )


def _machines(one: dict[str, Any]) -> list[Table]:
    """Return a table of a cluster's machines, and one of the GPUs of which a run tells."""
    name = one["name"]
    if one["problem"]:
        return [Table(("",), [(one["problem"],)], name)]
    there = one["machines"] or []
    cards = [(node["hostName"], *_card(gpu)) for node in there if node["sample"] for gpu in node["sample"]["gpus"]]
    rows = [_machine_row(node) for node in there]
    found = [
        Table(_MACHINE_COLUMNS, rows, f"Nodes of {name}"),
        Table(("node", *_CARD_COLUMNS), cards, f"GPUs of {name}"),
    ]
    return [table for table in found if table.rows]


def _machine_row(node: dict[str, Any]) -> tuple[str, ...]:
    sample = node["sample"]
    figures = (_percent(sample["cpu"]), _memory(sample)) if sample else ("", "")
    counts = (f"{node['cpus']:g}", f"{node['gpus']:g}")
    return (node["hostName"], node["privateIpAddress"], node["nodeState"], *counts, *figures, node["runId"] or "")


def _memory(of: dict[str, Any]) -> str:
    return "?" if of["mem"] is None else f"{size_text(of['mem'])} of {size_text(of['mem_total'])}"


def _percent(value: float | None) -> str:
    return "?" if value is None else f"{value:.0f} %"


_ACTIONS: dict[str, Callable[[Workspace, Namespace], Answer]] = {
    "list": _list,
    "show": _show,
    "add": _add,
    "scale": _scale,
    "remove": _remove,
    "attach": _attach,
    "detach": _detach,
}
