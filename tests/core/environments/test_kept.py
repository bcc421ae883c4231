"""What environments there are, who uses them, and pruning."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import TYPE_CHECKING

import msgspec
import pytest
from parts.kernel import make_wheel
from parts.submitting import until

from jupyter_ext.build import build, inventory
from jupyter_ext.build.records import Request
from jupyter_ext.core.environments import kept as environment_store
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.runs.compare import compare
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EngineNotAnswering, UserErrorException
from jupyter_ext.store import mending
from jupyter_ext.store.locks import Lock

if TYPE_CHECKING:
    from parts.submitting import Folder

    from jupyter_ext.core.workspaces.workspace import Workspace


def built(workspace: Workspace, folder: Path, *wheels: str, name: str = "x") -> Environment:
    """Register and build an environment of wheels."""
    environment = Environment(name)
    assert environment.python.conda_dependencies is not None
    files = [folder / f"{wheel}-1.0-py3-none-any.whl" for wheel in wheels]
    lines = [str(file if file.exists() else folder / make_wheel(folder, file.name.split("-")[0])) for file in files]
    environment.python.conda_dependencies.set_pip_requirements(lines)
    details = environment.build(workspace).wait_for_completion(show_output=False)
    assert details.status == "Succeeded", details.get_log()
    return Environment.get(workspace, name)


def with_packages(*lines: str) -> Environment:
    environment = Environment("slow")
    assert environment.python.conda_dependencies is not None
    environment.python.conda_dependencies.set_pip_requirements(list(lines))
    return environment


@pytest.mark.usefixtures("no_engine")
def test_who_submits_the_object_that_was_registered_uses_that_version(workspace: Workspace, folder: Folder) -> None:
    mine = Environment("mine")
    mine.python.user_managed_dependencies = True
    mine.register(workspace)  # and v1's notebooks go on with the object that they have
    run = folder.submit("print()", environment=mine)
    mine.environment_variables = {"A": "1"}
    changed = folder.submit("print()", environment=mine)
    (stored,) = environment_store.stored(workspace, "mine")
    assert (stored.name, stored.runs) == ("mine:1", (run.id,))
    assert changed.get_details()["runDefinition"]["environment"]["version"] is None


@pytest.mark.usefixtures("no_engine")
def test_state_size_and_users_are_told(workspace: Workspace, folder: Folder, tmp_path: Path) -> None:
    first = built(workspace, tmp_path, "aml_one")
    run = folder.submit("import aml_one", environment=first)
    run.wait_for_completion()
    built(workspace, tmp_path, "aml_one", "aml_two")
    Environment("bare").register(workspace)
    mine = Environment("mine")
    mine.python.user_managed_dependencies = True
    mine.register(workspace)
    Environment.label(workspace, "x", "1", "prod")
    bare, own, latest = environment_store.stored(workspace)
    assert (own.name, own.state, own.size) == ("mine:1", "built", 0)
    assert (bare.name, bare.state, bare.size, bare.runs) == ("bare:1", "not built", 0, ())
    assert (latest.name, latest.state, latest.runs) == ("x:2", "built", ())
    assert latest.size > 1000
    old, latest = environment_store.stored(workspace, "x")
    assert (old.name, old.labels, old.runs, old.live) == ("x:1", ("prod",), (run.id,), ())
    assert latest.labels == ()
    with pytest.raises(UserErrorException, match="no environment 'nope'"):
        environment_store.stored(workspace, "nope")


@pytest.mark.usefixtures("no_engine")
def test_what_is_not_registered_is_told_by_the_name_that_asked_for_it(workspace: Workspace, folder: Folder) -> None:
    folder.submit("pass", environment=Environment.get(workspace, "azureml-minimal")).wait_for_completion()
    (one,) = environment_store.stored(workspace)
    assert (one.environment, one.state, one.asked_as, len(one.runs)) == (None, "built", "azureml-minimal:1", 1)
    (named,) = environment_store.stored(workspace, "azureml-minimal")
    assert (named.name, named.state, len(named.runs)) == ("azureml-minimal:1", "built", 1)


@pytest.mark.usefixtures("no_engine")
def test_pruning_spares_the_latest_and_what_a_live_run_uses(
    workspace: Workspace, folder: Folder, tmp_path: Path
) -> None:
    first = built(workspace, tmp_path, "aml_one")
    run = folder.running("import time, aml_one\nprint('up', flush=True)\ntime.sleep(60)", environment=first)
    built(workspace, tmp_path, "aml_one", "aml_two")
    kept = {one.stored.name: one.size for one in environment_store.prune(workspace, every=True, dry=True)}
    assert kept["x:1"] is None
    assert kept["x:2"]
    (spared,) = environment_store.prune(workspace)
    assert (spared.stored.name, spared.size, spared.stored.live) == ("x:1", None, (run.id,))
    run.cancel()
    run.wait_for_completion(raise_on_error=False)
    (removed,) = environment_store.prune(workspace)
    assert removed.size
    assert not Path(first.get_image_details(workspace).interpreter_path).is_absolute()
    assert environment_store.prune(workspace) == []
    again = folder.submit("import aml_one", environment=first)
    assert again.wait_for_completion()["status"] == "Completed"
    (mine,) = environment_store.prune(workspace, ["x"], dry=True)[:1]
    assert mine.size


@pytest.mark.usefixtures("no_engine")
def test_what_a_forced_build_has_taken_the_place_of_goes_unless_a_live_run_uses_it(
    workspace: Workspace, folder: Folder, tmp_path: Path
) -> None:
    environment = built(workspace, tmp_path, "aml_one")
    run = folder.running("import time, aml_one\nprint('up', flush=True)\ntime.sleep(60)", environment=environment)
    root = workspace._paths.environments
    for _ in range(2):
        build(environment._definition(), container=False, root=root, report=lambda _: None, force=True)

    def venvs() -> list[str]:
        return sorted(path.name for path in root.glob("*/venv-*"))

    assert venvs() == ["venv-0", "venv-1", "venv-2"]
    (would,) = environment_store.prune(workspace, dry=True)
    assert venvs() == ["venv-0", "venv-1", "venv-2"]
    (done,) = environment_store.prune(workspace)
    assert done.size == would.size
    assert venvs() == ["venv-0", "venv-2"]
    run.cancel()
    run.wait_for_completion(raise_on_error=False)
    environment_store.prune(workspace)
    assert venvs() == ["venv-2"]
    assert environment_store.prune(workspace) == []


@pytest.mark.usefixtures("no_engine")
def test_a_run_that_is_submitted_during_pruning_keeps_its_environment(workspace: Workspace, tmp_path: Path) -> None:
    environment = built(workspace, tmp_path, "aml_one")
    root = workspace._paths.environments
    (one,) = inventory.kept(root)
    found = []

    def submitted_just_now() -> bool:
        found.append(environment.get_image_details(workspace).environment_path)
        return True

    assert inventory.remove(root, one.key, submitted_just_now) is None
    assert found == [None]
    python = environment.get_image_details(workspace).interpreter_path
    assert Path(python).exists()


@pytest.mark.usefixtures("no_engine")
def test_pruning_that_fails_leaves_the_environment(workspace: Workspace, tmp_path: Path) -> None:
    environment = built(workspace, tmp_path, "aml_one")
    root = workspace._paths.environments
    (one,) = inventory.kept(root)

    def gone() -> bool:
        raise EngineNotAnswering("it is gone")

    with pytest.raises(EngineNotAnswering, match="it is gone"):
        inventory.remove(root, one.key, gone)
    assert environment.get_image_details(workspace).environment_path


@pytest.mark.usefixtures("no_engine")
def test_what_is_being_built_stays_and_what_was_killed_goes(workspace: Workspace, tmp_path: Path) -> None:
    built(workspace, tmp_path, "aml_one")
    root = workspace._paths.environments
    (one,) = inventory.kept(root)
    lock = Lock(root / one.key / "lock")
    assert lock.acquire()
    assert environment_store.stored(workspace)[0].state == "building"
    assert [each.size for each in environment_store.prune(workspace, every=True)] == [None]
    lock.release()
    (root / one.key / "ready.json").unlink()
    assert environment_store.stored(workspace)[0].state == "unfinished"
    (pruned,) = environment_store.prune(workspace, every=True)
    assert pruned.size is not None
    assert pruned.size > 1000
    assert inventory.kept(root) == []


SLOW = """\
import os, pathlib, time
pathlib.Path(__file__).parent.with_name("pid").write_text(str(os.getpid()))
time.sleep(600)
"""


@pytest.mark.usefixtures("no_engine")
def test_builds_that_were_killed_or_failed_are_pruned_while_living_ones_stay(
    workspace: Workspace, tmp_path: Path
) -> None:
    root, package = workspace._paths.environments, tmp_path / "slow"
    package.mkdir()
    backend = "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
    (package / "pyproject.toml").write_text(backend)
    (package / "backend.py").write_text(SLOW)
    environment = with_packages("--no-index", str(package))
    environment.register(workspace)  # so the latest version asks for it
    definition = Environment.get(workspace, "slow")._definition()
    request = msgspec.json.encode(Request(definition, container=False, root=str(root)))
    with subprocess.Popen([sys.executable, "-m", "jupyter_ext.build"], stdin=PIPE, stdout=DEVNULL) as build:
        assert build.stdin is not None
        try:
            build.stdin.write(request)
            build.stdin.close()
            until((tmp_path / "pid").exists, 60)
            assert environment_store.prune(workspace) == []
        finally:
            build.kill()
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
    failing = with_packages("--no-index", "aml-no-such-package").build(workspace)
    assert failing.wait_for_completion(show_output=False).status == "Failed"
    for path in (root, *root.glob("*")):
        os.utime(path, (1, 1))
    assert len([path for path, _ in mending.half_made(workspace._paths)]) == 2
    told = [(one.stored.name, one.size) for one in environment_store.prune(workspace, dry=True)]
    done = [(one.stored.name, one.size) for one in environment_store.prune(workspace)]
    assert done == told
    assert ("slow:1", 0) not in done
    assert "slow:1" in dict(done)
    assert len(done) == 2
    assert environment_store.prune(workspace) == []
    assert list(mending.half_made(workspace._paths)) == []
    assert not list(root.glob("*/venv-*"))


@pytest.mark.usefixtures("no_engine")
def test_what_was_pruned_is_not_half_made(workspace: Workspace, tmp_path: Path) -> None:
    built(workspace, tmp_path, "aml_one")
    environment_store.prune(workspace, every=True)
    for folder in workspace._paths.environments.glob("*"):
        os.utime(folder, (1, 1))
    assert list(mending.half_made(workspace._paths)) == []


@pytest.mark.usefixtures("no_engine")
def test_runs_tell_how_their_environments_differ(workspace: Workspace, folder: Folder, tmp_path: Path) -> None:
    runs = []
    for wheels in (["aml_one", "aml_two"], ["aml_two", "aml_three"]):
        environment = built(workspace, tmp_path, *wheels)
        runs.append(folder.submit("pass", environment=environment))
        runs[-1].wait_for_completion()
    found = compare(runs).different
    assert found["environment"] == ["x:1", "x:2"]
    assert {name: [value is None for value in values] for name, values in found.items() if "package" in name} == {
        "package aml-one": [False, True],
        "package aml-three": [True, False],
    }
    assert not any("spark" in name or "databricks" in name for name in [*found, *compare(runs).same])
    recorded = runs[0].get_environment()
    assert (recorded.name, recorded.version) == ("x", "1")
    told = {row[0]: row[1] for row in _table(runs[0].paths, "Environment")}
    assert "aml-one" in told["Installed"]
    assert told["Python"].startswith("3.")


@pytest.mark.docker
def test_an_image_is_pruned_but_not_under_a_live_container(
    workspace: Workspace, folder: Folder, base_image: str, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", engine)
    text = f"FROM {base_image}\nRUN head -c 3000000 /dev/urandom > /filler\n"
    environment = Environment.from_dockerfile("pruned", text).register(workspace)
    run = folder.running("import time\nprint('up', flush=True)\ntime.sleep(60)", environment=environment)
    Environment.from_docker_image("pruned", base_image).register(workspace)
    (spared,) = environment_store.prune(workspace)
    assert spared.size is None
    run.cancel()
    run.wait_for_completion(raise_on_error=False)
    (removed,) = until(lambda: [one for one in environment_store.prune(workspace) if one.size])
    assert removed.stored.name == "pruned:1"
    assert 3_000_000 <= (removed.size or 0) < 4_000_000
    assert not environment.get_image_details(workspace).image_exist
    assert Environment.get(workspace, "pruned").get_image_details(workspace).image_exist is False


@pytest.mark.docker
def test_an_image_that_a_live_run_has_under_another_name_stays(
    workspace: Workspace, folder: Folder, base_image: str, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", engine)
    text = f"FROM {base_image}\nENV HELD=1\n"
    old = Environment.from_dockerfile("held", text)
    build(old._definition(), container=True, root=workspace._paths.environments, report=lambda _: None)
    new = Environment.from_dockerfile("held", f"{text}# the same\n").register(workspace)
    run = folder.running("import time\nprint('up', flush=True)\ntime.sleep(60)", environment=new)
    would = {one.size for one in environment_store.prune(workspace, every=True, dry=True)}
    assert would == {None}
    run.cancel()
    run.wait_for_completion(raise_on_error=False)
    until(lambda: None not in {one.size for one in environment_store.prune(workspace, every=True)})
    assert not new.get_image_details(workspace).image_exist


def _table(paths: object, title: str) -> list[list[str]]:
    from jupyter_ext.store.live.feed import RunFeed

    feed = RunFeed(paths)  # type: ignore[arg-type]
    feed.read_all()
    return next(table["rows"] for table in feed.details() if table["title"] == title)
