"""Turns the definition of an environment into a Docker image or a virtual environment, once.

What has been built before is found by a hash of everything in the definition that affects the result.
:func:`build` and :func:`find` are all that others call; ``python -m jupyter_ext.build`` builds in a process
of its own, which can be stopped.
"""

from __future__ import annotations

from jupyter_ext.build.builder import build, build_from_lock, check, find, lock_of
from jupyter_ext.build.lock import Lock
from jupyter_ext.build.records import Built, Progress

__all__ = ["Built", "Lock", "Progress", "build", "build_from_lock", "check", "find", "lock_of"]
