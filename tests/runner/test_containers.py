"""Runs in containers of a real engine, and what is killed around them."""

from __future__ import annotations

import gc
import os
import signal
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from parts import base_image as images
from parts import own_engine
from parts.gangs import AGAIN, TRAINING
from parts.submitting import Folder, pid_of_runner, reason, said, statuses, until

from jupyter_ext.core.computes.aml_compute import AmlCompute
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.submission.distributed import PyTorchConfiguration
from jupyter_ext.core.submission.runconfig_parts import DockerConfiguration
from jupyter_ext.engines import docker_engine
from jupyter_ext.engines.container import ContainerNode, connected
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EngineNotAnswering
from jupyter_ext.store.locks import is_locked
from jupyter_ext.store.paths import RunPaths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from parts.own_engine import OwnEngine

    from jupyter_ext.core.runs.run import Run
    from jupyter_ext.core.workspaces.workspace import Workspace

pytestmark = pytest.mark.docker

COUNTING = """
import os, time
number = 0
while not os.path.exists("outputs/go"):
    print(number, flush=True)
    number += 1
    time.sleep(0.01)
print("the end", number)
"""
SLEEPING = "import time\nprint('on', flush=True)\ntime.sleep(300)\n"


@pytest.fixture
def boxed(tmp_path: Path, workspace: Workspace, base_image: str) -> Folder:
    """A folder whose runs are in containers."""
    del base_image
    return Folder(tmp_path / "src", workspace)


@pytest.fixture
def environment(base_image: str) -> Environment:
    return Environment.from_docker_image("boxed", base_image)


@pytest.fixture
def client(engine: str) -> Iterator[Any]:
    del engine
    made = docker_engine.client()
    yield made
    made.close()


def name(run: Run) -> str:
    return f"aml-{run.id}-0"


def is_gone(client: Any, run: Run) -> bool:
    return not client.containers.list(all=True, filters={"name": name(run)})


def make_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_ext.store.runners._STARTING_SECONDS", 0.0)
    monkeypatch.setattr("jupyter_ext.core.runs.base._TEND_SECONDS", 0.3)


