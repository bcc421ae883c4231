"""Asks about a Ray cluster without becoming a part of it."""

from __future__ import annotations

import contextlib
import json
import subprocess
from typing import Any

from jupyter_ext.engines.ray.connection import check_installed, greet
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import ComputeTargetException
from jupyter_ext.store.own_program import own_environment, own_program

_LOOK_SECONDS = 90.0


def nodes_of(address: str) -> list[dict[str, Any]]:
    """Return the living nodes of a cluster, as ``ray.nodes()`` gives them, with the run that has each as ``Run``.

    That is its id, and which of the run's nodes it is; None where no run has it.

    Raises
    ------
    UserErrorException
        Ray is not installed here.
    ComputeTargetException
        Nobody answers at the address, or Ray or Python is of another version there.
    """
    return _ask("nodes", address)


def keep_at_least(address: str, count: int, cpus: float, gpus: float) -> None:
    """Have the cluster's autoscaler keep so many nodes, whether runs need them or not."""
    _ask("scale", address, str(count), str(cpus), str(gpus))


def _ask(what: str, address: str, *amounts: str) -> list[dict[str, Any]]:
    check_installed()
    greet(address)
    command = own_program("engines.ray", what, address, *amounts)
    environment = {"RAY_NUM_REDIS_GET_RETRIES": "1", **own_environment()}  # each of Ray's 20 takes a second
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_LOOK_SECONDS, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise ComputeTargetException(
            f"The Ray cluster at {address} does not answer in time. Is its head there, and this machine one of its "
            f"nodes ('ray start --address={address}')?"
        ) from None
    told: dict[str, Any] = {}
    for line in done.stdout.splitlines():
        with contextlib.suppress(ValueError):
            told = json.loads(line)
    if "nodes" not in told:
        said = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        raise ComputeTargetException(told.get("error") or f"The Ray cluster at {address} cannot be used: {said}.")
    found: list[dict[str, Any]] = told["nodes"]
    return found
