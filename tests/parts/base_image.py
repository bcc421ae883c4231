"""A base image with Python, made on this machine, so that tests need no public registry."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from parts import MissingPart, alone, folder, last_lines, need_root, program

NAME = "aml-test/python:3.11"
NAMES_IN_DOCUMENTS = (
    "mcr.microsoft.com/azureml/base:intelmpi2018.3-ubuntu16.04",
    "fastdotai/fastai2:latest",
)
_RELEASE = "bookworm"
_MIRROR = "http://deb.debian.org/debian"
_PACKAGES = "python3,python3-venv,python3-pip,ca-certificates"
_RECIPE = 1  # a change here makes the kept file system stale
_BUNDLE = "etc/ssl/certs/ca-certificates.crt"
_PIP_KEYS = (
    "index-url",
    "extra-index-url",
    "trusted-host",
    "proxy",
    "find-links",
    "default-timeout",
    "retries",
)


def make(docker_host: str) -> str:
    """Make the base image unless the engine has it; return its name."""
    with alone("base-image"):
        if not has(docker_host, NAME):
            _import(docker_host, _file_system())
        for name in NAMES_IN_DOCUMENTS:
            if not has(docker_host, name):
                docker(docker_host, "tag", NAME, name)
    return NAME


def hand_over(name: str, docker_host: str, to: str) -> None:
    """Give another engine an image."""
    save = subprocess.Popen([_client(), "save", name], env=_environment(docker_host), stdout=subprocess.PIPE)
    with save:
        load = [_client(), "load"]
        answer = subprocess.run(load, env=_environment(to), stdin=save.stdout, capture_output=True, check=False)
    if save.returncode or answer.returncode:
        raise MissingPart(f"the image {name} cannot be handed over: {answer.stderr.decode(errors='replace')}")


def _file_system() -> Path:
    """Return the kept archive of the image's file system, made by debootstrap the first time."""
    kept = folder() / f"python-{_RELEASE}-{_RECIPE}.tar"
    if kept.exists():
        return kept
    need_root("making a base image")
    debootstrap = program("debootstrap", "debootstrap")
    log = folder() / "debootstrap.log"
    with tempfile.TemporaryDirectory(dir=folder()) as name:
        root = Path(name) / "root"
        command = [debootstrap, "--variant=minbase", f"--include={_PACKAGES}", _RELEASE, str(root), _mirror()]
        with log.open("wb") as output:
            if subprocess.run(command, stdout=output, stderr=output, check=False).returncode:
                raise MissingPart(f"debootstrap failed:\n{last_lines(log)}")
        _finish(root)
        made = Path(name) / "made.tar"
        subprocess.run(["tar", "-C", str(root), "-cf", str(made), "."], check=True)
        made.rename(kept)
    return kept


def _finish(root: Path) -> None:
    """Make the tree behave as the official Python images do."""
    for mark in root.glob("usr/lib/python3*/EXTERNALLY-MANAGED"):
        mark.unlink()
    (root / "usr/local/bin/python").symlink_to("/usr/bin/python3")
    for cache in (root / "var/cache/apt/archives", root / "var/lib/apt/lists"):
        shutil.rmtree(cache, ignore_errors=True)
        (cache / "partial").mkdir(parents=True)


def _import(docker_host: str, archive: Path) -> None:
    """Import the archive, and put the machine's certificates and pip settings of today on top."""
    plain = f"{NAME}-plain"
    docker(docker_host, "import", "--change", 'CMD ["python3"]', str(archive), plain)
    with tempfile.TemporaryDirectory() as name:
        context = Path(name)
        (context / "pip.conf").write_text(_pip_settings())
        shutil.copy(_bundle(), context / "bundle.crt")
        (context / "Dockerfile").write_text(
            f"FROM {plain}\nCOPY bundle.crt /{_BUNDLE}\nCOPY pip.conf /etc/pip.conf\n"
            f"ENV SSL_CERT_FILE=/{_BUNDLE} LANG=C.UTF-8\n"
        )
        docker(docker_host, "build", "-q", "-t", NAME, str(context))


def _bundle() -> Path:
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        path = Path(os.environ.get(name) or "/nowhere")
        if path.is_file():
            return path
    bundle = Path("/") / _BUNDLE
    if bundle.is_file():
        return bundle
    raise MissingPart("this machine has no certificate bundle (Debian package ca-certificates)")


def _pip_settings() -> str:
    """Return a pip.conf with this machine's settings, without the folders that an image does not have."""
    answer = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    settings = {"cert": f"/{_BUNDLE}", "disable-pip-version-check": "true"}
    for line in answer.stdout.splitlines():
        name, _, quoted = line.partition("=")
        key = name.rsplit(".", 1)[-1]
        if key in _PIP_KEYS:
            words = [word for word in str(ast.literal_eval(quoted)).split() if not _is_local(word)]
            settings.update({key: " ".join(words)} if words else {})
    return "[global]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items())


def _is_local(word: str) -> bool:
    return word.startswith(("file:", "/", ".", "~"))


def _mirror() -> str:
    """Return the mirror that this machine's apt uses for the release, if any."""
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)"]
    try:
        lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    except FileNotFoundError:
        return _MIRROR
    return next((line.split()[0] for line in lines if line.split()[1:] == [_RELEASE, "main"]), _MIRROR)


def has(docker_host: str, name: str) -> bool:
    """Tell whether an engine has an image."""
    command = [_client(), "image", "inspect", name]
    answer = subprocess.run(command, env=_environment(docker_host), capture_output=True, check=False)
    return answer.returncode == 0


def docker(docker_host: str, *arguments: str) -> None:
    """Have the engine's own client do something."""
    answer = subprocess.run(
        [_client(), *arguments], env=_environment(docker_host), capture_output=True, text=True, check=False
    )
    if answer.returncode:
        raise MissingPart(f"docker {arguments[0]} failed: {answer.stderr.strip()}")


def _client() -> str:
    debian = Path("/usr/bin/docker")  # another on the PATH may lack the engine's own build command
    return str(debian) if debian.exists() else program("docker", "docker.io")


def _environment(docker_host: str) -> dict[str, str]:
    return {**os.environ, "DOCKER_HOST": docker_host, "DOCKER_BUILDKIT": "0"}
