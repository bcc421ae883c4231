"""What a conda solve has found: every package with its address and hash, to be installed again to the letter."""

from __future__ import annotations

from typing import Literal

import msgspec


class CondaPackage(msgspec.Struct, frozen=True, omit_defaults=True):
    """One package of a channel.

    Parameters
    ----------
    name, version, build, build_number
        Which package it is.
    url
        Its whole address, without user name, password or token.
    subdir
        The platform that it was made for, such as ``linux-64`` or ``noarch``.
    sha256, md5
        The hashes of its archive, in hexadecimal; old channels have but the second.
    size
        Of its archive, in bytes; 0 where the channel does not tell.
    noarch
        ``python`` or ``generic`` for a package that is made for no platform, else None.
    depends
        What it needs, as match specifications.
    site_packages
        Where noarch packages go, for a Python that has its own place for them.
    """

    name: str
    version: str
    build: str
    url: str
    subdir: str
    build_number: int = 0
    sha256: str | None = None
    md5: str | None = None
    size: int = 0
    noarch: Literal["python", "generic"] | None = None
    depends: list[str] = []
    site_packages: str | None = None

    def __str__(self) -> str:
        return f"{self.name}={self.version}={self.build}"


class CondaLock(msgspec.Struct, frozen=True):
    """All packages of an environment, dependencies included.

    Parameters
    ----------
    platform
        The platform that was solved for, such as ``linux-64``.
    packages
        In the order of their names.
    """

    platform: str
    packages: list[CondaPackage]

    @property
    def python(self) -> str | None:
        """The version of Python, or None where it has none."""
        return next((package.version for package in self.packages if package.name == "python"), None)
