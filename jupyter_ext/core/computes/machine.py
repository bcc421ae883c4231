"""What this machine does now."""

from __future__ import annotations

import functools
import time
from typing import Any

from jupyter_ext.store.queueing.gpu_leases import holders

_FIRST_LOOK_SECONDS = 0.1


def machine_now() -> dict[str, Any]:
    """Return a sample of this machine, as :func:`jupyter_ext.engines.sampler.sample` gives it, with each GPU's ``run``.

    CPU use is the mean since the last call in this process; the first one looks for a tenth of a second.
    """
    from jupyter_ext.engines.sampler import sample  # noqa: PLC0415 - NVML is loaded where it is asked for

    _look_once()
    taken = sample(0)
    del taken["node"]
    runs = holders()
    for gpu in taken["gpus"]:
        gpu["run"] = runs.get(gpu["uuid"])
    return taken


@functools.cache
def _look_once() -> None:
    import psutil  # noqa: PLC0415 - 18 ms for those who ask

    psutil.cpu_percent()  # the next tells what was used since this one
    time.sleep(_FIRST_LOOK_SECONDS)
