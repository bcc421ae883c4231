"""``azureml._restclient.snapshots_client``: notebooks raise the limit of a snapshot's size by assigning to it here."""

from __future__ import annotations

import sys
from types import ModuleType

from jupyter_ext.store.snapshots import snapshot


class _Module(ModuleType):
    """The module's class: its one name is the limit itself, not a copy of it."""

    @property
    def SNAPSHOT_MAX_SIZE_BYTES(self) -> int:  # noqa: N802 - v1's name
        """How many bytes a snapshot may hold."""
        return snapshot.MAX_BYTES

    @SNAPSHOT_MAX_SIZE_BYTES.setter
    def SNAPSHOT_MAX_SIZE_BYTES(self, value: int) -> None:  # noqa: N802 - v1's name
        snapshot.MAX_BYTES = int(value)


sys.modules[__name__].__class__ = _Module
