"""Requirement lines that name files and folders of this machine, in an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Builds

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("home")]

BACKEND = """\
import os, zipfile
def _wheel(folder, files):
    name = 'mine-1.0-py3-none-any.whl'
    with zipfile.ZipFile(os.path.join(folder, name), 'w') as archive:
        info = 'mine-1.0.dist-info/'
        more = 'Provides-Extra: one\\nRequires-Dist: aml-one; extra == "one"\\n'
        archive.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: mine\\nVersion: 1.0\\n' + more)
        archive.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nTag: py3-none-any\\n')
        archive.writestr(info + 'RECORD', '')
        for file, text in files.items():
            archive.writestr(file, text)
    return name
def build_wheel(folder, config_settings=None, metadata_directory=None):
    return _wheel(folder, {'mine.py': open('src/mine.py').read()})
def build_editable(folder, config_settings=None, metadata_directory=None):
    return _wheel(folder, {'mine.pth': os.path.abspath('src')})
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package whose folder has a space in its name, and the extra ``one``."""
    folder = tmp_path / "my package"
    (folder / "src").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(
        "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
    )
    (folder / "backend.py").write_text(BACKEND)
    (folder / "src" / "mine.py").write_text("VALUE = 1\n")
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("left out")
    return folder


def said(client: Any, image: str | None, code: str) -> str:
    output: bytes = client.containers.run(image, ["python", "-c", code], remove=True)
    return output.decode().strip()


def test_every_form_goes_in_by_its_content(
    builds: Builds, define: Any, base_image: str, client: Any, package: Path, wheels: Path
) -> None:
    folder = package.parent
    (folder / "limits.txt").write_text("aml-one<2\n")
    (wheels / "aml_two-1.0-py3-none-any.whl").rename(folder / "aml_two-1.0-py3-none-any.whl")
    lines = ["--no-index", "--find-links wheels", "-c limits.txt", "-e './my package[one]'"]
    asked = define([*lines, "./aml_two-1.0-py3-none-any.whl"], image=base_image)
    built = builds(asked, container=True, folder=folder)
    assert {"mine==1.0", "aml_one==1.0", "aml_two==1.0"} <= set(built.lock)
    assert "Copy the packages of this machine" in builds.steps
    assert said(client, built.image, "import mine, aml_one; print(mine.VALUE, aml_one.VERSION)") == "1 1.0"
    assert builds.find(asked, container=True, folder=folder) is not None
    (package / ".git" / "HEAD").write_text("no matter")
    assert builds.find(asked, container=True, folder=folder) is not None
    (package / "src" / "mine.py").write_text("VALUE = 2\n")
    assert builds.find(asked, container=True, folder=folder) is None
    again = builds(asked, container=True, folder=folder)
    assert said(client, again.image, "import mine; print(mine.VALUE)") == "2"
    (package / "src" / "mine.py").write_text("VALUE = 1\n")
    assert builds.find(asked, container=True, folder=folder) is not None  # by its content


def test_a_folder_and_an_address_of_a_file(
    builds: Builds, define: Any, base_image: str, client: Any, package: Path, wheels: Path
) -> None:
    wheel = (wheels / "aml_one-2.0-py3-none-any.whl").as_uri()
    asked = define(["--no-index", package.as_uri(), f"aml-one @ {wheel}"], image=base_image)
    built = builds(asked, container=True)
    assert {"mine==1.0", "aml_one==2.0"} <= set(built.lock)
    assert said(client, built.image, "import mine; print(mine.VALUE, 'local' in mine.__file__)") == "1 False"


def test_what_is_not_there_is_told_before_anything_is_created(builds: Builds, define: Any, base_image: str) -> None:
    with pytest.raises(UserErrorException, match=r"names .*nowhere, which is not there"):
        builds(define(["-e ./nowhere"], image=base_image), container=True)
    assert not builds.root.exists()
