from __future__ import annotations

import contextlib
import functools
import ipaddress
import signal
import socket
import threading
import time
import uuid
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import psutil
import pytest

from jupyter_ext.build import buildkit, definition, image_failures, inventory, keys
from jupyter_ext.engines import docker_engine
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import (
    EngineNotAnswering,
    EnvironmentBuildException,
    UserErrorException,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Builds

pytestmark = pytest.mark.docker
BUILDERS = ("buildkit", "classic")
DOCUMENTED = "mcr.microsoft.com/azureml/base:intelmpi2018.3-ubuntu16.04"


@pytest.fixture(params=BUILDERS)
def builder(request: pytest.FixtureRequest, engine: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Which of the engine's two builders works."""
    monkeypatch.setenv("DOCKER_BUILDKIT", "1" if request.param == "buildkit" else "0")
    assert buildkit.is_offered() == (request.param == "buildkit")
    return str(request.param)


@pytest.mark.usefixtures("client", "builder")
def test_the_documented_dockerfile(builds: Builds, define: Any) -> None:
    mark = uuid.uuid4().hex  # so that the engine has no cached step
    text = f'\nFROM {DOCUMENTED}\nRUN echo "Hello from custom container!" # {mark}\n'
    built = builds(define(["azureml-defaults"], dockerfile=text), container=True)
    assert (built.kind, built.python, built.cached) == ("image", "/usr/local/bin/python", False)
    assert built.version.startswith("3.11.")
    assert str(built.tag).startswith("jupyter-aml/test-")
    assert f":{built.key[:12]}-" in str(built.tag)
    assert docker_engine.image_id(str(built.tag)) == built.image
    assert built.bases == {DOCUMENTED: docker_engine.image_id(DOCUMENTED)}
    assert built.size_bytes > 1_000_000
    assert any(line.startswith("pip==") for line in built.lock)
    assert "Hello from custom container!" in builds.lines
    assert builds.steps[0] == f"FROM {DOCUMENTED}"
    assert builds.steps[-1] == "Check Python"
    assert {report.steps for report in builds.reports if report.step} == {3}


@pytest.mark.usefixtures("client")
def test_the_second_time_it_is_found(builds: Builds, define: Any, base_image: str) -> None:
    asked = define(dockerfile=f"FROM {base_image}\nENV A=1\n", user_managed=True)
    first = builds(asked, container=True)
    second = builds(asked, container=True)
    assert second == msgspec.structs.replace(first, cached=True, seconds=0.0)
    assert builds.reports == []


def test_an_image_that_is_gone_is_built_again(builds: Builds, define: Any, base_image: str, client: Any) -> None:
    asked = define(dockerfile=f"FROM {base_image}\nENV A=2\n", user_managed=True)
    first = builds(asked, container=True)
    client.images.remove(first.image, force=True)
    assert builds.find(asked, container=True) is None
    assert not builds(asked, container=True).cached


def test_a_changed_base_is_noticed(builds: Builds, define: Any, base_image: str, client: Any) -> None:
    moving = f"aml-test/{uuid.uuid4().hex}"
    client.images.get(base_image).tag(moving, "1")
    asked = define(dockerfile=f"FROM {moving}:1\nENV A=3\n", user_managed=True)
    first = builds(asked, container=True)
    other = builds(define(dockerfile=f"FROM {base_image}\nENV OTHER=1\n", user_managed=True), container=True)
    client.images.get(other.image).tag(moving, "1")
    assert builds.find(asked, container=True) is None
    again = builds(asked, container=True)
    assert again.image != first.image
    assert again.replaced == [first.image]
    assert inventory.remove_superseded(builds.root, again.key, {str(first.image)}) == 0  # a run waits with it
    assert inventory.remove_superseded(builds.root, again.key, set(), dry=True) == 0
    assert docker_engine.image_exists(str(first.image))
    inventory.remove_superseded(builds.root, again.key, set())
    assert not docker_engine.image_exists(str(first.image))
    assert builds.find(asked, container=True).replaced == []
    client.images.remove(f"{moving}:1", force=True)


def test_a_base_image_is_taken_as_it_is(builds: Builds, define: Any, base_image: str) -> None:
    built = builds(define(image=base_image, user_managed=True), container=True)
    assert (built.image, built.tag) == (docker_engine.image_id(base_image), base_image)
    assert builds.steps == ["Check Python"]


@pytest.mark.usefixtures("builder")
class Index(ThreadingHTTPServer):
    """A package index whose answers may be kept; it notes what it has given."""

    def __init__(self, folder: Path) -> None:
        self.given: list[str] = []
        super().__init__(("", 0), functools.partial(_Answering, directory=str(folder)))


class _Answering(SimpleHTTPRequestHandler):
    server: Index

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "max-age=3600")
        super().end_headers()

    def log_request(self, *_: object) -> None:
        self.server.given.append(self.path)


@pytest.fixture
def index(wheels: Path, tmp_path: Path) -> Iterator[Index]:
    folder = tmp_path / "index"
    for wheel in wheels.glob("*.whl"):
        (folder / wheel.name.partition("-")[0].replace("_", "-")).mkdir(parents=True, exist_ok=True)
        wheel.rename(folder / wheel.name.partition("-")[0].replace("_", "-") / wheel.name)
    with Index(folder) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_packages_go_on_top(builds: Builds, define: Any, base_image: str, client: Any) -> None:
    text = f"FROM {base_image}\nRUN useradd me\nUSER me\n"
    built = builds(define(["six", "azureml-defaults"], dockerfile=text, python="3.8"), container=True)
    assert built.python == "/opt/aml/venv/bin/python"
    assert any(line.startswith("six==") for line in built.lock)
    assert built.notes[0].startswith("Left out")
    assert built.notes[1].startswith("Python 3.8 cannot be had in this image")
    output = client.containers.run(
        built.image, ["python", "-c", "import six, getpass; print(getpass.getuser())"], remove=True
    )
    assert output == b"me\n"


def test_a_changed_requirement_redoes_neither_the_base_nor_the_downloads(
    builds: Builds, define: Any, base_image: str, client: Any, index: Index
) -> None:
    gateway = ipaddress.ip_network(client.networks.get("bridge").attrs["IPAM"]["Config"][0]["Subnet"])[1]
    lines = [f"--index-url=http://{gateway}:{index.server_port}", f"--trusted-host={gateway}", "aml-one==1.0"]
    text = f"FROM {base_image}\nRUN echo {uuid.uuid4().hex} > /base\n"
    builds(define(lines, dockerfile=text), container=True)
    assert "(cached)" not in said_in("RUN echo", builds)
    builds(define([*lines, "aml-two"], dockerfile=text), container=True)
    assert "(cached)" in said_in("RUN echo", builds)
    assert sorted(name for name in index.given if name.endswith(".whl")) == [
        "/aml-one/aml_one-1.0-py3-none-any.whl",
        "/aml-two/aml_two-1.0-py3-none-any.whl",
    ]


def said_in(step: str, builds: Builds) -> list[str]:
    """Return the lines of the step whose text begins so."""
    return [report.line for report in builds.reports if report.text.startswith(step) and report.line is not None]


@pytest.mark.usefixtures("builder")
def test_a_failing_step_is_shown_with_its_line(builds: Builds, define: Any, base_image: str) -> None:
    text = f"# mine\nFROM {base_image}\n\nRUN for i in 1 2 3 4 5 6 7 8 9 10 11 12; do \\\n echo line-$i; done; exit 7\n"
    with pytest.raises(EnvironmentBuildException) as caught:
        builds(define(dockerfile=text), container=True)
    error = caught.value
    assert (error.line, str(error.step).partition(" ")[0]) == (4, "RUN")
    assert "at line 4 of the Dockerfile: " in error.message
    assert "code: 7" in error.message
    assert "line-12" in error.message
    assert "line-3\n" in error.message
    assert "line-2\n" not in error.message
    assert "line-1\n" in Path(str(error.log)).read_text()
    assert error.last_lines == [f"line-{number}" for number in range(3, 13)]


@pytest.mark.usefixtures("builder")
def test_a_syntax_error_is_shown_with_its_line(builds: Builds, define: Any, base_image: str) -> None:
    with pytest.raises(EnvironmentBuildException, match="ONBUILD") as caught:
        builds(define(dockerfile=f"FROM {base_image}\n\nONBUILD FROM b\n"), container=True)
    assert (caught.value.line, caught.value.kind) == (3, image_failures.SYNTAX)


def test_an_unknown_instruction_creates_nothing(builds: Builds, define: Any, base_image: str) -> None:
    with pytest.raises(UserErrorException, match=r"Line 2 .* unknown instruction 'RUM'\. Did you mean 'RUN'\?"):
        builds(define(dockerfile=f"FROM {base_image}\nRUM true\n"), container=True)
    assert not builds.root.exists()


@pytest.mark.usefixtures("builder")
def test_an_image_without_python_is_told_and_not_kept(
    builds: Builds, define: Any, base_image: str, client: Any
) -> None:
    text = f"FROM {base_image}\nRUN rm -f /usr/bin/python3* /usr/local/bin/python\n"
    with pytest.raises(EnvironmentBuildException, match=r"has no Python 3.6 or newer.*apt-get install"):
        builds(define(dockerfile=text), container=True)
    nothing, name = "FROM scratch\nENV A=1\n", f"bare-{uuid.uuid4().hex[:8]}"
    with pytest.raises(EnvironmentBuildException, match=rf"The image of {name} has no Python"):
        builds(define(dockerfile=nothing, name=name), container=True)
    assert client.images.list(f"jupyter-aml/{name}") == []


@pytest.mark.usefixtures("client")
def test_an_image_with_python3_alone_is_fine(builds: Builds, define: Any, base_image: str) -> None:
    text = f"FROM {base_image}\nRUN rm /usr/local/bin/python\n"
    assert builds(define(dockerfile=text), container=True).python == "/usr/bin/python3"


@pytest.mark.usefixtures("engine")
def test_an_image_that_cannot_be_pulled_is_told(builds: Builds, define: Any) -> None:
    with pytest.raises(EnvironmentBuildException, match=r"127.0.0.1:9/none:1 cannot be pulled.*can be reached"):
        builds(define(image="127.0.0.1:9/none:1"), container=True)


@pytest.mark.usefixtures("engine")
def test_the_default_image_that_cannot_be_had_is_a_virtual_environment(builds: Builds, define: Any) -> None:
    asked = define(user_managed=True)
    built = builds(asked, container=True)
    assert built.kind == "interpreter"
    assert "cannot be had, and nobody asked for it by name: a virtual environment is used." in built.notes[0]
    assert builds.find(asked, container=True) is None  # it is tried again


@pytest.mark.usefixtures("engine")
def test_bad_input_creates_nothing(builds: Builds, define: Any) -> None:
    with pytest.raises(UserErrorException, match="was not found"):
        builds(define(dockerfile="./Dockerfile"), container=True)
    assert not builds.root.exists()


@pytest.mark.usefixtures("no_engine")
def test_no_engine_is_told_before_anything_is_created(builds: Builds, define: Any) -> None:
    with pytest.raises(EngineNotAnswering, match="DOCKER_HOST"):
        builds(define(image="python:3.11"), container=True)
    assert not builds.root.exists()


@pytest.mark.usefixtures("builder")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_build_ends_in_the_engine_too(
    builds: Builds, define: Any, base_image: str, client: Any, stop: signal.Signals
) -> None:
    mark = uuid.uuid4().hex
    asked = define(dockerfile=f"FROM {base_image}\nRUN echo {mark}; sleep 120\n", user_managed=True)
    process = builds.start(asked, container=True)
    builds.wait_for(process, f'"line":"{mark}"')
    process.send_signal(stop)
    process.stdout.read()
    process.stdout.close()
    assert process.wait(30) == (-9 if stop == signal.SIGKILL else 130)
    wait_until(lambda: not [each for each in psutil.process_iter(["cmdline"]) if mark in str(each.info["cmdline"])])
    wait_until(lambda: mark not in str(client.api.containers(all=True)))
    assert builds.find(asked, container=True) is None
    assert not list(builds.root.glob("*/ready.json"))
    quick = define(dockerfile=f"FROM {base_image}\nRUN echo {mark}\n", user_managed=True)
    for folder in builds.root.iterdir():  # what is left behind there is taken up by the next build
        folder.rename(builds.root / keys.key_of(definition.read(quick, container=True, folder=builds.root)))
    builds(quick, container=True)
    assert not list(builds.root.glob("*/building"))


@pytest.mark.usefixtures("builder")
def test_an_engine_that_goes_away_is_told(
    builds: Builds, define: Any, base_image: str, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay = Relay(tmp_path / "relay.sock", engine.removeprefix("unix://"))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{relay.path}")
    mark = uuid.uuid4().hex
    asked = define(dockerfile=f"FROM {base_image}\nRUN echo {mark}; sleep 120\n")
    process = builds.start(asked, container=True)
    builds.wait_for(process, f'"line":"{mark}"')
    relay.cut()
    output = process.communicate(timeout=30)[0]
    assert process.returncode == 1
    assert "No container engine answers" in output
    assert not list(builds.root.glob("*/ready.json"))


class Relay:
    """Stands between a client and the engine, and can go away as a stopped engine does."""

    def __init__(self, path: Path, engine: str) -> None:
        self.path = path
        self._engine = engine
        self._open: list[socket.socket] = []
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def cut(self) -> None:
        self.path.unlink()
        for each in (self._listening, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        for each in (self._listening, *self._open):
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                near = self._listening.accept()[0]
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(self._engine)
            self._open += [near, far]
            for pair in ((near, far), (far, near)):
                self._threads.append(threading.Thread(target=self._copy, args=pair))
                self._threads[-1].start()

    @staticmethod
    def _copy(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return


def wait_until(condition: Any, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
