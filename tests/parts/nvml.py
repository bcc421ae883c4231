"""GPUs that are not there: a driver's library that the tests compile, under the real client of it."""

from __future__ import annotations

import ctypes
import os
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jupyter_ext.store.queueing import nvml

from . import alone, folder, program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SOURCE = Path(__file__).parent.parent / "engines" / "nvml_stub.c"


def build() -> Path:
    """Compile the library; return the folder that it is in."""
    compiler = program("cc", "gcc")
    made = folder() / "nvml" / "libnvidia-ml.so.1"
    with alone("nvml"):
        if not made.exists() or made.stat().st_mtime < _SOURCE.stat().st_mtime:
            made.parent.mkdir(exist_ok=True)
            part = made.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
            named = "-Wl,-soname,libnvidia-ml.so.1"  # who asks for the driver gets the one that is loaded
            subprocess.run([compiler, "-shared", "-fPIC", named, "-o", part, _SOURCE], check=True)
            part.replace(made)
    return made.parent


@pytest.fixture
def cards(
    part: Callable[[Callable[[], Path]], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., None]]:
    """Gives this process, and those that it starts, so many GPUs; leases are in a home of the test's own."""
    library = part(build)
    ctypes.CDLL(str(library / "libnvidia-ml.so.1"))
    monkeypatch.setenv("LD_LIBRARY_PATH", str(library))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    def give(count: int, **stub: str) -> None:
        monkeypatch.setenv("NVML_STUB_CARDS", str(count))
        for name, value in stub.items():
            monkeypatch.setenv(name, value)
        nvml.all_gpus.cache_clear()

    give(0)
    yield give
    nvml.all_gpus.cache_clear()
