"""One sample of this machine: CPU, memory, and every GPU that NVML sees."""

from __future__ import annotations

import functools
import platform
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@functools.cache
def _nvml() -> Any:
    """Return NVML's module; loaded late, as a run's first line need not wait for it."""
    import pynvml  # noqa: PLC0415 - 15 ms

    return pynvml


@functools.cache
def _gpus() -> list[Any]:
    """Return NVML's handles; no driver, no card or no library means none, and is no error."""
    nvml = _nvml()
    try:
        nvml.nvmlInit()
        return [nvml.nvmlDeviceGetHandleByIndex(index) for index in range(nvml.nvmlDeviceGetCount())]
    except nvml.NVMLError:
        return []


def gpu_count() -> int:
    """Return how many GPUs this machine has."""
    return len(_gpus())


def sample(node: int) -> dict[str, Any]:
    """Return one line of ``nodes.jsonl`` for this machine.

    Returns
    -------
    dict
        ``cpu`` in percent of the whole machine since the last call, ``mem`` in bytes, and for each GPU ``util`` in
        percent, ``mem`` in bytes, ``temp`` in degrees Celsius, ``power`` in watts. What a card does not tell is None.
    """
    import psutil  # noqa: PLC0415 - 18 ms that the first line of a run need not wait for

    memory = psutil.virtual_memory()
    return {
        "t": time.time(),
        "node": node,
        "host": platform.node(),
        "cpus": psutil.cpu_count() or 1,
        "cpu": psutil.cpu_percent(),
        "mem": memory.total - memory.available,
        "mem_total": memory.total,
        "gpus": [_gpu(index, handle) for index, handle in enumerate(_gpus())],
    }


def _gpu(index: int, handle: Any) -> dict[str, Any]:
    nvml = _nvml()
    memory = _ask(nvml.nvmlDeviceGetMemoryInfo, handle)
    utilization = _ask(nvml.nvmlDeviceGetUtilizationRates, handle)
    power = _ask(nvml.nvmlDeviceGetPowerUsage, handle)
    name = _ask(nvml.nvmlDeviceGetName, handle)
    return {
        "i": index,
        "name": name.decode() if isinstance(name, bytes) else name,
        "util": utilization.gpu if utilization else None,
        "mem": memory.used if memory else None,
        "mem_total": memory.total if memory else None,
        "temp": _ask(nvml.nvmlDeviceGetTemperature, handle, nvml.NVML_TEMPERATURE_GPU),
        "power": power / 1000 if power is not None else None,
    }


def _ask(question: Callable[..., Any], *arguments: Any) -> Any:
    """Return NVML's answer, or None where a card does not give it, or has fallen off the bus."""
    try:
        return question(*arguments)
    except _nvml().NVMLError:
        return None
