"""What a cluster's autoscaler does just now: Ray has two of them, and each tells it elsewhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jupyter_ext.engines.ray.connection import connect

if TYPE_CHECKING:
    from typing import Any

_STATUS = "__autoscaling_status"  # where the older one keeps its own
_ON_THE_WAY = ("pending_launches", "pending_nodes")


def is_at_work(address: str) -> bool:
    """Tell whether the autoscaler of the cluster at ``address`` is about to add nodes."""
    connect(address)
    try:
        status = _status(address)
    except Exception:  # noqa: BLE001 - nothing that a run needs is lost where another Ray tells it in another way
        return False
    return any(status.get(what) for what in _ON_THE_WAY)


def _status(address: str) -> dict[str, Any]:
    from ray.autoscaler.v2 import sdk, utils  # noqa: PLC0415 - loaded with Ray
    from ray.experimental.internal_kv import _internal_kv_get  # noqa: PLC0415 - loaded with Ray

    if utils.is_autoscaler_v2(fetch_from_server=True):
        return vars(sdk.get_cluster_status(address))
    told = json.loads(_internal_kv_get(_STATUS) or b"{}")
    return dict(told.get("autoscaler_report") or {})
