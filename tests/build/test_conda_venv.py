from __future__ import annotations

import os
import platform
import signal
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from parts.conda_channel import Channel

from jupyter_ext.build import Lock, build_from_lock, failures, lock_of
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException

if TYPE_CHECKING:
    from conftest import Builds

OURS = platform.python_version()
_MINOR = OURS.rpartition(".")[0]
_METADATA = "Metadata-Version: 2.1\nName: aml-pure\nVersion: 1.0\n"


@pytest.fixture
def channel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Channel:
    """Our Python, ``aml-pure`` for any Python, ``tool``, and ``vars``, which sets a variable where it is activated."""
    monkeypatch.setenv("RATTLER_CACHE_DIR", str(tmp_path / "conda-cache"))
    channel = Channel(tmp_path / "channel")
    channel.add_python()
    info = "site-packages/aml_pure-1.0.dist-info"
    pure = {"site-packages/aml_pure.py": "VALUE = 7\n", f"{info}/METADATA": _METADATA, f"{info}/INSTALLER": "conda"}
    channel.add("aml-pure", "1.0", pure, ["python"], noarch="python")
    channel.add("tool", "1.0", {"bin/tool": "#!/bin/sh\necho a tool\n"})
    channel.add("vars", "1.0", {"etc/conda/activate.d/vars.sh": 'export VARS_HOME="$CONDA_PREFIX/share"\n'})
    channel.index()
    return channel


def run(python: str, code: str) -> list[str]:
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.split()


def test_conda_and_pip_packages_are_one_environment(
    builds: Builds, define: Any, channel: Channel, wheels: Path
) -> None:
    pip = ["--no-index", f"--find-links {wheels}", "aml-two"]
    asked = define(pip, python=_MINOR, conda=["aml-pure=1.0", "tool"], channels=[channel.url], variables={"MODE": "x"})
    built = builds(asked)
    assert built.version == OURS
    code = "import aml_pure, aml_two, aml_one, sys; print(aml_pure.VALUE, aml_one.VERSION, sys.prefix)"
    prefix = Path(built.python).parent.parent
    assert run(built.python, code) == ["7", "1.0", str(prefix)]
    assert subprocess.run([prefix / "bin" / "tool"], check=True, capture_output=True).stdout == b"a tool\n"
    assert built.lock == ["aml-one==1.0", "aml-pure==1.0", "aml-two==1.0", f"python=={OURS}", "tool==1.0"]
    assert builds.steps == [
        "Solve conda packages",
        "conda install aml-pure=1.0 tool",
        f"pip install --no-index --find-links {wheels} aml-two",
        "Check",
    ]
    assert {"solve", "install"} <= {report.phase for report in builds.reports}
    assert built.variables == {"CONDA_PREFIX": str(prefix), "CONDA_DEFAULT_ENV": str(prefix), "MODE": "x"}
    assert builds(asked).cached


def test_what_packages_set_where_they_are_activated_is_kept(builds: Builds, define: Any, channel: Channel) -> None:
    built = builds(define(conda=["vars"], channels=[channel.url]))
    assert built.variables["VARS_HOME"] == built.variables["CONDA_PREFIX"] + "/share"


def test_a_pip_package_that_conda_has_installed_is_not_installed_again(
    builds: Builds, define: Any, channel: Channel
) -> None:
    built = builds(define(["--no-index", "aml-pure"], conda=["aml-pure"], channels=[channel.url]))
    assert [line for line in built.lock if line.startswith("aml-pure")] == ["aml-pure==1.0"]
    lock = lock_of(built, builds.root)
    assert lock is not None
    assert lock.packages == []


