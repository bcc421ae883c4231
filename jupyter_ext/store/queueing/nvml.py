"""The GPUs of this machine, as NVML numbers them."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

VISIBLE = "CUDA_VISIBLE_DEVICES"


@dataclass(frozen=True)
class Gpu:
    """A card.

    Attributes
    ----------
    index
        Its number, which is CUDA's own where ``CUDA_DEVICE_ORDER=PCI_BUS_ID``.
    uuid
        Its name in the world; empty where it had fallen off the bus before it was asked.
    handle
        NVML's.
    name
        Its model.
    """

    index: int
    uuid: str
    handle: Any
    name: str


@functools.cache
def nvml() -> Any:
    """Return NVML's module; loaded late, as a run's first line need not wait for it."""
    import pynvml  # noqa: PLC0415 - 15 ms

    return pynvml


@functools.cache
def all_gpus() -> list[Gpu]:
    """Return the cards of this machine; no driver, no card or no library means none, and is no error."""
    library = nvml()
    try:
        library.nvmlInit()
        count = library.nvmlDeviceGetCount()
    except library.NVMLError:
        return []
    return [_gpu(index) for index in range(count)]


def visible_gpus() -> list[Gpu]:
    """Return those that may be used: where ``CUDA_VISIBLE_DEVICES`` names some, the others are somebody else's."""
    return _visible(all_gpus(), os.environ.get(VISIBLE))


def gpu_count() -> int:
    """Return how many GPUs of this machine may be used."""
    return len(visible_gpus())


def answers(gpu: Gpu) -> bool:
    """Tell whether a card is there still: one that has fallen off the bus is no good to any run."""
    return bool(gpu.uuid) and memory(gpu) is not None


def memory(gpu: Gpu) -> Any:
    """Return a card's memory, ``used`` of ``total`` bytes: without what the driver keeps for itself, as in nvidia-smi.

    A driver older than 510 counts that as used.
    """
    question = nvml().nvmlDeviceGetMemoryInfo
    return ask(question, gpu.handle, nvml().nvmlMemory_v2) or ask(question, gpu.handle)


def ask(question: Callable[..., Any], *arguments: Any) -> Any:
    """Return NVML's answer, or None where a card does not give it, or has fallen off the bus."""
    try:
        return question(*arguments)
    except nvml().NVMLError:
        return None


def _text(value: Any) -> str:
    """Return a text of NVML's, which is bytes in its older versions."""
    return value.decode() if isinstance(value, bytes) else value or ""


def _gpu(index: int) -> Gpu:
    handle = ask(nvml().nvmlDeviceGetHandleByIndex, index)
    uuid, name = (_text(ask(question, handle)) for question in (nvml().nvmlDeviceGetUUID, nvml().nvmlDeviceGetName))
    return Gpu(index, uuid, handle, name)


def _visible(gpus: list[Gpu], named: str | None) -> list[Gpu]:
    """Return the cards that are named by number or by id, as CUDA does: it stops at what it does not know."""
    if named is None:
        return gpus
    found: list[Gpu] = []
    for word in map(str.strip, named.split(",")):
        by_id = word.startswith("GPU-")
        fitting = [gpu for gpu in gpus if word == str(gpu.index) or (by_id and gpu.uuid.startswith(word))]
        if len(fitting) != 1 or fitting[0] in found:
            break
        found += fitting
    return sorted(found, key=lambda gpu: gpu.index)
