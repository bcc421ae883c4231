from __future__ import annotations

import os
import platform
import re
import socket
import subprocess
import threading
from typing import TYPE_CHECKING

import msgspec
import pytest
from parts.conda_channel import SUBDIR, Channel

from jupyter_ext.build import conda_channels, conda_install, conda_solve, failures
from jupyter_ext.build.conda_lock import CondaLock
from jupyter_ext.build.reporter import Reporter
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException, UserErrorException

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_ext.build import Progress


@pytest.fixture
def channel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Channel:
    """``one`` 1.0 and 2.0 of no platform, ``two``, which needs the first of them, and ``card``, which needs CUDA."""
    monkeypatch.setenv("RATTLER_CACHE_DIR", str(tmp_path / "cache"))
    channel = Channel(tmp_path / "channel")
    for version in ("1.0", "2.0"):
        channel.add("one", version, {"share/one.txt": f"one {version}\n"}, noarch="generic")
    channel.add("two", "1.0", {"share/two.txt": "two\n"}, ["one <2"])
    channel.add("card", "1.0", depends=["__cuda >=11"])
    channel.index()
    return channel


def solve(channel: Channel, *specs: str, **options: object) -> CondaLock:
    channels = conda_channels.Channels((channel.url,))
    return conda_solve.solve(channels, specs, **options)  # type: ignore[arg-type]


def test_a_solve_is_exact(channel: Channel) -> None:
    lock = solve(channel, "two")
    assert [str(package) for package in lock.packages] == ["one=1.0=0", "two=1.0=0"]
    one, two = lock.packages
    assert (one.noarch, one.subdir, two.subdir) == ("generic", "noarch", SUBDIR)
    assert two.url == f"{channel.url}/{SUBDIR}/two-1.0-0.tar.bz2"
    assert two.depends == ["one <2"]
    assert len(two.sha256 or "") == 64


def test_the_newest_is_taken_where_nothing_is_against_it(channel: Channel) -> None:
    assert str(solve(channel, "one").packages[0]) == "one=2.0=0"


def test_an_unsatisfiable_specification_tells_the_solver_s_reason(channel: Channel) -> None:
    with pytest.raises(EnvironmentBuildException, match=r"(?s)two 1\.0 would require.*one <2") as caught:
        solve(channel, "two", "one>1")
    assert caught.value.kind == failures.UNSATISFIABLE
    assert caught.value.package == "two"
    assert channel.url in caught.value.message


def test_packages_of_which_each_could_be_had_alone(channel: Channel) -> None:
    channel.add("low", "1.0", depends=["one <2"])
    channel.add("high", "1.0", depends=["one >=2"])
    channel.index()
    with pytest.raises(EnvironmentBuildException, match="cannot be had together") as caught:
        solve(channel, "low", "high")
    assert caught.value.kind == failures.UNSATISFIABLE
    assert caught.value.package in ("low", "high")
    assert all(text in caught.value.message for text in ("one <2", "one >=2"))


def test_a_package_that_is_not_there_is_named(channel: Channel) -> None:
    with pytest.raises(EnvironmentBuildException, match="No candidates were found for nowhere") as caught:
        solve(channel, "nowhere=1.2")
    assert (caught.value.kind, caught.value.package) == (failures.NOT_FOUND, "nowhere")


@pytest.mark.parametrize("text", ["one[", "", "one ==="])
def test_what_is_no_package_is_refused(channel: Channel, text: str) -> None:
    with pytest.raises(UserErrorException, match="is not a conda package"):
        solve(channel, text)


def test_another_platform_and_what_it_offers(channel: Channel) -> None:
    with pytest.raises(EnvironmentBuildException, match="__cuda >=11"):
        solve(channel, "card", virtual_packages=["__glibc=2.31"])
    assert str(solve(channel, "card", virtual_packages=["__cuda=12.4"]).packages[0]) == "card=1.0=0"
    lock = solve(channel, "one", platform="linux-aarch64", virtual_packages=[])
    assert lock.platform == "linux-aarch64"


