"""What a build tells while it goes on, and what it leaves behind."""

from __future__ import annotations

from typing import Literal

import msgspec

IMAGES = "jupyter-aml/"  # what the names of all images of ours begin with


class Progress(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that has happened in a build.

    Parameters
    ----------
    step, steps
        Which step of how many, counted from 1; 0 where none has begun.
    text
        What the step does, such as ``RUN pip install numpy``.
    line
        A line of output of the step, or None when the step begins.
    note
        Whether ``line`` is something the user should see even where output is hidden.
    seconds
        Time since the build began.
    phase
        What goes on within the step: ``solve``, ``download``, ``install`` or ``push``, where it is known.
    done, total
        How many bytes have been downloaded, and how many there are to download; 0 where nothing is.
    """

    step: int = 0
    steps: int = 0
    text: str = ""
    line: str | None = None
    note: bool = False
    seconds: float = 0.0
    phase: str = ""
    done: int = 0
    total: int = 0


class Built(msgspec.Struct, frozen=True):
    """A finished environment.

    Parameters
    ----------
    kind
        ``image``, ``venv``, or ``interpreter``: a Python that the user looks after.
    key
        The content hash, in hexadecimal.
    python
        The path of the interpreter; in an image, the path inside it.
    version
        That interpreter's version.
    image, tag
        The image's id and its name; None unless it is an image.
    seconds
        How long the build took.
    size_bytes
        The size of the image or folder; 0 for an interpreter.
    cached
        Whether it had been built before.
    notes
        Lines for the user to see.
    lock
        The installed packages, as ``name==version``.
    conda
        Those of an image that conda's channels gave, as ``name=version=build``.
    bases
        The ids that the images it was made from had.
    pushed
        The name, with its digest, under which other machines can pull the image.
    variables
        What is set while it is used, as activating a conda environment does.
    replaced
        The ids of images that this one has taken the place of, such as when a base had changed.
    """

    kind: Literal["image", "venv", "interpreter"]
    key: str
    python: str
    version: str = ""
    image: str | None = None
    tag: str | None = None
    seconds: float = 0.0
    size_bytes: int = 0
    cached: bool = False
    notes: list[str] = []
    lock: list[str] = []
    conda: list[str] = []
    bases: dict[str, str] = {}
    pushed: str | None = None
    variables: dict[str, str] = {}
    replaced: list[str] = []


class Request(msgspec.Struct, frozen=True, omit_defaults=True):
    """What ``python -m jupyter_ext.build`` reads: the parameters of :func:`jupyter_ext.build.build`."""

    definition: dict[str, object]
    container: bool
    root: str
    force: bool = False
    log: str | None = None
    folder: str | None = None


class Failure(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a build has failed: the class and the fields of an exception."""

    type: str
    message: str
    step: str | None = None
    line: int | None = None
    log: str | None = None
    kind: str | None = None
    package: str | None = None
    remedy: str | None = None
    last_lines: list[str] = []


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line that ``python -m jupyter_ext.build`` writes: exactly one of the three is set."""

    progress: Progress | None = None
    built: Built | None = None
    error: Failure | None = None
