"""Looks into an image: its Python, what is installed for it, and whether a run can use it."""

from __future__ import annotations

import contextlib
import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

_OLDEST = (3, 6)
_OLDEST_UBUNTU = (16, 4)  # the oldest that SDK v1 allowed
_OLDEST_CONDA = (4, 5)  # the same
_LABEL = "jupyter-aml.look"
_LEFT_BEHIND_SECONDS = 3600
_SHELL = (
    'cat /etc/os-release 2>/dev/null | sed -n "s/^ID=/os=/p;s/^VERSION_ID=/os_version=/p"; '
    'echo "libc=$(ldd --version 2>/dev/null | head -n 1)"; '
    'command -v conda >/dev/null 2>&1 && echo "conda=$(conda --version 2>&1)"; '
    'for p in "$@"; do command -v "$p" >/dev/null 2>&1 && "$p" -c "$CODE" && exit 0; done; exit 3'
)
# what the launcher and a run's own modules import, beyond what every Python has built in
_MODULES = ("fcntl", "json", "select", "errno", "math", "posixpath", "atexit", "io", "time")
_CODE = f"""
import sys, json
if sys.version_info < {_OLDEST}: print('old=%d.%d' % sys.version_info[:2]); sys.exit(3)
missing = []
for name in {_MODULES}:
    try:
        __import__(name)
    except ImportError:
        missing.append(name)
try:
    from importlib import metadata
    have = [(d.metadata['Name'], d.version) for d in metadata.distributions()]
except ImportError:
    try:
        import pkg_resources
        have = [(d.project_name, d.version) for d in pkg_resources.working_set]
    except ImportError:
        have = []
lock = sorted(set('%s==%s' % pair for pair in have if pair[0]), key=str.lower)
print(json.dumps([sys.executable, '%d.%d.%d' % sys.version_info[:3], lock, missing]))
"""


@dataclass(frozen=True)
class Found:
    """What an image has.

    Parameters
    ----------
    path, version, packages
        The Python that a run would use: empty where there is none that it can.
    missing
        Modules of the standard library that a run needs and this Python lacks.
    facts
        Of the system: ``os``, ``os_version``, ``libc``, ``conda``, and ``old``, the version of a Python that is too
        old.
    error
        What the engine said where nothing could be started in the image.
    """

    path: str = ""
    version: str = ""
    packages: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    error: str = ""

    @property
    def glibc(self) -> str | None:
        """The version of the C library, or None where it is another one."""
        match = re.search(r"(?:GLIBC|GNU libc).* (\d+\.\d+)$", self.facts.get("libc", ""))
        return match.group(1) if match else None

    def warnings(self, *, conda: bool) -> list[str]:
        """Return what SDK v1 asked of an image and this one does not have; of conda where conda is asked for."""
        told = []
        if self.facts.get("os") == "ubuntu" and _number(self.facts.get("os_version", "")) < _OLDEST_UBUNTU:
            told.append(f"The image has Ubuntu {self.facts['os_version']}: SDK v1 asked for 16.04 or newer.")
        has = self.facts.get("conda", "").removeprefix("conda ")
        if conda and has and _number(has) < _OLDEST_CONDA:
            told.append(f"The image has conda {has}: SDK v1 asked for 4.5 or newer. It is not used here.")
        return told


def look(engine: Any, image: str, names: list[str], platform: str | None = None) -> Found:
    """Return what an image has, and the first of its Pythons that a run can use.

    Parameters
    ----------
    engine
        A docker-py client.
    image
        The image's id or name.
    names
        The interpreters to try, in order, by name or path.
    platform
        Such as ``linux/arm64``; None for the engine's own.
    """
    from docker.errors import APIError  # noqa: PLC0415 - loaded with the client

    _remove_left_behind(engine)
    try:
        answer = _said(engine, image, names, platform)
    except APIError as error:  # it has no shell to start, or is for another processor
        return Found(error=str(error.explanation))
    lines = answer.decode(errors="replace").splitlines()
    pairs = [line.partition("=") for line in lines if "=" in line and not line.startswith("[")]
    facts = {name: value.strip("\"'") for name, _, value in pairs}
    try:
        told = next(line for line in reversed(lines) if line.startswith('["'))
        path, version, packages, missing = json.loads(told)
    except (StopIteration, ValueError, TypeError):
        said = "" if facts else "\n".join(lines)
        return Found(facts=facts, error=said)
    return Found(path, version, packages, missing, facts)


def remedy(image: str, found: Found, needed_by: str = "a run") -> str:
    """Return the sentence for an image in which no usable Python is found."""
    oldest = ".".join(str(number) for number in _OLDEST)
    if found.missing:
        return (
            f"The Python of the image {image} lacks {', '.join(found.missing)}, which {needed_by} needs. Install the "
            "whole of it, such as Debian's python3 instead of python3-minimal, or start from python:3.11."
        )
    old = f"; it has {found.facts['old']}" if "old" in found.facts else ""
    return (
        f"The image {image} has no Python {oldest} or newer{old}, which {needed_by} needs. Install it in the "
        "Dockerfile, such as with 'RUN apt-get update && apt-get install -y python3', or start from an image "
        "that has it, such as python:3.11."
    )


def _said(engine: Any, image: str, names: list[str], platform: str | None) -> bytes:
    """Return what the shell prints in a container of the image, which is gone afterwards."""
    from docker.errors import APIError  # noqa: PLC0415 - loaded with the client

    container = engine.containers.create(
        image,
        ["-c", _SHELL, "sh", *dict.fromkeys(names)],
        entrypoint="sh",
        environment={"CODE": _CODE},
        network_mode="none",
        labels={_LABEL: ""},
        platform=platform,
    )
    try:
        output = container.attach(stream=True, stdout=True, stderr=True)
        container.start()
        answer = b"".join(output)
    finally:
        with contextlib.suppress(APIError):
            container.remove(force=True)
    return answer


def _remove_left_behind(engine: Any) -> None:
    """Remove what a build that was killed in this moment has left."""
    from docker.errors import APIError  # noqa: PLC0415 - loaded with the client

    for each in engine.api.containers(all=True, filters={"label": _LABEL, "status": ["created", "exited"]}):
        if time.time() - float(each["Created"]) > _LEFT_BEHIND_SECONDS:
            with contextlib.suppress(APIError):
                engine.api.remove_container(each["Id"], force=True)


def _number(version: str) -> tuple[int, ...]:
    digits = [part for part in version.split(".")[:2] if part.isdigit()]
    return tuple(int(part) for part in digits) or (999,)
