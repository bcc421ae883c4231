"""Ranks that are not started by the launchers themselves, but by ``mpirun`` or ``torchrun``, which they start."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.engines.container import RUNTIME_DIR
from jupyter_ext.engines.process import RUNTIME
from jupyter_ext.engines.run_network import node_name

from . import elastic, mpi
from .ranks import hosts, launchers, master_port, nodes_apart, shell_ports, store_place

if TYPE_CHECKING:
    from jupyter_ext.store.paths import RunPaths
    from jupyter_ext.store.records import LaunchSpec, RunSpec

# mpirun gives the same command to every machine; no plain $NAME, which the first one's launcher would fill in
_AT_ITS_PLACE = 'exec "${AML_PYTHON:?}" -I -S "${AML_RUNTIME:?}/mpi_rank.py"'


def spawned(paths: RunPaths, spec: RunSpec, python: str, specs: list[LaunchSpec]) -> list[LaunchSpec]:
    """Return what the launchers are told, given what they would be if they started the ranks themselves."""
    if spec.distribution == "mpi":
        return _under_mpirun(paths, spec, python, specs)
    if spec.distribution == "torchrun":
        return _under_torchrun(paths, spec, python, specs)
    return specs


def _under_mpirun(paths: RunPaths, spec: RunSpec, python: str, specs: list[LaunchSpec]) -> list[LaunchSpec]:
    """Have the first node call ``mpirun``, which starts what each node would have started, with a log for each rank."""
    nodes = launchers(spec)
    told = mpi.variables(hosts(spec), master_port(spec))
    remote = mpi.RemoteShell(hosts(spec), shell_ports(spec), told) if nodes > 1 else None
    if remote:
        told = remote.asking(" ".join([*_ours(spec, python), f"{_runtime(spec)}/mpi_shell.py"]))
    differ = spec.ray is not None and not spec.container
    places = {"AML_PYTHON": python, "AML_RUNTIME": _runtime(spec)} if differ else {}
    rank = ["sh", "-c", _AT_ITS_PLACE] if differ else _rank(spec, python)
    return [
        msgspec.structs.replace(
            one,
            argv=mpi.command(spec, rank, nodes),
            shell=None,
            env={**one.env, **places},
            ranks=[{**entry, "env": told} for entry in one.ranks],
            serve=remote.serving(one.node) if remote else None,
            spawned=_ranks_of(spec, one.node, nodes),
            each=_each(paths, spec, one),
        )
        for one in specs
    ]


def _under_torchrun(paths: RunPaths, spec: RunSpec, python: str, specs: list[LaunchSpec]) -> list[LaunchSpec]:
    """Have each node call ``torchrun``, and the last launcher the store by which they find one another."""
    host, port = store_place(spec)
    # torchrun tells nodes apart by address and process id: containers of one machine may have both in common
    names = [node_name(one.node) for one in specs[:-1]] if spec.container else hosts(spec)
    nodes = [
        msgspec.structs.replace(
            one,
            argv=elastic.command(spec, python, f"{host}:{port}", name, _rank(spec, python)),
            shell=None,
            spawned=[],
            each=_each(paths, spec, one),
        )
        for one, name in zip(specs[:-1], names, strict=True)
    ]
    store = [python, f"{_runtime(spec)}/torch_store.py", str(port)]
    return [*nodes, msgspec.structs.replace(specs[-1], argv=store, shell=None)]


def _rank(spec: RunSpec, python: str) -> list[str]:
    """Return the command of a rank, which has a log of its own and tells how it has ended."""
    return [*_ours(spec, python), f"{_runtime(spec)}/mpi_rank.py"]


def _each(paths: RunPaths, spec: RunSpec, one: LaunchSpec) -> dict[str, Any]:
    logs = [paths.rank_log(rank, spec.rank_count) for rank in range(spec.rank_count)]
    each: dict[str, Any] = {"argv": one.argv, "shell": one.shell, "cwd": one.cwd, "logs": logs}
    if nodes_apart(spec) < spec.node_count:
        each["nodes"] = [rank // spec.processes_per_node for rank in range(spec.rank_count)]
    if spec.ray is not None and spec.distribution == "mpi":
        each["address"] = spec.ray.hosts[one.node]
    return each


def _ranks_of(spec: RunSpec, node: int, nodes: int) -> list[int]:
    each = spec.rank_count // nodes
    return list(range(node * each, (node + 1) * each))


def _ours(spec: RunSpec, python: str) -> list[str]:
    return [python if spec.is_elsewhere else sys.executable, "-I", "-S"]


def _runtime(spec: RunSpec) -> str:
    return RUNTIME_DIR if spec.is_elsewhere else str(RUNTIME)
