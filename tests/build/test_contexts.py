from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ext.build import buildkit, contexts
from jupyter_ext.engines import docker_engine
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException, UserErrorException

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Builds

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def folder(tmp_path: Path, base_image: str) -> Path:
    """A build context, in a folder with a space and letters beyond ASCII in its name."""
    path = tmp_path / "mein Büro 图"
    (path / "docker").mkdir(parents=True)
    (path / "docker" / "Dockerfile").write_text(f"FROM {base_image}\nCOPY . /data/\n")
    (path / "in naïve.txt").write_text("in")
    (path / "out.log").write_text("out")
    (path / "keep.log").write_text("kept")
    (path / "deep").mkdir()
    (path / "deep" / "out.log").write_text("deep")
    (path / ".dockerignore").write_text("# what stays\n*.log\n!keep.log\ndeep/*\n")
    return path


def ask(define: Any, folder: Path, dockerfile: str = "docker/Dockerfile") -> dict[str, Any]:
    asked: dict[str, Any] = define(image=None, user_managed=True)
    asked["docker"]["buildContext"] = {
        "locationType": "localdirectory",
        "location": str(folder),
        "dockerfilePath": dockerfile,
    }
    return asked


@pytest.mark.docker
@pytest.mark.parametrize("builder", ["buildkit", "classic"])
def test_a_context_is_sent_without_what_is_ignored(
    builds: Builds, define: Any, client: Any, folder: Path, builder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_BUILDKIT", "1" if builder == "buildkit" else "0")
    assert buildkit.is_offered() == (builder == "buildkit")
    built = builds(ask(define, folder), container=True)
    output = client.containers.run(built.image, ["find", "/data", "-type", "f"], remove=True).decode()
    assert sorted(output.split("\n")[:-1]) == [
        "/data/.dockerignore",
        "/data/docker/Dockerfile",
        "/data/in naïve.txt",
        "/data/keep.log",
    ]
    assert any("The build context" in line and "in 4 files" in line for line in builds.lines)
    assert builds.find(ask(define, folder), container=True) is not None


@pytest.mark.docker
def test_a_changed_file_is_noticed_and_an_ignored_one_is_not(
    builds: Builds, define: Any, client: Any, folder: Path
) -> None:
    first = builds(ask(define, folder), container=True)
    (folder / "out.log").write_text("other")
    assert builds.find(ask(define, folder), container=True) is not None
    (folder / "in naïve.txt").write_text("on")
    assert builds.find(ask(define, folder), container=True) is None
    assert builds(ask(define, folder), container=True).image != first.image
    (folder / "in naïve.txt").write_text("in")
    assert builds.find(ask(define, folder), container=True) is not None  # by its content


@pytest.mark.docker
def test_a_dockerfile_may_have_rules_of_its_own(builds: Builds, define: Any, client: Any, folder: Path) -> None:
    if not buildkit.is_offered():
        pytest.skip("BuildKit alone honours them")
    (folder / "docker" / "Dockerfile.dockerignore").write_text("**\n!out.log\n")
    built = builds(ask(define, folder), container=True)
    assert client.containers.run(built.image, ["ls", "/data"], remove=True) == b"out.log\n"
    names = [
        file.name for file in contexts.read({"location": folder, "dockerfilePath": "docker/Dockerfile"}, folder).files
    ]
    assert "out.log" in names
    assert "keep.log" not in names


@pytest.mark.docker
def test_a_gigabyte_is_told_before_it_is_sent(builds: Builds, define: Any, client: Any, folder: Path) -> None:
    with (folder / "big.bin").open("wb") as file:
        file.truncate(1_000_000_000)  # a hole: it takes no room here
    (folder / "docker" / "Dockerfile").write_text(f"FROM {client.images.list()[0].id}\n")
    context = contexts.read(ask(define, folder)["docker"]["buildContext"], folder)
    assert "1.0 GB in 5 files; the largest: big.bin (1.0 GB)" in context.said()
    with (folder / ".dockerignore").open("a") as file:
        file.write("*.bin\n")
    assert "in 4 files" in contexts.read(ask(define, folder)["docker"]["buildContext"], folder).said()


@pytest.mark.docker
def test_a_large_context_is_a_note_first(builds: Builds, define: Any, folder: Path, client: Any) -> None:
    with (folder / "big.bin").open("wb") as file:
        file.truncate(120_000_000)
    (folder / "docker" / "Dockerfile").write_text("FROM aml-test/python:3.11\nCOPY keep.log /\n")
    builds(ask(define, folder), container=True)
    assert builds.reports[0].note
    assert "120.0 MB" in str(builds.reports[0].line)


def test_an_unchanged_context_is_not_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = contexts.read({"location": folder, "dockerfilePath": "docker/Dockerfile"}, folder)
    old = time.time() - 60
    for path in folder.rglob("*"):
        os.utime(path, (old, old))
    until = time.monotonic() + 5
    while time.time_ns() - max(path.stat().st_ctime_ns for path in folder.rglob("*")) < 100_000_000:
        assert time.monotonic() < until
    first = contexts.fingerprint(contexts.read({"location": folder, "dockerfilePath": "docker/Dockerfile"}, folder))
    monkeypatch.setattr(contexts, "_digest", lambda *_: pytest.fail("a file was read"))
    assert contexts.fingerprint(context) == first


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"location": "https://host/a.git"}, "no folder of this machine"),
        ({"location": "nowhere"}, "is not there"),
        ({"location": ".", "dockerfilePath": "Dockerfile.gpu"}, r"has no Dockerfile\.gpu"),
        ({"location": ".", "dockerfilePath": "../Dockerfile"}, "lies outside"),
    ],
)
def test_a_context_that_is_none_is_told(tmp_path: Path, section: dict[str, str], words: str) -> None:
    with pytest.raises(UserErrorException, match=words):
        contexts.read(section, tmp_path)


@pytest.mark.parametrize(
    ("copy", "words"),
    [
        ("COPY ../secret /", "Line 2 .* lies outside of the build context"),
        ("ADD nowhere.txt /", "Line 2 .* is not in the build context"),
    ],
)
def test_copying_what_is_not_there_is_told_before_anything_is_created(
    builds: Builds, define: Any, folder: Path, copy: str, words: str
) -> None:
    (folder / "docker" / "Dockerfile").write_text(f"FROM a\n{copy}\n")
    with pytest.raises(UserErrorException, match=words):
        builds(ask(define, folder), container=True)
    assert not builds.root.exists()


@pytest.mark.docker
@pytest.mark.parametrize("builder", ["buildkit", "classic"])
def test_copying_what_is_ignored_is_told_with_its_line(
    builds: Builds, define: Any, folder: Path, client: Any, builder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_BUILDKIT", "1" if builder == "buildkit" else "0")
    (folder / "docker" / "Dockerfile").write_text("FROM aml-test/python:3.11\n\nCOPY out.log /\n")
    with pytest.raises(EnvironmentBuildException, match=r"line 3 .*\n.*\n?COPY and ADD see") as caught:
        builds(ask(define, folder), container=True)
    assert caught.value.kind == "file not found"
    assert docker_engine.engine_answers()
