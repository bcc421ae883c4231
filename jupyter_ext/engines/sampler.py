"""One sample of this machine: CPU, memory, and its GPUs."""

from __future__ import annotations

import platform
import time
from typing import TYPE_CHECKING, Any

from jupyter_ext.store.queueing.nvml import all_gpus, ask, memory, nvml, visible_gpus

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from jupyter_ext.store.queueing.nvml import Gpu


def sample(node: int, only: Collection[str] | None = None) -> dict[str, Any]:
    """Return one line of ``nodes.jsonl`` for this machine.

    Parameters
    ----------
    node
        Which node of the run it is.
    only
        The ids of the GPUs that are told; None: all.

    Returns
    -------
    dict
        ``cpu`` in percent of the whole machine since the last call, ``mem`` in bytes, and for each GPU ``util`` in
        percent, ``mem`` in bytes, ``temp`` in degrees Celsius, ``power`` in watts, ``clock`` of the multiprocessors
        in MHz, and its ``uuid``. What a card does not tell is None.
    """
    import psutil  # noqa: PLC0415 - 18 ms that the first line of a run need not wait for

    ram = psutil.virtual_memory()
    return {
        "t": time.time(),
        "node": node,
        "host": platform.node(),
        "cpus": psutil.cpu_count() or 1,
        "cpu": psutil.cpu_percent(),
        "mem": ram.total - ram.available,
        "mem_total": ram.total,
        "gpus": [_figures(gpu) for gpu in _chosen(only)],
    }


def processes(run_id: str, gpus: Collection[str]) -> dict[str, dict[str, Any]]:
    """Return who is at work on GPUs, by the ids of the cards.

    It holds the driver's lock for milliseconds: ask for it every few seconds at most.

    Returns
    -------
    dict
        For each card ``procs``, the processes of the run with ``pid``, ``name``, ``rank`` and ``mem`` in bytes,
        and ``others``, how many processes are not of it.
    """
    found = {}
    for gpu in _chosen(gpus):
        told = list(_processes_on(gpu))
        own = [one for one in told if one.pop("run") == run_id]
        found[gpu.uuid] = {"procs": own, "others": len(told) - len(own)}
    return found


def _chosen(only: Collection[str] | None) -> list[Gpu]:
    if only is None:
        return visible_gpus()
    return [gpu for gpu in all_gpus() if gpu.uuid in only] if only else []  # who has none need not load NVML


def _figures(gpu: Gpu) -> dict[str, Any]:
    library, handle = nvml(), gpu.handle
    held = memory(gpu)
    utilization = ask(library.nvmlDeviceGetUtilizationRates, handle)
    power = ask(library.nvmlDeviceGetPowerUsage, handle)
    return {
        "i": gpu.index,
        "uuid": gpu.uuid,
        "name": gpu.name or None if held else None,
        "util": utilization.gpu if utilization else None,
        "mem": held.used if held else None,
        "mem_total": held.total if held else None,
        "temp": ask(library.nvmlDeviceGetTemperature, handle, library.NVML_TEMPERATURE_GPU),
        "power": power / 1000 if power is not None else None,
        "clock": ask(library.nvmlDeviceGetClockInfo, handle, library.NVML_CLOCK_SM),
    }


def _processes_on(gpu: Gpu) -> Iterator[dict[str, Any]]:
    import psutil  # noqa: PLC0415 - as above

    library = nvml()
    for one in ask(library.nvmlDeviceGetComputeRunningProcesses, gpu.handle) or ():
        told = {"pid": one.pid, "name": "", "rank": None, "run": None, "mem": one.usedGpuMemory}
        try:
            process = psutil.Process(one.pid)
            told["name"], variables = process.name(), process.environ()
        except (psutil.Error, OSError):  # it has ended, or is another user's
            variables = {}
        told["run"], rank = variables.get("AZUREML_RUN_ID"), variables.get("AML_RANK", "")
        yield {**told, "rank": int(rank) if rank.isdigit() else None}
