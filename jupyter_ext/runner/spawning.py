"""Ranks that are not started by the launchers themselves, but by ``mpirun`` or ``torchrun``, which they start."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec

from jupyter_ext.engines.container import RUN_DIR, RUNTIME_DIR
from jupyter_ext.engines.process import RUNTIME

from . import elastic, mpi
from .ranks import hosts, launchers, master_port, shell_ports, store_place

if TYPE_CHECKING:
    from jupyter_ext.store.paths import RunPaths
    from jupyter_ext.store.records import LaunchSpec, RunSpec


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
    return [
        msgspec.structs.replace(
            one,
            argv=mpi.command(spec, _rank(paths, spec, python, one), nodes),
            shell=None,
            env=_with_command(one),
            ranks=[{**entry, "env": told} for entry in one.ranks],
            serve=remote.serving(one.node) if remote else None,
            spawned=_ranks_of(spec, one.node, nodes),
        )
        for one in specs
    ]


def _under_torchrun(paths: RunPaths, spec: RunSpec, python: str, specs: list[LaunchSpec]) -> list[LaunchSpec]:
    """Have each node call ``torchrun``, and the last launcher the store by which they find one another."""
    host, port = store_place(spec)
    nodes = [
        msgspec.structs.replace(
            one,
            argv=elastic.command(spec, python, f"{host}:{port}", name, _rank(paths, spec, python, one)),
            shell=None,
            env=_with_command(one),
            spawned=_ranks_of(spec, one.node, spec.node_count),
        )
        for one, name in zip(specs[:-1], hosts(spec), strict=True)
    ]
    store = [python, f"{_runtime(spec)}/torch_store.py", str(port)]
    return [*nodes, msgspec.structs.replace(specs[-1], argv=store, shell=None)]


def _rank(paths: RunPaths, spec: RunSpec, python: str, one: LaunchSpec) -> list[str]:
    """Return the command of a rank, which has a log of its own and tells how it has ended."""
    logs = ",".join(paths.rank_log(rank, spec.rank_count) for rank in range(spec.rank_count))
    run_dir = RUN_DIR if spec.is_elsewhere else str(paths.root)
    return [*_ours(spec, python), f"{_runtime(spec)}/mpi_rank.py", run_dir, logs, *(one.argv or [])]


def _ranks_of(spec: RunSpec, node: int, nodes: int) -> list[int]:
    each = spec.rank_count // nodes
    return list(range(node * each, (node + 1) * each))


def _with_command(one: LaunchSpec) -> dict[str, str]:
    return {**one.env, "AML_COMMAND": one.shell} if one.shell else one.env


def _ours(spec: RunSpec, python: str) -> list[str]:
    return [python if spec.is_elsewhere else sys.executable, "-I", "-S"]


def _runtime(spec: RunSpec) -> str:
    return RUNTIME_DIR if spec.is_elsewhere else str(RUNTIME)
