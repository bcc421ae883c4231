"""Builds a virtual environment: conda's packages first where they are asked for, the package index's on top."""

from __future__ import annotations

import platform
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_ext.build import (
    conda_activation,
    conda_install,
    conda_python,
    failures,
    places,
    pythons,
    requirements,
    uv,
)
from jupyter_ext.build.lock import Lock
from jupyter_ext.build.records import Built
from jupyter_ext.store.data.addresses import without_passwords
from jupyter_ext.store.spelling import size_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_ext.build.conda_channels import Channels
    from jupyter_ext.build.conda_lock import CondaLock
    from jupyter_ext.build.definition import Asked
    from jupyter_ext.build.places import Place
    from jupyter_ext.build.reporter import Reporter

_SEPARATORS = re.compile(r"[-_.]+")
_NONE_ASKED = "the environment names none but SDK v1's default"


def build_venv(asked: Asked, place: Place, reporter: Reporter, folder: Path) -> Built:
    """Make the virtual environment that was asked for.

    Parameters
    ----------
    asked
        The definition.
    place
        Where it goes.
    reporter
        Gets the steps and the output.
    folder
        Where relative paths in requirement lines start.

    Raises
    ------
    EnvironmentBuildException
        It cannot be made; the message has the reason.
    """
    with _making(place, reporter, folder) as making:
        reporter.plan(2 + asked.pip.names_packages + bool(asked.conda))
        if asked.conda:
            conda: CondaLock | None = making.conda_packages(asked)
        else:
            conda = making.only_python(asked)
        before = making.distributions() if conda else set()
        lines, arguments = requirements.for_uv(asked.pip)
        if asked.pip.names_packages:
            reporter.step(f"pip install {requirements.summary(asked.pip.effective)}")
            making.uv.install(making.python, lines, *arguments)
        return making.checked(conda, before, lines, asked)


def build_again(lock: Lock, place: Place, reporter: Reporter, channels: Channels) -> Built:
    """Make the virtual environment of a lock again.

    Parameters
    ----------
    lock
        What it is made of.
    place, reporter
        As for :func:`build_venv`.
    channels
        Those that know the passwords which the lock does not have, and that may have its Python.

    Raises
    ------
    EnvironmentBuildException
        A package of the lock is no more, or not what it was; or its Python cannot be had.
    """
    for note in lock.notes:
        reporter.note(note)
    with _making(place, reporter, place.folder) as making:
        reporter.plan(2 + bool(lock.packages))
        if lock.conda:
            making.install_conda(lock.conda, channels)
        else:
            reporter.step(f"Python {lock.python}")
            making.take(pythons.choose(lock.python, making.uv, channels, exact=True), channels)
        if lock.packages:
            reporter.step(f"pip install {requirements.summary(lock.packages)}")
            if lock.pylock:
                making.uv.sync(making.python, lock.pylock)
            else:
                making.uv.install(making.python, lock.packages, "--no-deps")
        reporter.step("Check")
        if pythons.version_of(making.python) != lock.python:
            raise failures.failure(f"The environment has no Python {lock.python}", reporter)
        return making.finished(lock)


@contextmanager
def _making(place: Place, reporter: Reporter, folder: Path) -> Iterator[_Making]:
    """Give what makes an environment in a new folder, which is removed where that fails."""
    place.remove_half_built()
    target = place.new_venv()
    try:
        yield _Making(place, target, uv.Uv(reporter, folder), reporter)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise


@dataclass(frozen=True)
class _Making:
    """One environment that is being made."""

    place: Place
    target: Path
    uv: uv.Uv
    reporter: Reporter

    @property
    def python(self) -> Path:
        return self.target / "bin" / "python"

    def conda_packages(self, asked: Asked) -> CondaLock:
        """Solve and install what is asked for from conda's channels."""
        self.reporter.step("Solve conda packages")
        self.reporter.phase("solve")
        self.reporter.line(f"From {', '.join(asked.channels.shown)}")
        with failures.at_step(self.reporter):
            lock, note = conda_python.solve(asked)
        if note:
            self.reporter.note(note)
        size = size_text(sum(package.size for package in lock.packages))
        self.reporter.line(f"{len(lock.packages)} packages, {size} where nothing has been downloaded yet")
        self.install_conda(lock, asked.channels, requirements.summary(asked.conda))
        return lock

    def only_python(self, asked: Asked) -> CondaLock | None:
        """Find the Python that is asked for, and make an environment of it."""
        self.reporter.step(f"Python {asked.python}" if asked.python else "Python")
        with failures.at_step(self.reporter):
            choice = pythons.choose(asked.python, self.uv, asked.channels, exact=asked.exact)
        if choice.note or asked.default_python:
            used = f"Python {platform.python_version()} is used, as here: {_NONE_ASKED}."
            self.reporter.note(choice.note or used)
        return self.take(choice, asked.channels)

    def take(self, choice: pythons.Choice, channels: Channels) -> CondaLock | None:
        if choice.conda:
            conda_install.install(choice.conda, channels, self.target, self.reporter)
        else:
            self.uv.run("venv", "--quiet", "--no-project", "--python", choice.path, self.target)
        return choice.conda

    def install_conda(self, lock: CondaLock, channels: Channels, shown: str | None = None) -> None:
        self.reporter.step(f"conda install {shown or requirements.summary([str(each) for each in lock.packages])}")
        conda_install.install(lock, channels, self.target, self.reporter)

    def distributions(self) -> set[tuple[str, str]]:
        """Return the names and versions of what is installed for the Python."""
        found = self.target.glob("lib/python*/site-packages/*-*.*-info")  # dist-info, and the older egg-info
        parts = (path.name.removesuffix(".dist-info").removesuffix(".egg-info").split("-") for path in found)
        return {_plain(name, version) for name, version, *_ in parts}

    def checked(self, conda: CondaLock | None, before: set[tuple[str, str]], lines: list[str], asked: Asked) -> Built:
        """See that the Python runs, and note what is installed."""
        self.reporter.step("Check")
        with ThreadPoolExecutor() as pool:
            told = pool.submit(uv.frozen, self.python) if asked.pip.names_packages else None
            version = pythons.version_of(self.python)
            frozen = told.result() if told else []
        if version is None:
            raise failures.failure(f"The Python of the environment, {self.python}, does not run", self.reporter)
        packages = [pin for pin in frozen if _plain(*pin.partition("==")[::2]) not in before]
        pylock = self.uv.locked(self.python, packages, lines) if packages else None
        locked = without_passwords(pylock) if pylock else None
        notes = [note for note in self.reporter.notes if note not in asked.notes]
        return self.finished(Lock(version, conda, packages, locked, dict(asked.variables), notes))

    def finished(self, lock: Lock) -> Built:
        """Keep the lock, and say that the environment is whole."""
        activated = conda_activation.variables(self.target) if lock.conda else {}
        size = places.size_of(self.target)
        self.place.write_lock(lock)
        places.mark_whole(self.target)
        return Built(
            "venv",
            self.place.key,
            str(self.python),
            lock.python,
            size_bytes=size,
            lock=lock.names,
            variables={**activated, **lock.variables},
        )


def _plain(name: str, version: str) -> tuple[str, str]:
    """Return a name and a version as they are compared."""
    return _SEPARATORS.sub("-", name).lower(), version
