"""Looks into an image: its Python, what is installed for it, and whether a run can use it."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from jupyter_ext.build import buildkit
from jupyter_ext.engines import docker_engine, engine_http

_OLDEST = (3, 6)
_OLDEST_UBUNTU = (16, 4)  # the oldest that SDK v1 allowed
_OLDEST_CONDA = (4, 5)  # the same
_FACTS = ("os", "os_version", "libc", "conda", "old")
_LABEL = "jupyter-aml.look"
_LEFT_BEHIND_SECONDS = 3600
_LIMIT = 120.0  # seconds: a busy engine takes its time to make or remove a container
_HTTP_OK, _CREATED, _STARTED = 200, 201, 204
# its arguments: the code, the word conda or nothing, and the interpreters to try
_SHELL = (
    "code=$1; conda=$2; shift 2; export PYTHONDONTWRITEBYTECODE=1; "
    '[ -r /etc/os-release ] && while read -r line; do case "$line" in ID=*) echo "os=${line#ID=}";; '
    'VERSION_ID=*) echo "os_version=${line#VERSION_ID=}";; esac; done < /etc/os-release; '
    '[ -n "$conda" ] && command -v conda >/dev/null 2>&1 && echo "conda=$(conda --version 2>&1)"; '
    'for p in "$@"; do command -v "$p" >/dev/null 2>&1 && "$p" -c "$code" && exit; done; '
    'echo "libc=$(ldd --version 2>/dev/null | head -n 1)"'
)
# what the launcher and a run's own modules import, beyond what every Python has built in
_MODULES = ("fcntl", "json", "select", "errno", "math", "posixpath", "atexit", "io", "time")
# without importlib.metadata, which takes as long to import as all the rest
_CODE = f"""
import sys, os
if sys.version_info < {_OLDEST}: print('old=%d.%d' % sys.version_info[:2]); sys.exit(3)
missing = []
for name in {_MODULES}:
    try:
        __import__(name)
    except ImportError:
        missing.append(name)
files = []
for folder in filter(os.path.isdir, sys.path):
    for entry in os.listdir(folder):
        path = os.path.join(folder, entry)
        if entry.endswith('.dist-info'): files.append(os.path.join(path, 'METADATA'))
        elif entry.endswith('.egg-info'): files += [path, os.path.join(path, 'PKG-INFO')]
        elif entry.endswith('.egg'): files.append(os.path.join(path, 'EGG-INFO', 'PKG-INFO'))
have = set()
for path in filter(os.path.isfile, files):
    told = {{}}
    with open(path, encoding='utf-8', errors='replace') as file:
        for line in file:
            name, _, value = line.partition(': ')
            told.setdefault(name, value.strip())
            if 'Name' in told and 'Version' in told or not line.strip(): break
    if 'Name' in told: have.add('%s==%s' % (told['Name'], told.get('Version', '')))
try:
    libc = os.confstr('CS_GNU_LIBC_VERSION') or ''
except (AttributeError, OSError, ValueError):
    libc = ''
import json
print('libc=' + libc)
print(json.dumps([sys.executable, '%d.%d.%d' % sys.version_info[:3], sorted(have, key=str.lower), missing]))
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
        What the image's Python said where it does not start, or the engine where it can start nothing in the image.
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
        match = re.search(r"(?i:glibc|GNU libc).* (\d+\.\d+)$", self.facts.get("libc", ""))
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


def look(image: str, names: list[str], platform: str | None = None, *, conda: bool = False) -> Found:
    """Return what an image has, and the first of its Pythons that a run can use.

    Parameters
    ----------
    image
        The image's id or name.
    names
        The interpreters to try, in order, by name or path.
    platform
        Such as ``linux/arm64``; None for the engine's own.
    conda
        Whether to ask conda its version, too, which takes its time.

    Raises
    ------
    EngineNotAnswering
        No engine answers any more.
    """
    command = ["sh", "-c", _SHELL, "sh", _CODE, "conda" if conda else "", *dict.fromkeys(names)]
    try:
        printed = buildkit.printed_in(image, command, platform) if _is_plain(image) else None
        if printed is None:
            printed = _printed_in_container(image, command, platform)
        lines = printed.decode(errors="replace").splitlines()
    except _RefusedError as error:  # it has no shell to start, or is for another processor
        return Found(error=str(error))
    except OSError as error:
        raise docker_engine.not_answering() from error
    pairs = [line.partition("=") for line in lines]
    facts = {name: value.strip("\"'") for name, _, value in pairs if name in _FACTS}
    try:
        told = next(line for line in reversed(lines) if line.startswith('["'))
        path, version, packages, missing = json.loads(told)
    except (StopIteration, ValueError, TypeError):
        return Found(facts=facts, error="\n".join(line for line in lines if line.partition("=")[0] not in _FACTS))
    return Found(path, version, packages, missing, facts)