def test_a_later_channel_serves_where_the_first_cannot(channel: Channel, tmp_path: Path) -> None:
    first = Channel(tmp_path / "first")
    first.add("one", "0.5")
    first.index()
    channels = conda_channels.Channels((first.url, channel.url))
    assert str(conda_solve.solve(channels, ["one"]).packages[0]) == "one=0.5=0"
    assert str(conda_solve.solve(channels, ["one>1"]).packages[0]) == "one=2.0=0"
    named = conda_solve.solve(conda_channels.Channels((first.url,)), [f"{channel.url}::one"])
    assert str(named.packages[0]) == "one=2.0=0"


def test_the_channels_of_a_specification(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*names: str) -> tuple[str, ...]:
        return conda_channels.read(names, tmp_path).addresses

    assert read() == ("https://conda.anaconda.org/anaconda", "https://conda.anaconda.org/conda-forge")
    assert read("defaults", "nodefaults")[0] == "https://repo.anaconda.com/pkgs/main"
    assert read("./mine", "https://h.io/c/") == ((tmp_path / "mine").as_uri(), "https://h.io/c")
    monkeypatch.setenv("CONDA_CHANNEL_ALIAS", "https://mirror.io/conda/")
    assert read("pytorch", "pytorch") == ("https://mirror.io/conda/pytorch",)
    monkeypatch.setenv("CHANNEL_TOKEN", "hush")
    given = conda_channels.read(["https://h.io/t/${CHANNEL_TOKEN}/c", "https://h.io/${NOT_SET}"], tmp_path)
    assert given.addresses == ("https://h.io/t/hush/c", "https://h.io/${NOT_SET}")
    assert given.shown[0] == "https://h.io/c"


def test_what_lets_one_in_is_not_kept() -> None:
    channels = conda_channels.Channels(("https://me:p@hush@h.io/c", "https://h.io/t/hush/d"))
    assert channels.shown == ("https://h.io/c", "https://h.io/d")
    assert channels.opened("https://h.io/c/noarch/a.conda") == "https://me:p@hush@h.io/c/noarch/a.conda"
    assert channels.opened("https://h.io/d/noarch/a.conda") == "https://h.io/t/hush/d/noarch/a.conda"
    assert channels.opened("https://h.io/else/a.conda") == "https://h.io/else/a.conda"


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/chan", "http://nowhere.invalid/chan"])
def test_a_channel_that_is_not_reached_is_named(channel: Channel, address: str) -> None:
    with pytest.raises(EnvironmentBuildException, match=f"The conda channel {address} does not answer") as caught:
        conda_solve.solve(conda_channels.Channels((channel.url, address)), ["one"])
    assert caught.value.kind == failures.NO_NETWORK


def test_a_channel_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentBuildException, match=r"There is no conda channel file://.*/empty"):
        conda_solve.solve(conda_channels.Channels((f"{tmp_path.as_uri()}/empty",)), ["one"])


@pytest.fixture
def silent_address() -> Iterator[str]:
    """A server that takes what it is asked and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/chan"


def test_a_channel_that_says_nothing_is_named(
    channel: Channel, silent_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conda_solve, "_PATIENCE", 0.2)
    monkeypatch.setattr(conda_channels, "_ANSWER_SECONDS", 0.5)
    with pytest.raises(EnvironmentBuildException, match=f"{silent_address} does not answer") as caught:
        conda_solve.solve(conda_channels.Channels((channel.url, silent_address)), ["one"])
    assert caught.value.kind == failures.NO_NETWORK


@pytest.fixture
def closed_address() -> Iterator[str]:
    """A server that lets nobody in."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

        thread = threading.Thread(target=refuse, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}/chan"
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_channel_that_lets_nobody_in_is_told_without_the_password(closed_address: str) -> None:
    with pytest.raises(EnvironmentBuildException, match="lets nobody in") as caught:
        conda_solve.solve(conda_channels.Channels((f"http://me:hush-hush@{closed_address}",)), ["one"])
    assert caught.value.kind == failures.AUTHENTICATION
    assert closed_address in caught.value.message
    assert "hush" not in caught.value.message


