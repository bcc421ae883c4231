"""Building a Dockerfile of three steps, beside the same build by docker-py alone."""

from __future__ import annotations

import io
import os
import statistics
import time
import uuid
from pathlib import Path

from parts import base_image, engine

from tests.bench.table import Row, ratio_at_most

_TIMES = 5


def measure(place: Path) -> list[Row]:
    os.environ["DOCKER_HOST"] = engine.start()
    image = base_image.make(os.environ["DOCKER_HOST"])
    pairs = [(_ours(place, image), _docker_py(image)) for _ in range(_TIMES)]  # in turn: a machine's load changes
    ours, plain = (statistics.median(each) for each in zip(*pairs, strict=True))
    return [ratio_at_most("%%aml_env: a three-step Dockerfile", ours, "s", "docker-py alone", plain, 1.1)]


def _text(image: str, mark: str) -> str:
    """Return a Dockerfile whose steps the engine has not seen: it installs a package, as they do."""
    return f"FROM {image}\nRUN echo {mark} && pip install --no-cache-dir six\nRUN python -c 'import six'\n"


def _define(text: str) -> dict[str, object]:
    return {"name": "bench", "python": {"userManagedDependencies": True}, "docker": {"baseDockerfile": text}}


def _ours(place: Path, image: str) -> float:
    from jupyter_ext.build.apart import build_apart

    asked = _define(_text(image, uuid.uuid4().hex))
    began = time.perf_counter()
    built = build_apart(asked, container=True, root=place, report=lambda _: None)
    seconds = time.perf_counter() - began
    _remove(str(built.tag))
    return seconds


def _docker_py(image: str) -> float:
    import docker

    text = _text(image, uuid.uuid4().hex)
    client = docker.from_env(timeout=600)
    began = time.perf_counter()
    client.images.build(fileobj=io.BytesIO(text.encode()), tag="aml-bench/image:1", rm=True, forcerm=True)
    seconds = time.perf_counter() - began
    client.close()
    _remove("aml-bench/image:1")
    return seconds


def _remove(name: str) -> None:
    import docker

    client = docker.from_env()
    client.images.remove(name, force=True)
    client.close()