def remedy(image: str, found: Found, needed_by: str = "a run") -> str:
    """Return the sentence for an image in which no usable Python is found."""
    oldest = ".".join(str(number) for number in _OLDEST)
    if found.missing:
        return (
            f"The Python of the image {image} lacks {', '.join(found.missing)}, which {needed_by} needs. Install the "
            "whole of it, such as Debian's python3 instead of python3-minimal, or start from python:3.11."
        )
    if found.facts and found.error and "old" not in found.facts:
        said = found.error.strip().splitlines()[-1]
        return (
            f"The Python of the image {image} does not start, and {needed_by} needs it: {said}. Install what it lacks "
            "in the Dockerfile, or start from an image whose Python starts, such as python:3.11."
        )
    old = f"; it has {found.facts['old']}" if "old" in found.facts else ""
    return (
        f"The image {image} has no Python {oldest} or newer{old}, which {needed_by} needs. Install it in the "
        "Dockerfile, such as with 'RUN apt-get update && apt-get install -y python3', or start from an image "
        "that has it, such as python:3.11."
    )


class _RefusedError(Exception):
    """The engine cannot start anything in the image."""


def _is_plain(image: str) -> bool:
    """Tell whether BuildKit is there, and would run nothing in the image that it asks of those who build on it."""
    config = (docker_engine.image(image) or {}).get("Config") or {}
    return buildkit.is_offered() and not config.get("OnBuild")


def _printed_in_container(image: str, command: list[str], platform: str | None) -> bytes:
    """Return what a command prints in a container of the image, which is gone afterwards."""
    _remove_left_behind()
    asked = {
        "Image": image,
        "Entrypoint": command[:1],
        "Cmd": command[1:],
        "Labels": {_LABEL: ""},
        "HostConfig": {"NetworkMode": "none"},
    }
    query = f"?{urlencode({'platform': platform})}" if platform else ""
    container = json.loads(_asked("POST", f"/containers/create{query}", _CREATED, json.dumps(asked).encode()))["Id"]
    attach = f"/containers/{container}/attach?stream=1&stdout=1&stderr=1"
    try:
        with engine_http.asking("POST", attach) as output:
            _asked("POST", f"/containers/{container}/start", _STARTED)
            return _unwrapped(b"".join(output.blocks))
    finally:
        engine_http.ask("DELETE", f"/containers/{container}?force=1", limit=_LIMIT)


def _asked(method: str, path: str, expected: int, body: bytes = b"") -> bytes:
    with engine_http.asking(method, path, body, limit=_LIMIT) as answer:
        data = b"".join(answer.blocks)
    if answer.status == expected:
        return data
    try:
        raise _RefusedError(str(json.loads(data)["message"]))
    except (ValueError, KeyError, TypeError):
        raise _RefusedError(data.decode(errors="replace")) from None


def _unwrapped(data: bytes) -> bytes:
    """Return what was written to both streams: each piece follows 8 bytes, the last 4 of them its length."""
    parts, at = [], 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "big")
        parts.append(data[at + 8 : at + 8 + length])
        at += 8 + length
    return b"".join(parts)


def _remove_left_behind() -> None:
    """Remove what a build that was killed in this moment has left."""
    wanted = quote(json.dumps({"label": [_LABEL], "status": ["created", "exited"]}))
    status, _, body = engine_http.ask("GET", f"/containers/json?all=1&filters={wanted}")
    for each in json.loads(body) if status == _HTTP_OK else []:
        if time.time() - float(each["Created"]) > _LEFT_BEHIND_SECONDS:
            engine_http.ask("DELETE", f"/containers/{each['Id']}?force=1", limit=_LIMIT)


def _number(version: str) -> tuple[int, ...]:
    digits = [part for part in version.split(".")[:2] if part.isdigit()]
    return tuple(int(part) for part in digits) or (999,)
