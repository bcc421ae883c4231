"""Looks at a Ray cluster in a process of its own, so that no notebook is connected to it.

It prints one JSON object: ``nodes``, as :func:`ray.nodes` gives them and each with its ``Run``, or ``error``.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from jupyter_ext.engines.ray.cluster import runs_by_node
from jupyter_ext.engines.ray.connection import connect
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException


def main() -> None:
    """Look at the nodes (``nodes ADDRESS``), or ask for that many at least (``scale ADDRESS COUNT CPUS GPUS``)."""
    what, address, *amounts = sys.argv[1:]
    told: dict[str, Any]
    try:
        ray = connect(address)
        if what == "scale":
            _scale(int(amounts[0]), float(amounts[1]), float(amounts[2]))
        runs = runs_by_node()
        told = {"nodes": [{**one, "Run": runs.get(one["NodeID"])} for one in ray.nodes() if one["Alive"]]}
    except AzureMLException as error:
        told = {"error": error.message}
    sys.stdout.write(json.dumps(told, default=str) + "\n")


def _scale(count: int, cpus: float, gpus: float) -> None:
    from ray.autoscaler.sdk import request_resources  # noqa: PLC0415 - loaded with Ray

    bundle = {name: amount for name, amount in (("CPU", cpus), ("GPU", gpus)) if amount}
    request_resources(bundles=[bundle] * count)


if __name__ == "__main__":
    main()
