"""What the tests of builds share: definitions as v1 has them, small wheels, a build that keeps reports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ext.build import build, find
from jupyter_ext.engines import docker_engine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from jupyter_ext.build import Built, Progress

NAME = f"test-{uuid.uuid4().hex[:8]}"  # others may build on the same engine
DEFAULT_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1"


def _define(
    pip: Iterable[str] = (),
    *,
    python: str | None = None,
    conda: Iterable[str] = (),
    image: str | None = DEFAULT_IMAGE,
    dockerfile: str | None = None,
    user_managed: bool = False,
    interpreter: str = "python",
    registry: dict[str, Any] | None = None,
    name: str = NAME,
    document: str = "mine",
    channels: Iterable[str] = (),
    exact: bool = False,
    variables: dict[str, str] | None = None,
) -> dict[str, Any]:
    dependencies: list[Any] = [f"python={python}"] if python else []
    dependencies += [*conda, {"pip": list(pip)}]
    return {
        "name": name,
        "version": None,
        "environmentVariables": {"EXAMPLE_ENV_VAR": "EXAMPLE_VALUE"},
        "python": {
            "userManagedDependencies": user_managed,
            "interpreterPath": interpreter,
            "condaDependencies": {
                "name": document,
                "dependencies": dependencies,
                "channels": list(channels),
                "variables": variables or {},
            },
            "pythonExact": exact,
        },
        "docker": {
            "baseImage": None if dockerfile else image,
            "baseDockerfile": dockerfile,
            "buildContext": None,
            "baseImageRegistry": registry or {"address": None, "username": None},
        },
    }


@dataclass
class Builds:
    """Builds in a folder of its own, and keeps what was reported."""

    root: Path
    reports: list[Progress] = field(default_factory=list)

    def __call__(self, definition: dict[str, Any], *, container: bool = False, **options: Any) -> Built:
        self.reports.clear()
        return build(definition, container=container, root=self.root, report=self.reports.append, **options)

    def find(self, definition: dict[str, Any], *, container: bool = False, **options: Any) -> Built | None:
        return find(definition, container=container, root=self.root, **options)

    @property
    def lines(self) -> list[str]:
        return [report.line for report in self.reports if report.line is not None]

    @property
    def notes(self) -> list[str | None]:
        return [report.line for report in self.reports if report.note]

    @property
    def steps(self) -> list[str]:
        return [report.text for report in self.reports if report.step and report.line is None]

    def start(self, definition: dict[str, Any], *, container: bool = False, **options: Any) -> Any:
        """Start ``python -m jupyter_ext.build``; text pipes."""
        request = {"definition": definition, "container": container, "root": str(self.root), **options}
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_ext.build"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=dict(os.environ),
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(request))
        process.stdin.close()
        process.stdin = None  # else communicate() would write to it
        return process

    @staticmethod
    def wait_for(process: Any, text: str) -> None:
        """Read messages until one has ``text``; the test's own time limit ends a wait in vain."""
        for line in process.stdout:
            if text in line:
                return
        pytest.fail(f"the build ended without {text!r}")


@pytest.fixture
def define() -> Any:
    return _define


@pytest.fixture
def client(base_image: str) -> Iterator[Any]:
    """A docker-py client; the images that the test has built are removed after it."""
    engine = docker_engine.client()
    yield engine
    for image in engine.api.images():  # what another process removes meanwhile is not asked for
        for tag in image.get("RepoTags") or []:
            if tag.startswith(f"jupyter-aml/{NAME}:"):
                engine.images.remove(tag, force=True)
    engine.close()


@pytest.fixture
def builds(tmp_path: Path) -> Builds:
    return Builds(tmp_path / "environments")


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A folder with the wheels of ``aml-one`` 1.0 and 2.0, and ``aml-two`` 1.0, which needs ``aml-one<2``."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    _wheel(folder, "aml_one", "1.0")
    _wheel(folder, "aml_one", "2.0")
    _wheel(folder, "aml_two", "1.0", "Requires-Dist: aml-one<2\n")
    return folder


def _wheel(folder: Path, name: str, version: str, more: str = "") -> None:
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}.py", f"VERSION = {version!r}\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


@pytest.fixture
def slow_package(tmp_path: Path) -> Path:
    """A package that takes ``SLOW_SECONDS`` to build, and notes its builds in the file ``SLOW_LOG``."""
    folder = tmp_path / "slow"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(
        "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
    )
    (folder / "backend.py").write_text(
        "import os, time, zipfile\n"
        "def build_wheel(folder, config_settings=None, metadata_directory=None):\n"
        "    with open(os.environ['SLOW_LOG'], 'a') as file: file.write(f'{os.getpid()}\\n')\n"
        "    time.sleep(float(os.environ['SLOW_SECONDS']))\n"
        "    name = 'slow-1.0-py3-none-any.whl'\n"
        "    with zipfile.ZipFile(os.path.join(folder, name), 'w') as archive:\n"
        "        info = 'slow-1.0.dist-info/'\n"
        "        archive.writestr(info + 'METADATA',"
        "            'Metadata-Version: 2.1\\nName: slow\\nVersion: 1.0\\n')\n"
        "        archive.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nTag: py3-none-any\\n')\n"
        "        archive.writestr(info + 'RECORD', '')\n"
        "    return name\n"
    )
    return folder
