"""An environment of conda and pip packages from a warm cache, beside the engines of pixi alone.

No pixi and no micromamba can be had where no channel answers. What pixi runs, rattler and uv, can: the same solve
and install in a plain script. Published for some 200 packages of conda-forge and PyPI, warm: 21.8 s for pixi 0.67, and
more than 150 s for conda 26.1.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import time
import zipfile
from typing import TYPE_CHECKING

from parts.conda_channel import Channel

from jupyter_ext.build.apart import build_apart
from tests.bench.table import Row, median_of

if TYPE_CHECKING:
    from pathlib import Path

_PACKAGES = 100
_TIMES = 5
_PLAIN = """
import asyncio, subprocess, sys
import rattler
from uv import find_uv_bin
channel, prefix, wheels, *specs = sys.argv[1:]
async def make():
    found = await rattler.solve([channel], specs, virtual_packages=rattler.VirtualPackage.detect())
    await rattler.install(found, prefix, show_progress=False)
asyncio.run(make())
command = [find_uv_bin(), "pip", "install", "--quiet", "--break-system-packages", "--python", prefix + "/bin/python"]
subprocess.run([*command, "--no-index", "--find-links", wheels, "aml-bench"], check=True)
"""


def measure(place: Path) -> list[Row]:
    os.environ["RATTLER_CACHE_DIR"] = str(place / "cache")
    channel, wheels = _channel(place / "channel"), _wheels(place / "wheels")
    specs = ["python", *(f"part{number}" for number in range(_PACKAGES))]
    numbers = itertools.count()

    def ours() -> float:
        root = place / f"home-{next(numbers)}"
        pip = {"pip": ["--no-index", f"--find-links {wheels}", "aml-bench"]}
        document = {"name": "bench", "channels": [channel.url], "dependencies": [*specs, pip]}
        began = time.perf_counter()
        build_apart(
            {"name": "bench", "python": {"condaDependencies": document}},
            container=False,
            root=root,
            report=lambda _: None,
        )
        seconds = time.perf_counter() - began
        shutil.rmtree(root)
        return seconds

    def plain() -> float:
        prefix = place / f"plain-{next(numbers)}"
        command = [sys.executable, "-c", _PLAIN, channel.url, str(prefix), str(wheels), *specs]
        began = time.perf_counter()
        subprocess.run(command, check=True)
        seconds = time.perf_counter() - began
        shutil.rmtree(prefix)
        return seconds

    plain()  # fills the cache
    what = f"conda + pip: {_PACKAGES} packages, warm"
    beside = "rattler and uv alone; published for twice as many: pixi 21.8 s, conda 150 s"
    return [Row(what, median_of(_TIMES, ours), "s", beside, median_of(_TIMES, plain), "", kept=True)]


def _channel(folder: Path) -> Channel:
    channel = Channel(folder)
    channel.add_python()
    for number in range(_PACKAGES):
        files = {f"share/part{number}/{name}": f"{number} {name}\n" * 100 for name in range(30)}
        channel.add(f"part{number}", "1.0", files)
    channel.index()
    return channel


def _wheels(folder: Path) -> Path:
    folder.mkdir()
    info = "aml_bench-1.0.dist-info"
    with zipfile.ZipFile(folder / "aml_bench-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("aml_bench.py", "")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: aml-bench\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return folder
