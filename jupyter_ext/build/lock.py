"""What an environment is really made of: enough to make the same one again to the letter, on another machine too."""

from __future__ import annotations

import hashlib

import msgspec

from jupyter_ext.build.conda_lock import CondaLock  # noqa: TC001 - msgspec reads it


class Lock(msgspec.Struct, frozen=True):
    """The Python and the packages of a virtual environment. It holds no passwords.

    Parameters
    ----------
    python
        The version of Python.
    conda
        Its conda packages, Python among them; None where Python is not conda's.
    packages
        The packages of the package index, as ``name==version``, or with the address or folder that they came from.
    pylock
        The same as a ``pylock.toml`` (PEP 751), with addresses and hashes; None where an index tells them no more.
    variables
        What the conda specification sets while the environment is used.
    notes
        What the user was told when it was solved, such as which Python stands in for another.
    """

    python: str
    conda: CondaLock | None = None
    packages: list[str] = []
    pylock: str | None = None
    variables: dict[str, str] = {}
    notes: list[str] = []

    @property
    def key(self) -> str:
        """The content hash: equal for locks of the same environment."""
        what = msgspec.json.encode(msgspec.structs.replace(self, notes=[]))
        return hashlib.sha256(what).hexdigest()[:40]

    @property
    def names(self) -> list[str]:
        """All packages, as ``name==version``."""
        conda = [f"{each.name}=={each.version}" for each in self.conda.packages] if self.conda else []
        return sorted([*conda, *self.packages], key=str.lower)
