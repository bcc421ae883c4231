"""A notebook of each module's own: its folder, its home, its kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from parts.kernel import Kernel, kernel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRAIN = """\
import sys
from azureml.core import Run

run = Run.get_context()
print("arguments", sys.argv[1:])
run.log("loss", 0.5)
open("outputs/model.txt", "w").write("model")
if "--fail" in sys.argv:
    raise ValueError("shape mismatch")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The notebook's folder, with a script in it."""
    folder = tmp_path_factory.mktemp("my notebook")
    (folder / "train.py").write_text(TRAIN)
    return folder


@pytest.fixture(scope="module")
def notebook_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the notebook's runs."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def cell(folder: Path, notebook_home: Path) -> Iterator[Kernel]:
    """A kernel for which no container engine answers."""
    nowhere = f"unix://{notebook_home}/no-engine.sock"
    with kernel(folder, AML_HOME=str(notebook_home), DOCKER_HOST=nowhere) as started:
        yield started


@pytest.fixture(scope="module")
def cell_with_engine(folder: Path, notebook_home: Path, engine: str) -> Iterator[Kernel]:
    """A kernel for which a container engine answers."""
    with kernel(folder, AML_HOME=str(notebook_home), DOCKER_HOST=engine) as started:
        yield started
