from __future__ import annotations

import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from jupyter_ext.build.places import Place
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import (
    EnvironmentBuildException,
    UserErrorException,
)

if TYPE_CHECKING:
    from conftest import Builds

OURS = platform.python_version()


def from_wheels(wheels: Path, *packages: str) -> list[str]:
    return ["--no-index", f"--find-links {wheels}", *packages]


def run(python: str, code: str) -> str:
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_packages_are_installed_and_locked(builds: Builds, define: Any, wheels: Path) -> None:
    built = builds(define(from_wheels(wheels, "aml-two", "azureml-defaults  # v1 put it here", "# end")))
    assert (built.kind, built.version, built.cached) == ("venv", OURS, False)
    assert built.lock == ["aml-one==1.0", "aml-two==1.0"]
    assert built.size_bytes > 0
    assert run(built.python, "import aml_one; print(aml_one.VERSION)") == "1.0"
    assert builds.steps == ["Python", f"pip install --no-index --find-links {wheels} aml-two", "Check"]
    assert builds.notes == built.notes
    assert "azureml-defaults" in built.notes[0]
    log = (builds.root / built.key / "build.log").read_text()
    assert "+ aml-two==1.0" in log
    assert "Left out, since every run provides them: azureml-defaults" in log


def test_the_second_time_it_is_found(builds: Builds, define: Any, wheels: Path) -> None:
    asked = define(from_wheels(wheels, "aml-one"))
    assert builds.find(asked) is None
    first = builds(asked)
    second = builds(asked)
    assert second == msgspec.structs.replace(first, cached=True, seconds=0.0)
    assert builds.reports == []
    assert builds.find(asked) == second


def test_the_caller_s_log_gets_it_too(builds: Builds, define: Any, tmp_path: Path) -> None:
    log = tmp_path / "mine.log"
    log.write_text("before\n")
    builds(define(), log=log)
    assert log.read_text().startswith("before\n[1/2] Python\n")


@pytest.mark.parametrize("name", ["Umgebung für Vögel", "环境", "n" * 200, "a/../b", "", " "])
def test_any_name_will_do(builds: Builds, define: Any, name: str) -> None:
    built = builds(define(name=name))
    assert Path(built.python).is_relative_to(builds.root / built.key)
    assert builds.find(define(name="another")) is not None, "a name affects nothing"


def test_force_builds_anew_beside_the_old(builds: Builds, define: Any) -> None:
    first, second = builds(define()), builds(define(), force=True)
    assert not second.cached
    assert second.python != first.python
    assert Path(first.python).exists(), "a live run may use it"
    assert builds.find(define()) == msgspec.structs.replace(second, cached=True, seconds=0.0)


def test_what_was_removed_is_made_again_as_it_was(builds: Builds, define: Any, wheels: Path, tmp_path: Path) -> None:
    newest = (wheels / "aml_one-2.0-py3-none-any.whl").rename(tmp_path / "aml_one-2.0-py3-none-any.whl")
    asked = define(from_wheels(wheels, "aml-one"))
    first = builds(asked)
    shutil.copy(newest, wheels)
    shutil.rmtree(Path(first.python).parent.parent)
    again = builds(asked)
    assert not again.cached
    assert (again.lock, again.notes) == (["aml-one==1.0"], [])
    assert builds(asked, force=True).lock == ["aml-one==2.0"]


def test_what_cannot_be_made_again_is_solved_anew(
    builds: Builds, define: Any, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = define(from_wheels(wheels, "aml-one"))
    first = builds(asked)
    (wheels / "aml_one-2.0-py3-none-any.whl").unlink()
    shutil.rmtree(Path(first.python).parent.parent)
    monkeypatch.setenv("UV_CACHE_DIR", str(wheels.parent / "cache"))
    again = builds(asked)
    assert again.lock == ["aml-one==1.0"]
    assert again.notes == ["What this environment was made of cannot all be had any more: it is solved anew."]


def test_a_failed_rebuild_leaves_the_old_one(builds: Builds, define: Any, wheels: Path) -> None:
    asked = define(from_wheels(wheels, "aml-one"))
    built = builds(asked)
    for wheel in wheels.iterdir():
        wheel.unlink()
    with pytest.raises(EnvironmentBuildException, match="aml-one"):
        builds(asked, force=True)
    assert builds.find(asked) == msgspec.structs.replace(built, cached=True, seconds=0.0)


def test_no_python_asked_for_is_ours_and_told(builds: Builds, define: Any) -> None:
    built = builds(define(["azureml-defaults"], python="3.8.13", document="project_environment"))
    assert built.version == OURS
    assert f"Python {OURS} is used" in built.notes[-1]


def test_another_python_is_told(builds: Builds, define: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "none"))
    monkeypatch.setenv("UV_PYTHON_INSTALL_MIRROR", "http://127.0.0.1:9")
    built = builds(define(python="3.4.1"))
    assert built.version == OURS
    assert built.notes == [f"Python 3.4.1 cannot be had here: {OURS} is used."]
    assert builds(define(python="3.4.1")).notes == built.notes


