"""Samples of this machine; GPUs through the real client library, over a driver that the test has compiled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from parts import nvml

from jupyter_ext.engines.sampler import sample

if TYPE_CHECKING:
    from collections.abc import Callable

_SAMPLE = "import json; from jupyter_ext.engines.sampler import sample; print(json.dumps(sample(3)))"


@pytest.fixture(scope="module")
def driver(part: Callable[..., Path]) -> Path:
    return part(nvml.build)


def _sample_with(driver: Path, **stub: str) -> dict:
    environment = {**os.environ, "LD_LIBRARY_PATH": str(driver), **stub}
    return json.loads(subprocess.check_output([sys.executable, "-c", _SAMPLE], env=environment))


def test_a_machine_is_sampled() -> None:
    first, second = sample(0), sample(0)
    assert first["node"] == 0
    assert 0 <= second["cpu"] <= 100
    assert 0 < second["mem"] < second["mem_total"]
    assert second["cpus"] >= 1
    assert second["t"] >= first["t"]


def test_no_driver_means_no_gpus() -> None:
    environment = {**os.environ, "LD_LIBRARY_PATH": "/nowhere"}
    output = subprocess.check_output([sys.executable, "-c", _SAMPLE], env=environment)
    if Path("/proc/driver/nvidia").exists():
        pytest.skip("this machine has a GPU")
    assert json.loads(output)["gpus"] == []


def test_every_gpu_is_told(driver: Path) -> None:
    taken = _sample_with(driver, NVML_STUB_CARDS="8")
    assert len(taken["gpus"]) == 8
    assert taken["gpus"][1] == {
        "i": 1,
        "uuid": "GPU-stub-1",
        "name": "Stub 1",
        "util": 20,
        "mem": 1 << 30,
        "mem_total": 8 << 30,
        "temp": 41,
        "power": 123.456,
        "clock": 1981,
    }


def test_memory_that_the_driver_keeps_is_used_by_nobody_where_it_tells(driver: Path) -> None:
    (taken,) = _sample_with(driver, NVML_STUB_CARDS="1")["gpus"]
    (by_old_driver,) = _sample_with(driver, NVML_STUB_CARDS="1", NVML_STUB_OLD="1")["gpus"]
    assert taken["mem"] == 1 << 29  # as nvidia-smi tells it
    assert by_old_driver["mem"] == (1 << 29) + (1 << 28)


def test_a_gpu_that_fell_off_the_bus_has_no_values_and_the_others_have(driver: Path) -> None:
    gpus = _sample_with(driver, NVML_STUB_CARDS="2", NVML_STUB_LOST="0")["gpus"]
    assert gpus[0] == {**dict.fromkeys(gpus[1]), "i": 0, "uuid": ""}
    assert gpus[1]["util"] == 20


@pytest.mark.parametrize(
    ("visible", "indices"),
    [("1,0", [0, 1]), ("GPU-stub-2", [2]), ("2,nonsense,0", [2]), ("", []), ("-1", []), ("GPU-stub", [])],
)
def test_what_the_environment_keeps_for_others_is_not_ours(driver: Path, visible: str, indices: list[int]) -> None:
    gpus = _sample_with(driver, NVML_STUB_CARDS="3", CUDA_VISIBLE_DEVICES=visible)["gpus"]
    assert [gpu["i"] for gpu in gpus] == indices
