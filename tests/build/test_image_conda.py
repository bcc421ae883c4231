from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pip
import pytest
from parts.conda_channel import Channel

from jupyter_ext.build import failures, image_conda, inventory
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Builds

pytestmark = pytest.mark.docker


@pytest.fixture
def channel(tmp_path: Path) -> Channel:
    """A channel with a Python, pip, and packages that need them; made for Linux."""
    channel = Channel(tmp_path / "channel")
    version = channel.add_python("/usr/bin/python3")
    minor = version.rpartition(".")[0]
    folder = Path(pip.__file__).parent
    files = {
        f"site-packages/pip/{path.relative_to(folder)}": path for path in folder.rglob("*") if path.suffix != ".pyc"
    }
    channel.add("pip", pip.__version__, {k: v for k, v in files.items() if v.is_file()}, ["python"], noarch="python")
    channel.add("tool", "1.0", {"bin/tool": f"#!/bin/sh\necho tool of {minor}\n"})
    channel.add(
        "linked",
        "1.0",
        {"bin/.linked-post-link.sh": 'echo "$PKG_NAME in $PREFIX" > "$PREFIX/linked.txt"\n', "share/x": "x"},
    )
    channel.add("vars", "1.0", {"etc/conda/activate.d/v.sh": 'export HOW="$CONDA_PREFIX a \\"b\\" \\$c"\n'})
    channel.add("module", "2.0", {"site-packages/module.py": "VERSION = '2.0'\n"}, ["python"], noarch="python")
    channel.index()
    return channel


@pytest.fixture
def tidy(client: Any) -> Iterator[None]:
    before = {tag for image in client.images.list(image_conda.LAYERS) for tag in image.tags}
    yield
    for image in client.images.list(image_conda.LAYERS):
        for tag in set(image.tags) - before:
            client.images.remove(tag, force=True)


def ask(define: Any, channel: Channel, conda: list[str], pips: list[str] | None = None, **more: Any) -> dict[str, Any]:
    asked: dict[str, Any] = define(pips or [], conda=conda, **more)
    asked["python"]["condaDependencies"]["channels"] = [channel.url]
    return asked


@pytest.mark.usefixtures("tidy")
@pytest.mark.parametrize("builder", ["buildkit", "classic"])
def test_conda_and_pip_packages_go_into_an_image_without_conda(
    builds: Builds,
    define: Any,
    base_image: str,
    client: Any,
    channel: Channel,
    builder: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_BUILDKIT", "1" if builder == "buildkit" else "0")
    text = f"FROM {base_image}\nRUN useradd me && rm -f /usr/bin/python3* /usr/local/bin/python\nUSER me\n"
    asked = ask(define, channel, ["tool=1.0", "linked", "module"], ["six", "azureml-defaults"], dockerfile=text)
    built = builds(asked, container=True)
    assert built.python == "/opt/aml/conda/bin/python"
    assert [line.split("=")[0] for line in built.conda] == ["linked", "module", "pip", "python", "tool"]
    assert [name for name in ("module==2.0", "tool==1.0") if name not in built.lock] == []
    assert len([line for line in built.lock if line.startswith(("six==", "pip==", "python=="))]) == 3
    assert built.notes[0].startswith("Left out")
    code = "import module, six, getpass, os; print(module.VERSION, getpass.getuser(), os.environ['CONDA_PREFIX'])"
    output = client.containers.run(
        built.image, ["sh", "-c", f'tool; cat {image_conda.PREFIX}/linked.txt; python -c "{code}"'], remove=True
    )
    version = built.version.rpartition(".")[0]
    assert output.decode().splitlines() == [
        f"tool of {version}",
        f"linked in {image_conda.PREFIX}",
        f"2.0 me {image_conda.PREFIX}",
    ]
    again = ask(define, channel, ["tool=1.0", "linked", "module"], ["six", "toml"], dockerfile=text)
    assert builds(again, container=True).conda == built.conda
    at = builds.steps.index("Install 5 conda packages")
    assert builds.steps[at + 1].startswith("FROM jupyter-aml/conda-layer:")  # of the layer itself, nothing is redone


@pytest.mark.usefixtures("tidy")
def test_conda_packages_alone_on_a_base_image(
    builds: Builds, define: Any, base_image: str, client: Any, channel: Channel
) -> None:
    asked = ask(define, channel, ["tool", "vars"], image=base_image, variables={"MODE": "x"})
    built = builds(asked, container=True)
    assert built.variables == {"MODE": "x"}
    how = client.containers.run(built.image, ["sh", "-c", 'echo "$HOW"'], remove=True)
    assert how.decode() == f'{image_conda.PREFIX} a "b" $c\n'
    assert str(built.tag).startswith("jupyter-aml/test-")
    assert client.containers.run(built.image, ["tool"], remove=True).startswith(b"tool of")
    assert builds.find(asked, container=True) is not None
    (layer,) = [tag for tag in client.images.get(built.image).tags if tag.startswith(image_conda.LAYERS)]
    assert inventory.remove(builds.root, built.key, lambda: False) is not None
    assert layer not in str(client.images.list())


@pytest.mark.usefixtures("tidy")
def test_a_python_that_the_image_has_not_comes_from_a_channel(
    builds: Builds, define: Any, base_image: str, client: Any, channel: Channel
) -> None:
    text = f"FROM {base_image}\nRUN rm -f /usr/bin/python3* /usr/local/bin/python\n"
    asked = ask(define, channel, [], ["six"], dockerfile=text, python="3")
    asked["python"]["condaDependencies"]["dependencies"].insert(1, "pip")
    built = builds(asked, container=True)
    assert built.python == "/opt/aml/conda/bin/python"


@pytest.mark.usefixtures("client")
def test_what_cannot_be_had_is_told_with_the_solver_s_reason(
    builds: Builds, define: Any, base_image: str, channel: Channel
) -> None:
    with pytest.raises(EnvironmentBuildException, match=r"nowhere") as caught:
        builds(ask(define, channel, ["tool", "nowhere"], image=base_image), container=True)
    assert (caught.value.kind, caught.value.package) == (failures.NOT_FOUND, "nowhere")
    assert caught.value.step == "Solve conda packages"
