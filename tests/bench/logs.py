"""A script that prints a million lines, 100 MB, beside a pipe."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from tests.bench.table import Row, at_least

if TYPE_CHECKING:
    from pathlib import Path

_LINES = 1_000_000
_PRINT = f"""
import time
line = "x" * 92
began = time.perf_counter()
for i in range({_LINES}):
    print(f"{{i:06d}} {{line}}")
import sys
sys.stdout.flush()
seconds = time.perf_counter() - began
"""


def measure(place: Path) -> list[Row]:
    from jupyter_ext import Experiment, ScriptRunConfig, Workspace

    (place / "flood.py").write_text(_PRINT + "import json; json.dump(seconds, open('outputs/seconds.json', 'w'))\n")
    os.sync()  # or the figure would be of the disk that still writes what was made before
    run = Experiment(Workspace(workspace_name="bench"), "logs").submit(ScriptRunConfig(str(place), "flood.py"))
    run.wait_for_completion()
    seconds = json.loads((run.paths.outputs / "seconds.json").read_text())
    log = run.paths.user_logs / "std_log.txt"
    with log.open("rb") as lines:
        assert all(line.startswith(b"%06d " % number) for number, line in enumerate(lines))
    size = log.stat().st_size / 1e6
    piped = size / _through_a_pipe()
    return [
        at_least("1,000,000 lines printed into the run directory", size / seconds, "MB/s", 100),
        Row("1,000,000 lines printed into the run directory", size / seconds, "MB/s", "a pipe", piped, "", kept=True),
    ]


def _through_a_pipe() -> float:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", _PRINT], stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        while process.stdout.read(1 << 20):
            pass
    return time.perf_counter() - began