def test_a_package_of_a_channel_with_a_password_that_is_not_there_is_told_without_it(channel: Channel) -> None:
    with channel.served(password="hush-hush") as address:
        closed = address.replace("://", "://me:hush-hush@")
        with pytest.raises(EnvironmentBuildException, match="no such conda package") as caught:
            solve(channel, f"{closed}::absent")
    assert caught.value.package == "absent"
    assert "hush" not in caught.value.message


def test_what_is_no_package_of_a_channel_with_a_password_is_told_without_it(channel: Channel) -> None:
    with pytest.raises(UserErrorException, match="is not a conda package") as caught:
        solve(channel, "http://me:hush-hush@127.0.0.1/chan::one[")
    assert "hush" not in caught.value.message


@pytest.fixture
def reporter(tmp_path: Path) -> Iterator[Reporter]:
    with Reporter(lambda _: None, [tmp_path / "log"]) as reporter:
        reporter.step("conda install")
        yield reporter


def install(lock: CondaLock, channel: Channel, prefix: Path, reporter: Reporter, **options: str) -> None:
    conda_install.install(lock, conda_channels.Channels((channel.url,)), prefix, reporter, **options)


def test_a_real_python_is_installed(channel: Channel, tmp_path: Path, reporter: Reporter) -> None:
    version = channel.add_python()
    assert version == platform.python_version()
    channel.add("pure", "1.0", {"site-packages/pure.py": "VALUE = 7\n"}, ["python"], noarch="python")
    channel.index()
    lock = solve(channel, "pure", f"python={version}")
    assert lock.python == version
    install(lock, channel, tmp_path / "made", reporter)
    code = "import pure, sys; print(pure.VALUE, sys.prefix, sys.version.split()[0])"
    python = tmp_path / "made" / "bin" / "python"
    answer = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
    assert answer.stdout.split() == ["7", str(tmp_path / "made"), version]
    log = (tmp_path / "log").read_text()
    assert "+ pure=1.0=py_0" in log


def test_a_lock_is_kept_as_text_and_installed_again(channel: Channel, tmp_path: Path, reporter: Reporter) -> None:
    kept = msgspec.json.encode(solve(channel, "two"))
    channel.add("one", "1.5", noarch="generic")
    channel.index()
    install(msgspec.json.decode(kept, type=CondaLock), channel, tmp_path / "again", reporter)
    names = sorted(path.name for path in (tmp_path / "again" / "conda-meta").glob("*.json"))
    assert names == ["one-1.0-0.json", "two-1.0-0.json"]


def test_a_package_that_has_changed_is_refused(channel: Channel, tmp_path: Path, reporter: Reporter) -> None:
    with channel.served() as address:
        for url in (channel.url, address):
            channels = conda_channels.Channels((url,))
            lock = conda_solve.solve(channels, ["one"])
            channel.add("one", "2.0", {"share/one.txt": f"another, for {url}\n"}, noarch="generic")
            with pytest.raises(EnvironmentBuildException, match=r"(?i)hash mismatch") as caught:
                conda_install.install(lock, channels, tmp_path / "made", reporter)
            assert (caught.value.kind, caught.value.package) == (failures.CHANGED, "one")
            channel.index()


def test_a_download_is_told(channel: Channel, tmp_path: Path) -> None:
    channel.add("big", "1.0", {"share/big": os.urandom(3_000_000)})
    channel.index()
    reports: list[Progress] = []
    with channel.served() as address, Reporter(reports.append, [tmp_path / "log"]) as reporter:
        channels = conda_channels.Channels((address,))
        conda_install.install(conda_solve.solve(channels, ["big"]), channels, tmp_path / "made", reporter)
    lines = [report.line or "" for report in reports]
    assert lines[0] == "Downloading big=1.0=0"
    assert re.fullmatch(r"Downloaded [\d.]+ \w+ of 3\.0 MB", lines[1])
    assert lines[-1] == "+ big=1.0=0"
    assert "Downloaded " not in (tmp_path / "log").read_text()
