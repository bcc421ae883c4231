"""What a run's environment was, fact by fact: what was asked for, and what it was built to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jupyter_ext.store.records import BuiltRecord, read_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_ext.store.paths import RunPaths
    from jupyter_ext.store.records import RunSpec

ENVIRONMENT_FACTS = frozenset({"environment", "base image", "Dockerfile", "runs in", "image", "Python"})
"""The names of the facts of an environment, besides its packages."""

_DIGEST = len("sha256:") + 12
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")


def environment_facts(paths: RunPaths, spec: RunSpec) -> Iterator[tuple[str, str]]:
    """Yield the facts of a run's environment: its name, image, Python, packages and the names of its variables.

    The packages are those that were installed, dependencies included; those that were asked for where the run ended
    before its environment was there.
    """
    built = read_record(paths.built, BuiltRecord)
    definition = spec.environment
    if definition is None:
        yield "environment", f"none: {spec.interpreter}"
        yield "runs in", "a process"
        return
    version = definition.get("version")
    yield "environment", f"{definition.get('name')}:{version}" if version else str(definition.get("name"))
    python, docker = definition.get("python") or {}, definition.get("docker") or {}
    if spec.container:
        yield "base image", str(docker.get("baseImage") or "")
        yield (
            "Dockerfile",
            str(docker.get("baseDockerfile") or (docker.get("buildContext") or {}).get("location") or ""),
        )
    yield "runs in", "a container" if spec.container else "a process"
    document = python.get("condaDependencies") or {}
    if built is None:
        yield from _asked(document.get("dependencies") or [], user_managed=bool(python.get("userManagedDependencies")))
        return
    yield "image", (built.image or "")[:_DIGEST]
    yield "Python", built.version
    for line in built.lock:
        name, value = _split(line)
        yield f"package {name}", value


def _asked(dependencies: list[Any], *, user_managed: bool) -> Iterator[tuple[str, str]]:
    if user_managed:
        return
    for one in dependencies:
        for line in one.get("pip") or [] if isinstance(one, dict) else [one]:
            name, value = _split(str(line).strip())
            if name == "python":
                yield "Python", value
            elif name:
                yield f"package {name}", value or "any"


def _split(line: str) -> tuple[str, str]:
    """Return a package's name, and its version or where it comes from."""
    match = _NAME.match(line)
    if match is None:
        return "", ""
    return match[0].lower().replace("_", "-"), line[match.end() :].strip().removeprefix("=").removeprefix("=")