def test_an_old_python_comes_from_a_channel(
    builds: Builds, define: Any, channel: Channel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    built = builds(define(python=OURS, conda=["tool"], channels=[channel.url]))
    assert built.notes == []
    near = builds(define(python=f"{_MINOR}.99", conda=["tool"], channels=[channel.url]))
    assert near.notes == [f"Python {_MINOR}.99 cannot be had from the channels: {OURS} is used."]
    other = builds(define(python="2.1", conda=["tool"], channels=[channel.url]))
    assert other.notes == [f"Python 2.1 cannot be had from the channels: {OURS} is used."]


def test_exactly_that_python_or_none(builds: Builds, define: Any, channel: Channel) -> None:
    for conda in (["tool"], []):
        asked = define(python="3.4.1", conda=conda, channels=[channel.url], exact=True)
        with pytest.raises(EnvironmentBuildException, match=r"Python 3\.4\.1 cannot be had .*--python-exact") as caught:
            builds(asked)
        assert caught.value.step in ("Solve conda packages", "Python 3.4.1")
        assert not list(builds.root.glob("*/venv-*"))


def test_packages_that_contradict_each_other_do_not_cost_the_python(
    builds: Builds, define: Any, channel: Channel
) -> None:
    channel.add("old", "1.0", depends=["python <3"])
    channel.index()
    with pytest.raises(EnvironmentBuildException, match=r"python <3") as caught:
        builds(define(python=OURS, conda=["old"], channels=[channel.url]))
    assert caught.value.kind == failures.UNSATISFIABLE
    log = Path(caught.value.log or "").read_text()
    assert "python <3" in log


def test_the_same_environment_is_made_again_in_another_home(
    builds: Builds, define: Any, channel: Channel, wheels: Path, tmp_path: Path
) -> None:
    pip = ["--no-index", f"--find-links {wheels}", "aml-one<2"]
    first = builds(define(pip, conda=["aml-pure", "vars"], channels=[channel.url], variables={"A": "1"}))
    kept = msgspec.json.encode(lock_of(first, builds.root))
    channel.add("aml-pure", "2.0", {"site-packages/aml_pure.py": "VALUE = 8\n"}, ["python"], noarch="python")
    channel.index()
    lock = msgspec.json.decode(kept, type=Lock)
    home = tmp_path / "elsewhere"
    again = build_from_lock(lock, root=home, report=builds.reports.append)
    assert again.lock == first.lock
    assert Path(again.python).is_relative_to(home)
    assert run(again.python, "import aml_pure, aml_one; print(aml_pure.VALUE, aml_one.VERSION)") == ["7", "1.0"]
    assert again.variables["A"] == "1"
    assert again.variables["VARS_HOME"].startswith(str(home))
    assert build_from_lock(lock, root=home, report=builds.reports.append).cached


def test_a_wheel_that_has_changed_is_not_taken_for_the_one_of_the_lock(
    builds: Builds, define: Any, wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = builds(define(["--no-index", f"--find-links {wheels}", "aml-one<2"]))
    lock = lock_of(first, builds.root)
    assert lock is not None
    assert lock.conda is None
    assert "sha256" in (lock.pylock or "")
    (wheels / "aml_one-2.0-py3-none-any.whl").replace(wheels / "aml_one-1.0-py3-none-any.whl")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
    with pytest.raises(EnvironmentBuildException) as caught:
        build_from_lock(lock, root=tmp_path / "elsewhere", report=builds.reports.append)
    assert caught.value.kind == failures.CHANGED


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_conda_build_leaves_nothing_finished(
    builds: Builds, define: Any, channel: Channel, stop: signal.Signals
) -> None:
    channel.add("big", "1.0", {"share/big": os.urandom(2_000_000)})
    channel.index()
    with channel.served(seconds=60) as address:
        asked = define(conda=["big"], channels=[address])
        process = builds.start(asked)
        builds.wait_for(process, "Downloading big")
        process.send_signal(stop)
        process.stdout.close()
        assert process.wait(60) == (-9 if stop == signal.SIGKILL else 130)
        assert builds.find(asked) is None
        assert stop == signal.SIGKILL or not list(builds.root.glob("*/venv-*"))


def test_a_build_is_stopped_while_a_channel_says_nothing(builds: Builds, define: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/channel"
        process = builds.start(define(conda=["tool"], channels=[address]))
        builds.wait_for(process, f"From {address}")
        connection, _ = server.accept()
        process.send_signal(signal.SIGTERM)
        assert "The build was stopped." in process.communicate(timeout=60)[0]
        assert process.returncode == 130
        connection.close()


@pytest.mark.parametrize("form", ["http://me:{0}@{1}", "http://{1}/t/{0}", "http://{1}/t/{0}/"])
def test_a_password_of_a_channel_lets_in_and_is_kept_nowhere(
    builds: Builds, define: Any, channel: Channel, form: str, tmp_path: Path
) -> None:
    with channel.served(password="hush-hush") as address:
        host = address.removeprefix("http://")
        built = builds(define(conda=["tool"], channels=[form.format("hush-hush", host)]))
        with pytest.raises(EnvironmentBuildException, match="lets nobody in") as caught:
            builds(define(conda=["tool", "vars"], channels=[form.format("no-no", host)]))
    assert "tool==1.0" in built.lock
    assert caught.value.kind == failures.AUTHENTICATION
    lock = lock_of(built, builds.root)
    assert lock is not None
    assert lock.conda is not None
    assert {each.url.rpartition("/linux-")[0] for each in lock.conda.packages} == {address}
    places = (builds.root, tmp_path / "conda-cache")
    kept = b"".join(path.read_bytes() for place in places for path in place.rglob("*") if path.is_file())
    assert b"hush-hush" not in kept
    assert "hush-hush" not in str(builds.reports)
    assert "no-no" not in kept.decode(errors="replace") + caught.value.message + str(builds.reports)
