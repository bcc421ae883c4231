"""From the submission to the first line in a container, beside plain docker-py on the same network."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from parts import base_image, engine

from tests.bench.table import Row, median_of, ratio_at_most

_TIMES = 7


def measure(place: Path) -> list[Row]:
    os.environ["DOCKER_HOST"] = engine.start()
    image = base_image.make(os.environ["DOCKER_HOST"])
    source = place / "source"
    source.mkdir()
    (source / "hi.py").write_text('print("hi")\n')
    first = _ours(source, image)
    plain = _docker_py(image, source)
    return [ratio_at_most("%aml_submit: first line, a container", first, "s", "docker-py run", plain, 1.5)]


def _ours(source: Path, image: str) -> float:
    program = f"""
import os, statistics, time
os.chdir({str(source)!r})
from IPython.core.interactiveshell import InteractiveShell
from tests.bench.submit import first_line
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "jupyter_ext")
shell.run_cell_magic("aml_env", "bench --base-image {image} --user-managed", " ")
firsts = []
for _ in range({_TIMES} + 1):
    time.sleep(1.5)
    began = time.perf_counter()
    run = shell.run_line_magic("aml_submit", "--env bench hi.py")
    firsts.append(first_line(run.paths.root / "user_logs" / "std_log.txt", began))
    run.wait_for_completion()
print(statistics.median(firsts[1:]))
"""
    output = subprocess.check_output([sys.executable, "-c", program], text=True, cwd=Path.cwd())
    return float(output.split()[-1])


def _docker_py(image: str, source: Path) -> float:
    import docker

    client = docker.from_env()

    def once() -> float:
        began = time.perf_counter()
        container = client.containers.run(
            image, ["python3", "/source/hi.py"], volumes={str(source): {"bind": "/source"}}, detach=True
        )
        next(iter(container.logs(stream=True)))
        seconds = time.perf_counter() - began
        container.wait()
        container.remove()
        return seconds

    once()
    return median_of(_TIMES, once)