def test_what_cannot_be_installed_tells_the_resolver_s_reason(builds: Builds, define: Any, wheels: Path) -> None:
    asked = define(from_wheels(wheels, "aml-two", "aml-one==2.0"))
    with pytest.raises(EnvironmentBuildException, match=r"aml-two.*depend on aml-one<2") as caught:
        builds(asked)
    assert caught.value.log is not None
    assert "aml-one" in Path(caught.value.log).read_text()
    assert builds.find(asked) is None
    assert not list(builds.root.glob("*/venv-*"))


def test_a_password_in_an_address_is_not_shown(builds: Builds, define: Any, wheels: Path) -> None:
    lines = from_wheels(wheels, "aml-nowhere")
    lines.append("--extra-index-url http://me:p@hush-hush@127.0.0.1:9/simple")
    with pytest.raises(EnvironmentBuildException) as caught:
        builds(define(lines))
    kept = [path.read_text() for path in builds.root.rglob("*") if path.is_file()]
    assert not [text for text in (*kept, caught.value.message, str(builds.reports)) if "hush-hush" in text]


def test_relative_packages_start_in_the_folder(
    builds: Builds, define: Any, slow_package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLOW_SECONDS", "0")
    monkeypatch.setenv("SLOW_LOG", str(slow_package / "log"))
    built = builds(define(["--no-index", "./slow"]), folder=slow_package.parent)
    assert built.lock == [f"slow @ file://{slow_package}"]


def test_bad_input_creates_nothing(builds: Builds, define: Any) -> None:
    with pytest.raises(UserErrorException, match="scipy"):
        builds(define(conda=["[scipy]"]))
    with pytest.raises(UserErrorException, match="--global-option is not understood"):
        builds(define(["--global-option=x"]))
    with pytest.raises(UserErrorException, match="not there"):
        builds(define(user_managed=True, interpreter="/no/python"))
    assert not builds.root.exists()


def test_the_user_s_own_interpreter(builds: Builds, define: Any) -> None:
    assert builds(define(user_managed=True)).python == sys.executable
    built = builds(define(user_managed=True, interpreter="/usr/bin/env"))
    assert (built.kind, built.python) == ("interpreter", "/usr/bin/env")
    assert not builds.root.exists()


def test_a_folder_that_cannot_be_written_is_told(builds: Builds, define: Any) -> None:
    builds.root.write_text("a file")
    with pytest.raises(EnvironmentBuildException, match="cannot be kept"):
        builds(define())


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_build_leaves_nothing_finished(
    builds: Builds, define: Any, slow_package: Path, monkeypatch: pytest.MonkeyPatch, stop: signal.Signals
) -> None:
    log = slow_package.parent / "slow.log"
    monkeypatch.setenv("SLOW_SECONDS", "120")
    monkeypatch.setenv("SLOW_LOG", str(log))
    asked = define(["--no-index", str(slow_package)])
    process = builds.start(asked)
    wait_until(log.exists)
    process.send_signal(stop)
    messages = process.stdout.read()
    process.stdout.close()
    assert process.wait(30) == (-9 if stop == signal.SIGKILL else 130)
    assert ("The build was stopped." in messages) == (stop != signal.SIGKILL)
    assert builds.find(asked) is None
    if stop == signal.SIGKILL:  # uv ends with it, but not what uv has started
        os.kill(int(log.read_text()), stop)
    wait_until(lambda: not is_alive(int(log.read_text())))
    assert bool(list(builds.root.glob("*/venv-*"))) == (stop == signal.SIGKILL)
    monkeypatch.setenv("SLOW_SECONDS", "0")
    built = builds(asked)
    assert not built.cached
    assert [path.name for path in builds.root.glob("*/venv-*")] == ["venv-0"]


def test_two_at_once_build_once(
    builds: Builds, define: Any, slow_package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = slow_package.parent / "slow.log"
    monkeypatch.setenv("SLOW_SECONDS", "1.5")
    monkeypatch.setenv("SLOW_LOG", str(log))
    asked = define(["--no-index", str(slow_package)])
    process = builds.start(asked)
    wait_until(log.exists)
    second = builds(asked)
    output = process.communicate(timeout=30)[0]
    assert '"cached":false' in output
    assert second.cached
    assert builds.notes == ["The same environment is being built elsewhere: this is its progress."]
    assert f"pip install --no-index {slow_package}" in builds.steps
    assert len(log.read_text().splitlines()) == 1


def test_a_record_without_its_folder_is_not_believed(builds: Builds, define: Any) -> None:
    built = builds(define())
    (Path(built.python).parent.parent / ".jupyter-aml-whole").unlink()
    assert builds.find(define()) is None
    Place(builds.root, built.key).ready.write_text("{half")
    assert builds.find(define()) is None
    assert not builds(define()).cached


def wait_until(condition: Any, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    path = Path(f"/proc/{pid}/stat")
    return path.exists() and path.read_text().rpartition(")")[2].split()[0] != "Z"
