"""What a run's nodes were doing, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.live.node_file import read_samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_ext.store.live.node_file import Sample
    from jupyter_ext.store.paths import RunPaths

_WHOLE = ("gpu", "cpus")


def node_samples(paths: RunPaths) -> Any:
    """Return the samples of a run; see :meth:`Run.node_samples`."""
    try:
        import pandas as pd  # type: ignore[import-untyped] # noqa: PLC0415 - an extra
    except ImportError:
        raise UserErrorException("A table of samples needs pandas: pip install pandas.") from None

    frame = pd.DataFrame(_rows(paths), columns=list(_COLUMNS))
    frame["time"] = pd.to_datetime(frame["time"], unit="s", utc=True)
    return frame.astype(dict.fromkeys(_WHOLE, "Int64"))


def _rows(paths: RunPaths) -> Iterator[tuple[Any, ...]]:
    for sample in read_samples(paths.nodes):
        own = (sample.t, sample.node, sample.host, sample.cpus, sample.cpu, sample.mem, sample.mem_total)
        yield from (own + gpu for gpu in _gpus(sample))


def _gpus(sample: Sample) -> Iterator[tuple[Any, ...]]:
    for gpu in sample.gpus:
        listed = msgspec.to_builtins(gpu.procs)
        yield (gpu.i, gpu.name, gpu.util, gpu.mem, gpu.mem_total, gpu.temp, gpu.power, gpu.clock, listed)
    if not sample.gpus:
        yield (None,) * 9


_COLUMNS = (
    "time",
    "node",
    "host",
    "cpus",
    "cpu_percent",
    "mem_bytes",
    "mem_total_bytes",
    "gpu",
    "gpu_name",
    "gpu_util_percent",
    "gpu_mem_bytes",
    "gpu_mem_total_bytes",
    "gpu_temp_celsius",
    "gpu_power_watts",
    "gpu_clock_mhz",
    "gpu_processes",
)