def test_a_run_in_a_container(boxed: Folder, environment: Environment, client: Any, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.txt").write_text("from the host")
    docker = DockerConfiguration(
        use_docker=True,
        arguments=["-v", f"{tmp_path}/data:/data:ro", "--hostname", "box", "-e", "GIVEN=1"],
        shm_size="64m",
    )
    script = (
        "import os, platform, sys\nfrom azureml.core import Run\nrun = Run.get_context()\n"
        "print(platform.node(), os.environ['GIVEN'], len(os.environ['FOO_TOKEN']), sys.argv[1:], os.getcwd())\n"
        "print(open('/data/x.txt').read(), os.statvfs('/dev/shm').f_blocks * os.statvfs('/dev/shm').f_frsize)\n"
        "run.log('a', 1)\nopen('outputs/m.txt', 'w').write(run.id)\nopen('scratch.txt', 'w').write('x')\n"
    )
    config = boxed.config(script, arguments=["--lr", 0.1], environment=environment, docker_runtime_config=docker)
    config.run_config.environment_variables["FOO_TOKEN"] = "5ecret"
    run = boxed.experiment.submit(config)
    run.wait_for_completion()
    assert said(run) == f"box 1 6 ['--lr', '0.1'] /aml/run/work\nfrom the host {64 * 1024 * 1024}\n"
    assert run.get_metrics() == {"a": 1}
    assert (run.paths.outputs / "m.txt").read_text() == run.id
    for file in ("outputs/m.txt", "work/scratch.txt", "user_logs/std_log.txt", "metrics.jsonl"):
        assert (run.paths.root / file).stat().st_uid == os.getuid()
    assert not [one for one in run.paths.root.rglob("*") if one.is_file() and b"5ecret" in one.read_bytes()]
    assert is_gone(client, run)


def test_a_script_that_fails_there(boxed: Folder, environment: Environment) -> None:
    run = boxed.submit("raise ValueError('shape mismatch')\n", environment=environment)
    run.wait_for_completion(raise_on_error=False)
    assert reason(run) == "ValueError: shape mismatch (train.py:1)"


def test_the_container_is_killed(boxed: Folder, environment: Environment, client: Any) -> None:
    run = boxed.running(SLEEPING, environment=environment)
    client.containers.get(name(run)).kill()
    run.wait_for_completion(raise_on_error=False)
    assert reason(run) == "The run's launcher was killed: its container ended with exit code 137."
    assert said(run) == "on\n"
    until(lambda: is_gone(client, run))


def test_the_container_is_stopped(boxed: Folder, environment: Environment, client: Any) -> None:
    run = boxed.running(SLEEPING, environment=environment)
    client.containers.get(name(run)).stop()
    run.wait_for_completion(raise_on_error=False)
    assert reason(run) == (
        "A signal from outside ended node 0, such as 'docker stop' or a restart of the engine: "
        "its container ended with exit code 143."
    )


def test_the_container_is_removed(boxed: Folder, environment: Environment, client: Any) -> None:
    run = boxed.running(SLEEPING, environment=environment)
    client.containers.get(name(run)).remove(force=True)
    run.wait_for_completion(raise_on_error=False)
    assert reason(run).startswith("The run's launcher was killed: ")
    assert said(run) == "on\n"


def test_cancel(boxed: Folder, environment: Environment, client: Any) -> None:
    run = boxed.running(SLEEPING, environment=environment)
    run.cancel()
    assert run.wait_for_completion()["status"] == "Canceled"
    until(lambda: is_gone(client, run))


def test_the_runner_is_killed(
    boxed: Folder, environment: Environment, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = boxed.running(COUNTING, environment=environment)
    os.kill(pid_of_runner(run), signal.SIGKILL)
    until(lambda: not is_locked(run.paths.runner_lock))
    make_old(monkeypatch)
    lines = len(said(run).splitlines())
    until(lambda: len(said(run).splitlines()) > lines)
    until(lambda: run.get_status() and is_locked(run.paths.runner_lock))
    (run.paths.outputs / "go").touch()
    assert run.wait_for_completion()["status"] == "Completed"
    *numbers, _ = said(run).splitlines()
    assert numbers == [str(number) for number in range(len(numbers))]
    until(lambda: is_gone(client, run))


def test_a_runner_that_meets_the_unexpected_leaves_nothing_behind(
    boxed: Folder, environment: Environment, client: Any
) -> None:
    given = DockerConfiguration(use_docker=True)
    config = boxed.config(
        SLEEPING,
        environment=environment,
        docker_runtime_config=given,
        distributed_job_config=PyTorchConfiguration(node_count=2),
        compute_target=AmlCompute.create(
            boxed.experiment.workspace, "two", AmlCompute.provisioning_configuration(max_nodes=2)
        ),
    )
    run = boxed.experiment.submit(config)
    until(lambda: all((run.paths.user_logs / f"std_log_process_{rank}.txt").exists() for rank in range(2)))
    run.paths.events.unlink()  # somebody tidies up
    until(lambda: run.get_status() == "Failed")
    assert "unexpected FileNotFoundError" in reason(run)
    assert not client.containers.list(all=True, filters={"label": f"jupyter-aml.run={run.id}"})
    assert not client.networks.list(filters={"label": f"jupyter-aml.run={run.id}"})


def test_a_container_that_an_earlier_runner_left(
    boxed: Folder, environment: Environment, client: Any, base_image: str
) -> None:
    run_id = f"left-{os.getpid()}-{time.time_ns()}"
    client.containers.create(base_image, name=f"aml-{run_id}-0")
    run = boxed.experiment.submit(boxed.config("print('mine')\n", environment=environment), run_id=run_id)
    run.wait_for_completion()
    assert said(run) == "mine\n"
    until(lambda: is_gone(client, run))


def test_an_image_without_python(boxed: Folder, client: Any, base_image: str, tmp_path: Path) -> None:
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / "Dockerfile").write_text(
        f"FROM {base_image}\nRUN rm -f /usr/bin/python3* /usr/local/bin/python*\n"
    )
    client.images.build(path=str(tmp_path / "context"), tag="aml-test/no-python:1")
    run = boxed.submit("print(1)\n", environment=Environment.from_docker_image("x", "aml-test/no-python:1"))
    run.wait_for_completion(raise_on_error=False)
    assert "has no Python" in reason(run)
    assert "Install it" in reason(run)
    assert is_gone(client, run)


def test_what_the_engine_refuses_is_told(boxed: Folder, environment: Environment, client: Any) -> None:
    docker = DockerConfiguration(use_docker=True, arguments=["--runtime", "no-such-runtime"])
    run = boxed.submit("print(1)\n", environment=environment, docker_runtime_config=docker)
    run.wait_for_completion(raise_on_error=False)
    assert "The container engine refused the run's container" in reason(run)
    assert "no-such-runtime" in reason(run)
    assert is_gone(client, run)


def test_the_default_image_that_cannot_be_had_is_done_without(boxed: Folder) -> None:
    environment = Environment("default")
    environment.python.user_managed_dependencies = True
    docker = DockerConfiguration(use_docker=True)
    run = boxed.submit("print('in', __file__)\n", environment=environment, docker_runtime_config=docker)
    assert run.wait_for_completion()["status"] == "Completed"
    assert f"/runs/{run.id}/work/" in said(run)


@pytest.fixture(scope="module", name="ours")
def _ours(part: Callable[..., Any]) -> Iterator[OwnEngine]:
    with tempfile.TemporaryDirectory(prefix="aml-engine-", ignore_cleanup_errors=True) as root:
        making = own_engine.started(Path(root))
        yield part(making.__enter__)
        making.__exit__(None, None, None)


@pytest.fixture
def mortal(ours: OwnEngine, monkeypatch: pytest.MonkeyPatch) -> OwnEngine:
    """An engine that a test may end."""
    ours.again()
    monkeypatch.setenv("DOCKER_HOST", ours.address)
    return ours


@pytest.fixture
def in_mortal(mortal: OwnEngine, tmp_path: Path, workspace: Workspace) -> tuple[Folder, dict[str, Any]]:
    """A folder whose runs are in containers of that engine, and what they are given."""
    del mortal
    docker = DockerConfiguration(use_docker=True, arguments=["--network=none"])
    given = {"environment": Environment.from_docker_image("boxed", images.NAME), "docker_runtime_config": docker}
    return Folder(tmp_path / "src", workspace), given


def test_the_engine_is_stopped(mortal: OwnEngine, in_mortal: tuple[Folder, dict[str, Any]]) -> None:
    boxed, given = in_mortal
    run = boxed.running(SLEEPING, **given)
    mortal.stop()
    until(lambda: run.get_status() == "Failed", 30)
    assert reason(run).startswith(
        "A signal from outside ended node 0, such as 'docker stop' or a restart of the engine: "
    )
    assert f"the container engine at {mortal.address} stopped answering; start it" in reason(run)
    assert said(run) == "on\n"
    until(lambda: not is_locked(run.paths.runner_lock))


def test_the_engine_is_killed(mortal: OwnEngine, in_mortal: tuple[Folder, dict[str, Any]]) -> None:
    boxed, given = in_mortal
    run = boxed.running(SLEEPING, **given)
    mortal.kill()
    until(lambda: run.get_status() == "Failed", 10)
    assert reason(run) == (
        f"The run's launcher was killed: the container engine at {mortal.address} stopped answering; start it, and "
        "submit again."
    )
    assert said(run) == "on\n"


def test_the_engine_is_killed_and_the_container_goes_on(
    mortal: OwnEngine, in_mortal: tuple[Folder, dict[str, Any]]
) -> None:
    boxed, given = in_mortal
    run = boxed.running(COUNTING, **given)
    mortal.kill(containers=False)
    (run.paths.outputs / "go").touch()
    assert run.wait_for_completion()["status"] == "Completed"
    *numbers, end = said(run).splitlines()
    assert end == f"the end {len(numbers)}"


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # docker-py's, where it cannot connect
@pytest.mark.usefixtures("in_mortal")
def test_the_engine_is_killed_as_the_container_is_made(mortal: OwnEngine, tmp_path: Path) -> None:
    paths = RunPaths(tmp_path / "run")
    paths.launch.mkdir(parents=True)
    client = connected(mortal.address)  # as a spare runner has it
    mortal.kill()
    with pytest.raises(EngineNotAnswering, match=mortal.address):
        ContainerNode(paths, 0).start("any", "python", {}, None, [])
    client.close()
    connected.cache_clear()
    gc.collect()


def test_the_engine_is_killed_and_the_runner_too(
    mortal: OwnEngine, in_mortal: tuple[Folder, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    boxed, given = in_mortal
    run = boxed.running(COUNTING, **given)
    mortal.kill(containers=False)
    os.kill(pid_of_runner(run), signal.SIGKILL)
    until(lambda: not is_locked(run.paths.runner_lock))
    make_old(monkeypatch)
    until(lambda: run.get_status() and is_locked(run.paths.runner_lock))
    (run.paths.outputs / "go").touch()
    assert run.wait_for_completion(raise_on_error=False)["status"] == "Completed", reason(run)


@pytest.mark.parametrize("containers", [True, False])
def test_the_engine_is_killed_and_started_again(
    mortal: OwnEngine, in_mortal: tuple[Folder, dict[str, Any]], containers: bool
) -> None:
    """Containers that are left end when their engine comes back."""
    boxed, given = in_mortal
    run = boxed.submit(TRAINING, max_retries=1, **given)
    until((run.paths.outputs / "checkpoints" / "0").exists)
    mortal.kill(containers=containers)
    if containers:
        until(lambda: "for the container engine to come back" in run.paths.events.read_text(), 10)
    mortal.again()
    assert run.wait_for_completion()["status"] == "Completed"
    assert said(run) == AGAIN
    assert statuses(run)[-5:] == ["Running", "Queued", "Running", "Finalizing", "Completed"]
