"""An image with Open MPI and mpi4py, made of the base image."""

from __future__ import annotations

import tempfile
from pathlib import Path

from parts import alone, base_image

NAME = "aml-test/openmpi:4"
_DOCKERFILE = f"""FROM {base_image.NAME}
RUN apt-get update -q && apt-get install -qy --no-install-recommends openmpi-bin && rm -rf /var/lib/apt/lists/*
RUN pip install -q mpi4py
"""


def make(docker_host: str) -> str:
    """Make the image unless the engine has it; return its name."""
    base_image.make(docker_host)
    with alone("mpi-image"):
        if not base_image.has(docker_host, NAME):
            with tempfile.TemporaryDirectory() as name:
                (Path(name) / "Dockerfile").write_text(_DOCKERFILE)
                base_image.docker(docker_host, "build", "-q", "-t", NAME, name)
    return NAME
