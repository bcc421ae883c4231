"""``%%aml_env`` in a real kernel."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from parts.kernel import kernel, make_wheel
from parts.submitting import until

from jupyter_ext.engines import docker_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parts.kernel import Kernel
    from parts.registry import Registry

SLOW = """\
import os, time, zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    with open("../builds", "a") as file:
        file.write("built\\n")
    time.sleep(6)
    with zipfile.ZipFile(os.path.join(folder, "slow-1.0-py3-none-any.whl"), "w") as archive:
        archive.writestr("slow-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: slow\\nVersion: 1.0\\n")
        archive.writestr("slow-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        archive.writestr("slow-1.0.dist-info/RECORD", "")
    return "slow-1.0-py3-none-any.whl"
"""


@pytest.fixture
def cell_elsewhere(folder: Path, notebook_home: Path) -> Iterator[Kernel]:
    """Another notebook's kernel."""
    with kernel(folder, AML_HOME=str(notebook_home), DOCKER_HOST=f"unix://{notebook_home}/no-engine.sock") as started:
        yield started


def registered(home: Path) -> set[str]:
    folder = home / "default" / "environments" / "registered"
    return {file.name for file in folder.iterdir()} if folder.is_dir() else set()


def commands() -> list[str]:
    """Return the command lines of all processes of this machine, those in containers included."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found.append(file.read_text(errors="replace").replace("\0", " "))
    return found


def test_requirement_lines_are_built_and_registered(cell: Kernel, folder: Path) -> None:
    wheel = make_wheel(folder)
    made = cell.ok(f"%%aml_env birds\n# what it needs\n./{wheel}")
    assert "birds:1  step 1 of" in made.shown
    assert made.shown.splitlines()[-1].startswith("birds:1  built in ")
    assert "1 package" in made.shown
    assert made.value is None  # the display says it all
    assert all("text/html" in one for one in made.displays)
    assert "birds:1" in cell.ok("env = _; f'{env.name}:{env.version}'").value


def test_run_again_unchanged_it_returns_at_once(cell: Kernel, folder: Path) -> None:
    text = f"%%aml_env again\n./{make_wheel(folder)}"
    cell.ok(text)
    again = cell.ok(text)
    assert again.shown == "again:1  up to date"
    assert len({one["text/plain"] for one in again.displays}) == 1  # no step was taken


def test_a_changed_cell_is_the_next_version(cell: Kernel, folder: Path) -> None:
    cell.ok(f"%%aml_env changing --no-build\n./{make_wheel(folder)}")
    changed = cell.ok(f"%%aml_env changing --no-build\n./{make_wheel(folder, 'aml_other')}")
    assert changed.shown == "changing:2  registered; its first run builds it"


def test_a_body_may_be_empty_where_the_line_says_what_is_asked(cell: Kernel) -> None:
    assert "bare:1  built in" in cell.ok("%%aml_env bare --python 3.11").shown
    assert "bare:1  up to date" in cell.ok("%aml_env bare --python 3.11").shown
    assert "The cell has no body" in str(cell.run("%aml_env bare").error)


def test_python_runs_with_env_bound(cell: Kernel) -> None:
    cell.ok("mine = 'VALUE'; env = 'kept'")
    made = cell.ok("%%aml_env python1 --no-build\nenv.environment_variables['MINE'] = mine\nother = 1 + 1")
    assert "python1:1" in made.shown
    assert cell.ok("_.environment_variables['MINE'], other, env").value == "('VALUE', 2, 'kept')"


def test_what_python_raises_shows_the_cells_own_line(cell: Kernel, notebook_home: Path) -> None:
    failed = cell.run("%%aml_env python2\nenv.docker.enabled = False\n1 / 0")
    assert failed.error is not None
    assert failed.error["ename"] == "ZeroDivisionError"
    assert "python2>:3" in failed.trace.replace("\x1b[39m", "").replace("\x1b[32m", "")
    assert "jupyter_ext" not in failed.trace
    assert "python2" not in registered(notebook_home)


def test_what_our_own_classes_refuse_is_marked_in_the_cell(cell: Kernel) -> None:
    failed = cell.run("%%aml_env python3\nenv.docker.enabled = False\nenv.docker.base_dockerfile = './Dockerfil'")
    assert "---->   4" not in failed.trace
    assert "---->   3 env.docker.base_dockerfile = './Dockerfil'" in failed.trace
    assert "cannot be read" in failed.message


def test_a_channel_that_is_not_there_is_marked(cell: Kernel) -> None:
    failed = cell.run("%%aml_env nowhere\nchannels: [file:///nowhere]\ndependencies:\n- numpy")
    assert "---->   2 channels: [file:///nowhere]" in failed.trace


def test_a_conda_specification_of_pip_packages_is_built(cell: Kernel, folder: Path) -> None:
    made = cell.ok(f"%%aml_env conda1\ndependencies:\n- pip:\n  - ./{make_wheel(folder)}")
    assert "conda1:1  " in made.shown


def test_a_build_that_fails_marks_the_line_and_registers_nothing(cell: Kernel, notebook_home: Path) -> None:
    failed = cell.run("%%aml_env broken\n--no-index\naml-no-such-package==1")
    assert failed.error is not None
    assert failed.error["ename"] == "EnvironmentBuildException"
    assert "---->   3 aml-no-such-package==1" in failed.trace
    assert "jupyter_ext" not in failed.trace
    assert "broken:1  failed" in failed.shown
    assert "broken" not in registered(notebook_home)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("%%aml_env", "required: NAME"),
        ("%%aml_env bad/name\nsix", "cannot be an environment's name"),
        ("%%aml_env AzureML-x\nsix", "kept for curated environments"),
        ("%%aml_env x --frob\nsix", "--frob"),
        ("%%aml_env x --as dockerfile\nRUN a\nRUN b", "no FROM instruction"),
        ("%%aml_env x --as pip\nimport os", "'import os' is not a requirement"),
        ("%%aml_env x\nnumpy 2 is nice", "Say with --as"),
        ("%%aml_env x --user-managed\nsix", "leave it out"),
        ("%%aml_env x --base-image y\nFROM z", "FROM"),
        ("%%aml_env x\nenv = 3", "has to be an Environment"),
        ("%%aml_env x\ndependencies:\n- '[numpy]'", "is not a conda package"),
        ("%%aml_env x\nFROM python:3.11", "No container engine answers"),
        ("%%aml_env x --base-image python:3.11", "No container engine answers"),
        ("%%aml_env x --password-env HERE\nsix", "--registry"),
        ("%%aml_env x --registry r --password-env AML_NOT_SET --base-image y", "AML_NOT_SET"),
        ("%%aml_env x 'y\nsix", "quotation"),
    ],
)
def test_what_cannot_be_is_one_message_and_nothing_is_made(
    cell: Kernel, notebook_home: Path, text: str, told: str
) -> None:
    failed = cell.run(text)
    assert told in failed.message
    assert "Traceback" not in failed.trace
    assert "x" not in registered(notebook_home)


def test_the_password_is_kept_nowhere(cell: Kernel, notebook_home: Path) -> None:
    cell.ok("import os; os.environ['AML_TEST_REGISTRY_PASSWORD'] = 'tiger' + 'lily'")
    made = cell.ok(
        "%aml_env private --base-image team/base --registry r.example.com --username me "
        "--password-env AML_TEST_REGISTRY_PASSWORD --user-managed --no-build"
    )
    assert "private:1" in made.shown
    record = json.loads((notebook_home / "default/environments/registered/private/1.json").read_text())
    assert record["definition"]["docker"]["baseImageRegistry"]["passwordEnv"] == "AML_TEST_REGISTRY_PASSWORD"
    held = [file for file in notebook_home.rglob("*") if file.is_file() and b"tigerlily" in file.read_bytes()]
    assert held == []
    assert "tigerlily" not in repr(cell.ok("_").value)


def test_a_secret_variable_is_kept_nowhere_and_reaches_the_run(cell: Kernel, notebook_home: Path) -> None:
    secret = "env.environment_variables['MY_API_KEY'] = 'mari' + 'gold'\nenv.python.user_managed_dependencies = True"
    assert "MY_API_KEY: a secret's value is not written down" in cell.ok(f"%%aml_env secretive\n{secret}").text
    cell.ok("%%aml_submit --env secretive --wait\nimport os\nprint(os.environ['MY_API_KEY'][::-1])")
    assert "dlogiram" in cell.ok("%aml logs @last").text
    held = [file for file in notebook_home.rglob("*") if file.is_file() and b"marigold" in file.read_bytes()]
    assert held == []


def test_relative_paths_start_in_the_notebooks_folder(cell: Kernel, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import aml_tiny\nprint('has', aml_tiny.VERSION)")
    cell.ok(f"%%aml_env relative\n./{make_wheel(folder)}")
    cell.ok(f"%aml_submit --env relative --source {tmp_path} --wait train.py")
    assert "has 1" in cell.ok("%aml logs @last").text


def test_exactly_that_python_or_none(cell: Kernel, notebook_home: Path) -> None:
    failed = cell.run("%%aml_env exact --python 3.3.1 --python-exact\n")
    assert "3.3.1" in failed.message
    assert "exact" not in registered(notebook_home)
    assert "no meaning" in cell.run("%aml_env exact --python-exact --user-managed").message


def test_what_goes_on_elsewhere_is_watched(cell: Kernel, cell_elsewhere: Kernel, folder: Path) -> None:
    package = folder / "slow"
    package.mkdir()
    (package / "pyproject.toml").write_text(
        "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
    )
    (package / "backend.py").write_text(SLOW)
    text = "%%aml_env watched\n./slow"
    cell.begin(text)
    until((folder / "builds").exists)
    watching = cell_elsewhere.ok(text)
    assert "this is its progress" in watching.shown
    assert "watched:1  step 2 of 3  pip install" in watching.shown
    assert "built in 0 s" not in watching.shown
    assert cell.ok(text).shown == "watched:1  up to date"
    assert (folder / "builds").read_text() == "built\n"


def test_help_has_examples(cell: Kernel) -> None:
    assert "--password-env" in cell.ok("%%aml_env?").help
    assert "examples:" in cell.ok("%%aml_env?").help
    assert "examples:" in cell.ok("%%aml_env --help\nx").text


@pytest.mark.docker
def test_a_dockerfile_is_built_and_a_cell_runs_in_it(cell_with_engine: Kernel, base_image: str) -> None:
    cell = cell_with_engine
    made = cell.ok(f"%%aml_env image1\nFROM {base_image}\nRUN echo hello > /greeting")
    assert "image1:1  step 2 of 3  RUN echo hello" in made.shown
    assert "sha256:" in made.shown.splitlines()[-1]
    assert cell.ok(f"%%aml_env image1\nFROM {base_image}\nRUN echo hello > /greeting").shown == "image1:1  up to date"
    cell.ok("%%aml_submit --env image1 --wait\nprint('said', open('/greeting').read())")
    assert "said hello" in cell.ok("%aml logs @last").text


@pytest.mark.docker
def test_the_step_that_fails_is_marked_in_the_cell(cell_with_engine: Kernel, base_image: str) -> None:
    failed = cell_with_engine.run(f"%%aml_env image2\nFROM {base_image}\nRUN true\nRUN exit 3")
    assert "---->   4 RUN exit 3" in failed.trace
    assert "image2:1  failed at step 3 of" in failed.shown


@pytest.mark.docker
@pytest.mark.parametrize(
    ("lines", "marked", "told"),
    [
        ("FROM {image}\nRUN pip install --no-index aml-no-such", "---->   3 RUN pip", "Check how the name is spelled"),
        ("FROM {image}\nFROB it", "---->   3 FROB it", "Did you mean 'FROM'?"),
        ("FROM {image}\nCOPY nowhere /there", "---->   3 COPY nowhere", "has no folder to copy from"),
        ("FROM 127.0.0.1:9/aml/nothing:1", "---->   2 FROM 127.0.0.1:9", "can be reached"),
    ],
)
def test_what_usually_mends_it_is_told(
    cell_with_engine: Kernel, base_image: str, lines: str, marked: str, told: str
) -> None:
    failed = cell_with_engine.run(f"%%aml_env mended\n{lines.format(image=base_image)}")
    assert marked in failed.trace
    assert told in failed.message
    assert "jupyter_ext" not in failed.trace


@pytest.mark.docker
def test_a_password_in_a_cell_works_and_is_nowhere_to_be_found(
    cell_with_engine: Kernel, base_image: str, registry: Registry, notebook_home: Path
) -> None:
    client = docker_engine.client()
    name = f"{registry.address}/team/in-a-cell"
    client.images.get(base_image).tag(name, "1")
    client.api.push(name, "1", auth_config={"username": registry.username, "password": registry.password})
    client.images.remove(f"{name}:1")
    made = cell_with_engine.ok(
        "%%aml_env cell-private\n"
        f"env.docker.base_image = 'team/in-a-cell:1'\n"
        f"env.docker.base_image_registry.address = '{registry.address}'\n"
        f"env.docker.base_image_registry.username = '{registry.username}'\n"
        f"env.docker.base_image_registry.password = '{registry.password}'\n"
        "env.python.user_managed_dependencies = True"
    )
    assert made.text.count(f"docker login {registry.address}") == 1
    assert "built in" in made.shown
    wrong = cell_with_engine.run(
        "%%aml_env cell-wrong\n"
        f"env.docker.base_image = 'team/not-there:1'\n"
        f"env.docker.base_image_registry.address = '{registry.address}'\n"
        f"env.docker.base_image_registry.username = '{registry.username}'\n"
        f"env.docker.base_image_registry.password = 'wrong-tulip'\n"
        "env.python.user_managed_dependencies = True"
    )
    assert "check the name, and the password" in wrong.message
    shown = repr(made) + repr(wrong) + repr(client.images.get(f"{name}:1").history())
    held = [file.read_bytes() for file in notebook_home.rglob("*") if file.is_file()]
    for secret in (registry.password, "wrong-tulip"):
        assert secret not in shown
        assert not any(secret.encode() in content for content in held)
    client.images.remove(f"{name}:1")
    client.close()


@pytest.mark.docker
def test_an_interrupted_build_stops_and_says_so(cell_with_engine: Kernel, base_image: str, notebook_home: Path) -> None:
    sleep = f"sleep 61.{os.getpid()}"
    text = f"%%aml_env image3\nFROM {base_image}\nRUN {sleep}"
    stopped = cell_with_engine.run(text, interrupt_after=2.0)
    assert "nothing is registered" in stopped.message
    assert "stopped after" in stopped.shown
    assert "image3" not in registered(notebook_home)
    until(lambda: not any(sleep in words for words in commands()))
