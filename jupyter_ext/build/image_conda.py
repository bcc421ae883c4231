"""Puts conda packages into an image: solved and linked on this machine, so that the image needs no conda."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jupyter_ext.build import conda_activation, conda_install, conda_python, conda_solve, failures
from jupyter_ext.build.contexts import Context
from jupyter_ext.build.records import IMAGES
from jupyter_ext.engines import docker_engine
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from jupyter_ext.build.conda_lock import CondaLock
    from jupyter_ext.build.definition import Asked
    from jupyter_ext.build.image_python import Found
    from jupyter_ext.build.reporter import Reporter

PREFIX = "/opt/aml/conda"
LAYERS = f"{IMAGES}conda-layer"  # the images that have just these packages: kept, so that a pip line redoes none of it
_RECIPE = 1  # a change in how the layer is made
_PLATFORMS = {"amd64": "linux-64", "arm64": "linux-aarch64", "ppc64le": "linux-ppc64le", "s390x": "linux-s390x"}
_ARCHITECTURES = {"linux-64": "x86_64", "linux-aarch64": "aarch64", "linux-ppc64le": "ppc64le", "linux-s390x": "s390x"}
_LINK_SCRIPTS = "bin/.*-post-link.sh"
_DOCKERFILE = f"""\
FROM {{base}}
USER root
COPY env {PREFIX}
{{scripts}}ENV PATH="{PREFIX}/bin:$PATH"
{{variables}}USER {{user}}
"""
_RUN_SCRIPTS = f"""\
RUN for s in {PREFIX}/{_LINK_SCRIPTS}; do n="${{{{s##*/.}}}}"; \\
    PREFIX={PREFIX} PKG_NAME="${{{{n%-post-link.sh}}}}" PATH="{PREFIX}/bin:$PATH" sh "$s" || exit 1; done
""".replace("{{", "{").replace("}}", "}")


def solve(asked: Asked, found: Found, architecture: str, reporter: Reporter) -> CondaLock | None:
    """Find the packages for an image; None where just a Python is asked for, and no channel has it.

    Parameters
    ----------
    asked
        The definition.
    found
        What the image has: the C library decides which packages run in it.
    architecture
        As the engine calls it, such as ``amd64``.
    reporter
        Gets the step.

    Raises
    ------
    EnvironmentBuildException
        The packages cannot be had together, or a channel does not answer.
    """
    reporter.step("Solve conda packages" if asked.conda else f"Python {asked.python}")
    reporter.phase("solve")
    platform = _PLATFORMS.get(architecture, "linux-64")
    offered = ["__unix=0", "__linux=0", f"__archspec=1={_ARCHITECTURES[platform]}", *_cuda()]
    offered += [f"__glibc={found.glibc}"] if found.glibc else []
    if not asked.conda:
        specs = _with_pip(asked, [conda_python.spec(asked.python)])
        try:
            return conda_solve.solve(asked.channels, specs, platform=platform, virtual_packages=offered)
        except EnvironmentBuildException:
            return None
    wanted = replace(asked, conda=tuple(_with_pip(asked, asked.conda)))
    with failures.at_step(reporter):
        lock, note = conda_python.solve(wanted, platform=platform, virtual_packages=offered)
    if note:
        reporter.note(note)
    return lock


def layer(
    lock: CondaLock,
    asked: Asked,
    base: str,
    engine: Any,
    reporter: Reporter,
    run: Callable[[Context, str, Mapping[str, str]], None],
    folder: Path,
    *,
    fresh: bool,
) -> str:
    """Return the name of an image that has the packages on top of another; it is made unless it is there.

    Parameters
    ----------
    lock
        The packages.
    asked
        The definition, whose channels they come from.
    base
        The name of the image to put them on.
    engine
        A docker-py client.
    reporter
        Gets the steps and the output.
    run
        Builds a context to an image of a name; it takes what the steps are called, too.
    folder
        Where to lay the packages out: the caller removes it.
    fresh
        Whether to make it even where it is there.
    """
    image = engine.api.inspect_image(base)
    what = [_RECIPE, image["Id"], [[each.url, each.sha256 or each.md5] for each in lock.packages]]
    tag = f"{LAYERS}:{hashlib.sha256(json.dumps(what).encode()).hexdigest()[:20]}"
    reporter.step(f"Install {len(lock.packages)} conda packages")
    if not fresh and docker_engine.image_exists(tag):
        reporter.line("(cached)")
        return tag
    conda_install.install(lock, asked.channels, folder / "env", reporter, seen_as=PREFIX)
    scripts = _RUN_SCRIPTS if list((folder / "env").glob(_LINK_SCRIPTS)) else ""
    user = image["Config"].get("User") or "root"
    text = _DOCKERFILE.format(base=base, scripts=scripts, variables=_variables(folder / "env"), user=user)
    (folder / "Dockerfile").write_text(text, encoding="utf-8")
    run(Context(folder, "Dockerfile"), tag, {"COPY": "Copy the packages", "RUN": "Run the packages' link scripts"})
    return tag


def _variables(prefix: Path) -> str:
    """Return the instructions that set what activating the environment does, as it will be seen in the image."""
    there = {name: value.replace(str(prefix), PREFIX) for name, value in conda_activation.variables(prefix).items()}
    quoted = {name: re.sub(r'([\\"$])', r"\\\1", value) for name, value in there.items() if "\n" not in value}
    return "".join(f'ENV {name}="{value}"\n' for name, value in quoted.items())


def _with_pip(asked: Asked, specs: Iterable[str]) -> list[str]:
    """Ask for pip too where it has something to install, as conda does."""
    has = any(re.match(r"(\S+::)?pip\b", spec) for spec in specs)
    return [*specs] if has or not asked.pip.names_packages else [*specs, "pip"]


def _cuda() -> list[str]:
    """Return the CUDA that this machine's driver offers, which containers get too."""
    import rattler  # noqa: PLC0415 - where conda is asked for

    found = (each.into_generic() for each in rattler.VirtualPackage.detect())
    return [f"{each.name.normalized}={each.version}" for each in found if each.name.normalized == "__cuda"]
