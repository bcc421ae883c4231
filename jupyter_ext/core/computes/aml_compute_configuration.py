"""What an AmlCompute is to have."""

from __future__ import annotations

import time
from typing import Any

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import ComputeTargetException
from jupyter_ext.store.records import ComputeRecord

from .vm_sizes import gpus_of_size


class AmlComputeProvisioningConfiguration:
    """What a target is to have; see :meth:`AmlCompute.provisioning_configuration`."""

    def __init__(
        self,
        vm_size: str = "",
        vm_priority: str = "dedicated",
        min_nodes: Any = 0,
        max_nodes: Any = None,
        idle_seconds_before_scaledown: Any = 1800,
        tags: dict[str, str] | None = None,
        description: str | None = None,
    ) -> None:
        self.vm_size = vm_size or ""
        self.vm_priority = vm_priority
        self.min_nodes = checked_count("min_nodes", 0 if min_nodes is None else min_nodes)
        self.max_nodes = checked_count("max_nodes", max_nodes)
        self.idle_seconds_before_scaledown = checked_count(
            "idle_seconds_before_scaledown", idle_seconds_before_scaledown or 1800
        )
        self.tags = tags
        self.description = description
        if self.max_nodes < max(self.min_nodes, 1):
            raise ComputeTargetException(
                f"max_nodes is {self.max_nodes}: it must be at least 1, and at least min_nodes ({self.min_nodes})."
            )

    def _record(self, name: str) -> ComputeRecord:
        """Return what is written down of a target with this configuration; say what this machine has not."""
        now = time.time()
        record = ComputeRecord(
            name=name,
            vm_size=self.vm_size.upper(),
            vm_priority=self.vm_priority,
            min_nodes=self.min_nodes,
            max_nodes=self.max_nodes,
            idle_seconds=self.idle_seconds_before_scaledown,
            tags=self.tags,
            description=self.description,
            created=now,
            modified=now,
        )
        _say_what_is_missing(record)
        return record


def checked_count(name: str, value: Any) -> int:
    """Return a node count, which notebooks also give as text."""
    if value is None:
        raise ComputeTargetException(f"{name} must be given: how many nodes there are at most.")
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise ComputeTargetException(f"{name} is a whole number, not {value!r}.") from None
    if number < 0:
        raise ComputeTargetException(f"{name} is {number}: it cannot be negative.")
    return number


def _say_what_is_missing(record: ComputeRecord) -> None:
    """Say in one line which GPUs of its size this machine has not."""
    asked = gpus_of_size(record.vm_size)
    if not asked:
        return
    from jupyter_ext.store.queueing.nvml import gpu_count  # noqa: PLC0415 - NVML is loaded where a GPU is asked for

    there = gpu_count()
    if there >= asked:
        return
    size = f"{record.name}: {record.vm_size} has {'a GPU' if asked == 1 else f'{asked} GPUs'} and this machine has"
    print(f"{size} {there}: that is what a node gets." if there else f"{size} none: runs use its CPU.")  # noqa: T201
