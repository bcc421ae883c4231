"""One sample of this machine: CPU, memory, and every GPU that NVML sees."""

from __future__ import annotations

import functools
import platform
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

try:
    import pynvml
except ImportError:  # a node may have been given the package without its driver's library
    pynvml = None


@functools.cache
def _gpus() -> list[Any]:
    """Return NVML's handles; no driver, no card or no library means none, and is no error."""
    if pynvml is None:
        return []
    try:
        pynvml.nvmlInit()
        return [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
    except pynvml.NVMLError:
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
    memory = _ask(pynvml.nvmlDeviceGetMemoryInfo, handle)
    utilization = _ask(pynvml.nvmlDeviceGetUtilizationRates, handle)
    power = _ask(pynvml.nvmlDeviceGetPowerUsage, handle)
    name = _ask(pynvml.nvmlDeviceGetName, handle)
    return {
        "i": index,
        "name": name.decode() if isinstance(name, bytes) else name,
        "util": utilization.gpu if utilization else None,
        "mem": memory.used if memory else None,
        "mem_total": memory.total if memory else None,
        "temp": _ask(pynvml.nvmlDeviceGetTemperature, handle, pynvml.NVML_TEMPERATURE_GPU),
        "power": power / 1000 if power is not None else None,
    }


def _ask(question: Callable[..., Any], *arguments: Any) -> Any:
    """Return NVML's answer, or None where a card does not give it, or has fallen off the bus."""
    try:
        return question(*arguments)
    except pynvml.NVMLError:
        return None
