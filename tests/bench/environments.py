"""An environment cell that is run again, and packages whose downloads are cached."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from parts import base_image, engine

from tests.bench.table import Row, at_most

if TYPE_CHECKING:
    from pathlib import Path

_TIMES = 15
_PACKAGES = "scikit-learn"
_AGAIN = """
import os, statistics, sys, time
os.chdir(sys.argv[1])
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "jupyter_ext")
body = sys.argv[2]
times = []
for _ in range(int(sys.argv[3])):
    began = time.perf_counter()
    shell.run_cell_magic("aml_env", sys.argv[4], body)
    times.append(time.perf_counter() - began)
print("seconds", times[0] if len(times) == 1 else statistics.median(times[1:]))
"""


def measure(place: Path) -> list[Row]:
    os.environ["DOCKER_HOST"] = engine.start()
    image = base_image.make(os.environ["DOCKER_HOST"])
    steps = f"FROM {image}\nRUN echo {time.time()} > /first\nRUN echo second > /second\n"
    packages = _cell(place, _PACKAGES, "packages", 2)  # the first fetches what the cache has not got
    cached = _cell(place, _PACKAGES, "packages --force", 1)
    again_image = _cell(place, steps, "image", _TIMES)
    return [
        at_most("%%aml_env unchanged, a virtual environment", packages * 1000, "ms", 50),
        at_most("%%aml_env unchanged, an image", again_image * 1000, "ms", 50),
        at_most("%%aml_env scikit-learn, downloads cached", cached, "s", 3),
    ]


def _cell(place: Path, body: str, line: str, times: int) -> float:
    command = [sys.executable, "-c", _AGAIN, str(place), body, str(times), line]
    return float(subprocess.check_output(command, text=True).rpartition("seconds ")[2])
