"""What is looked at in an image before a run, and what is told of what it lacks."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ext.build import image_failures, image_python
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException

if TYPE_CHECKING:
    from conftest import Builds

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("client")]


def test_an_old_ubuntu_and_an_old_conda_are_told(builds: Builds, define: Any, base_image: str) -> None:
    text = (
        f"FROM {base_image}\nRUN printf 'ID=ubuntu\\nVERSION_ID=\"14.04\"\\n' > /etc/os-release && "
        "printf '#!/bin/sh\\necho conda 4.3.1\\n' > /usr/bin/conda && chmod +x /usr/bin/conda\n"
    )
    built = builds(define(dockerfile=text, user_managed=True), container=True)
    assert built.notes == ["The image has Ubuntu 14.04: SDK v1 asked for 16.04 or newer."]
    conda = image_python.Found(facts={"conda": "conda 4.3.1"})
    assert conda.warnings(conda=True) == [
        "The image has conda 4.3.1: SDK v1 asked for 4.5 or newer. It is not used here."
    ]
    assert conda.warnings(conda=False) == []


def test_a_python_that_is_too_old_is_told_with_its_version(builds: Builds, define: Any, base_image: str) -> None:
    # Python 3.5 is not to be had here: this program says what it says
    code = "import sys; sys.version_info = (3, 5, 2); exec(sys.argv[2])"
    text = (
        f"FROM {base_image}\nRUN rm /usr/local/bin/python && cp /usr/bin/python3.11 /opt/real && "
        f'printf \'#!/bin/sh\\nexec /opt/real -c "{code}" "$@"\\n\' > /usr/bin/old && chmod +x /usr/bin/old && '
        "rm /usr/bin/python3* && mv /usr/bin/old /usr/bin/python3\n"
    )
    with pytest.raises(EnvironmentBuildException, match=r"no Python 3.6 or newer; it has 3\.5") as caught:
        builds(define(dockerfile=text, user_managed=True), container=True)
    assert caught.value.kind == image_failures.NO_PYTHON


def test_a_python_that_lacks_modules_is_told(builds: Builds, define: Any, base_image: str) -> None:
    text = f"FROM {base_image}\nRUN rm -r /usr/lib/python3.11/json\n"
    with pytest.raises(EnvironmentBuildException, match=r"no Python|lacks"):
        builds(define(dockerfile=text, user_managed=True), container=True)
    found = image_python.Found("/usr/bin/python3", "3.11.2", missing=["fcntl"])
    assert "lacks fcntl, which a run needs" in image_python.remedy("x", found)


def test_a_python_that_does_not_start_is_told_with_what_it_says(builds: Builds, define: Any, base_image: str) -> None:
    text = f"FROM {base_image}\nRUN rm $(ldd /usr/bin/python3.11 | grep -o '/[^ ]*libexpat[^ ]*')\n"
    with pytest.raises(EnvironmentBuildException, match=r"does not start.*libexpat\.so\.1") as caught:
        builds(define(dockerfile=text, user_managed=True), container=True)
    assert caught.value.kind == image_failures.NO_PYTHON


def test_an_image_for_another_processor_is_told(builds: Builds, define: Any, client: Any) -> None:
    layer = _tar({"etc/os": b"empty"})
    digest = hashlib.sha256(layer).hexdigest()
    config = {"architecture": "arm64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]}}
    manifest = [{"Config": "config.json", "RepoTags": ["aml-test/arm64:1"], "Layers": ["layer.tar"]}]
    files = {"config.json": json.dumps(config).encode(), "layer.tar": layer}
    client.images.load(_tar({**files, "manifest.json": json.dumps(manifest).encode()}))
    try:
        with pytest.raises(EnvironmentBuildException, match=r"is for arm64, and this engine runs amd64") as caught:
            builds(define(image="aml-test/arm64:1", user_managed=True), container=True)
        assert caught.value.kind == image_failures.PLATFORM
    finally:
        client.images.remove("aml-test/arm64:1")


def test_both_builders_tell_the_same_of_an_image(base_image: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    for builder in ("1", "0"):
        monkeypatch.setenv("DOCKER_BUILDKIT", builder)
        said.append(image_python.look(base_image, ["no-such-python", "python3"], conda=True))
    assert said[0] == said[1]
    assert said[0].packages
    assert said[0].facts["os"] == "debian"


def test_what_an_image_asks_of_those_that_build_on_it_is_not_done_to_look_into_it(
    builds: Builds, define: Any, base_image: str
) -> None:
    text = (
        f"FROM {base_image}\nRUN mkdir /other && ln -s $(command -v python3) /other/python3\nONBUILD ENV PATH=/other\n"
    )
    assert builds(define(dockerfile=text, user_managed=True), container=True).python.startswith("/usr/")


def _tar(files: dict[str, bytes]) -> bytes:
    result = io.BytesIO()
    with tarfile.open(fileobj=result, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return result.getvalue()


@pytest.mark.parametrize("name", ["ünïcode 图 name", "a b/c:d@e", "x" * 200, "-", "A--B__"])
def test_any_name_becomes_one_that_an_image_may_have(
    builds: Builds, define: Any, base_image: str, client: Any, name: str
) -> None:
    built = builds(define(dockerfile=f"FROM {base_image}\n", user_managed=True, name=name), container=True)
    assert client.images.get(built.tag).id == built.image
    client.images.remove(built.tag, force=True)


@pytest.mark.parametrize("builder", ["buildkit", "classic"])
@pytest.mark.parametrize(
    ("pip", "kind", "words"),
    [
        (["aml-test-no-such-package-4711"], "package not found", "aml-test-no-such-package-4711"),
        (["six==1.15", "six==1.16"], "unsatisfiable", "six"),
        (["--index-url=https://no-such-host.invalid/simple", "six"], "no network", "the address can be reached"),
    ],
)
def test_why_packages_cannot_be_had_is_told(
    builds: Builds,
    define: Any,
    base_image: str,
    builder: str,
    pip: list[str],
    kind: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_BUILDKIT", "1" if builder == "buildkit" else "0")
    with pytest.raises(EnvironmentBuildException, match=words) as caught:
        builds(define(pip, image=base_image), container=True)
    assert caught.value.kind == kind
    assert caught.value.line is None  # our own Dockerfile's lines mean nothing to the user


def test_a_program_that_is_not_there_is_told(builds: Builds, define: Any, base_image: str) -> None:
    with pytest.raises(EnvironmentBuildException, match="install it in a step before") as caught:
        builds(define(dockerfile=f"FROM {base_image}\nRUN no-such-program --now\n"), container=True)
    assert (caught.value.kind, caught.value.line) == (image_failures.NO_PROGRAM, 2)


@pytest.mark.parametrize("builder", ["1", "0"])
def test_a_failure_is_told_without_the_password_of_an_address(
    builder: str, builds: Builds, define: Any, base_image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_BUILDKIT", builder)
    address = "https://me:hush-hush@127.0.0.1/simple"
    text = f"FROM {base_image}\nRUN printf '\\033[31mat {address}\\033[0m\\n'; no-such-program --index-url {address}\n"
    with pytest.raises(EnvironmentBuildException, match="line 2 of the Dockerfile: RUN printf") as caught:
        builds(define(dockerfile=text), container=True)
    error = caught.value
    assert "at https://****@127.0.0.1/simple" in error.last_lines
    for told in (error.message, str(error.step), *error.last_lines):
        assert "hush" not in told
        assert "\033" not in told
