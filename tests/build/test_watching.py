"""Several processes that want the same environment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from parts.conda_channel import Channel

from jupyter_ext.build import builder, records
from jupyter_ext.build.apart import build_apart
from jupyter_ext.build.places import Place
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException

if TYPE_CHECKING:
    from conftest import Builds


@pytest.fixture
def slow(slow_package: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that gets a line for each build of a package that takes two minutes."""
    log = slow_package.parent / "slow.log"
    monkeypatch.setenv("SLOW_SECONDS", "120")
    monkeypatch.setenv("SLOW_LOG", str(log))
    return log


def quick(slow_package: Path) -> None:
    """Let builds that begin from now on take no time."""
    backend = slow_package / "backend.py"
    backend.write_text(backend.read_text().replace("time.sleep(", "time.sleep(0 * "))


def wait_until(condition: Any, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def end_slow_build(log: Path) -> None:
    """End what uv had started, which does not end with it."""
    for line in log.read_text().splitlines():
        try:
            os.kill(int(line), signal.SIGKILL)
        except ProcessLookupError:
            continue


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGTERM])
def test_whoever_watches_a_build_that_is_stopped_takes_over(
    builds: Builds, define: Any, slow_package: Path, slow: Path, stop: signal.Signals
) -> None:
    asked = define(["--no-index", str(slow_package)])
    first = builds.start(asked)
    wait_until(slow.exists)
    second = builds.start(asked)
    builds.wait_for(second, '"step":2')  # it shows the first one's progress
    third = builds.start(asked)
    builds.wait_for(third, '"step":2')
    quick(slow_package)
    first.send_signal(stop)
    first.communicate(timeout=30)
    end_slow_build(slow)
    said = [process.communicate(timeout=60)[0] for process in (second, third)]
    assert [process.returncode for process in (second, third)] == [0, 0]
    assert sorted("The build elsewhere has stopped" in text for text in said) == [False, True]
    assert sorted('"cached":true' in text for text in said) == [False, True]
    assert [path.name for path in builds.root.glob("*/venv-*")] == ["venv-0"]


def test_a_watcher_that_is_stopped_leaves_the_build_alone(
    builds: Builds, define: Any, slow_package: Path, slow: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLOW_SECONDS", "2")
    asked = define(["--no-index", str(slow_package)])
    first = builds.start(asked)
    wait_until(slow.exists)
    second = builds.start(asked)
    builds.wait_for(second, '"step":2')
    second.send_signal(signal.SIGINT)
    assert "The build was stopped." in second.communicate(timeout=30)[0]
    assert '"built"' in first.communicate(timeout=30)[0]
    assert len(slow.read_text().splitlines()) == 1


def test_a_failure_is_every_watcher_s(
    builds: Builds, define: Any, slow_package: Path, slow: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SLOW_SECONDS", "1.5")
    backend = slow_package / "backend.py"
    backend.write_text(
        backend.read_text().replace("    name =", "    raise SystemExit('no such compiler')\n    name =")
    )
    asked = define(["--no-index", str(slow_package)])
    first = builds.start(asked)
    wait_until(slow.exists)
    log = tmp_path / "mine.log"
    reports: list[records.Progress] = []
    with pytest.raises(EnvironmentBuildException, match="no such compiler") as caught:
        build_apart(asked, container=False, root=builds.root, report=reports.append, log=log)
    assert '"error"' in first.communicate(timeout=30)[0]
    assert first.returncode == 1
    assert len(slow.read_text().splitlines()) == 1
    assert (caught.value.kind, caught.value.package) == ("package does not build", "slow"), caught.value.message
    assert caught.value.step == f"pip install --no-index {slow_package}"
    assert reports[0].line == "The same environment is being built elsewhere: this is its progress."
    assert "no such compiler" in log.read_text()
    with pytest.raises(EnvironmentBuildException, match="no such compiler"):
        builds(asked)  # what failed once is tried again when it is asked for again
    assert len(slow.read_text().splitlines()) == 2


def test_the_builder_s_death_is_no_news_to_the_next(
    builds: Builds, define: Any, slow_package: Path, slow: Path
) -> None:
    asked = define(["--no-index", str(slow_package)])
    first = builds.start(asked)
    wait_until(slow.exists)
    first.kill()
    first.communicate()
    end_slow_build(slow)
    quick(slow_package)
    built = builds(asked)
    assert not built.cached
    assert builds.notes == []
    assert Path(built.python).exists()


def test_what_another_has_built_just_now_is_not_built_again(builds: Builds, define: Any) -> None:
    built = builds(define())
    place = Place(builds.root, built.key)
    made = builder._once(
        place, builds.reports.append, None, fresh=False, find=lambda: built, make=lambda _: pytest.fail("it was there")
    )
    assert made == built


def test_a_notebook_that_is_killed_leaves_its_build_to_whoever_watches(
    builds: Builds, define: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATTLER_CACHE_DIR", str(tmp_path / "conda-cache"))
    channel = Channel(tmp_path / "channel")
    channel.add_python()
    channel.add("big", "1.0", {"share/big": os.urandom(2_000_000)})
    channel.index()
    program = (
        "import json, sys; from pathlib import Path; from jupyter_ext.build.apart import build_apart\n"
        "asked, root = json.loads(sys.argv[1])\n"
        "build_apart(asked, container=False, root=Path(root), report=lambda progress: print(progress, flush=True))\n"
    )
    with channel.served(seconds=3) as address:
        asked = define(conda=["big"], channels=[address])
        command = [sys.executable, "-c", program, json.dumps([asked, str(builds.root)])]
        notebook = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        builds.wait_for(notebook, "Downloading big")
        second = builds.start(asked)
        builds.wait_for(second, "Downloading big")
        notebook.kill()
        notebook.communicate()
        said = second.communicate(timeout=60)[0]
        assert second.returncode == 0, said
        assert '"built"' in said
    assert [path.name for path in builds.root.glob("*/venv-*")] == ["venv-0"]
    assert builds.find(asked) is not None
