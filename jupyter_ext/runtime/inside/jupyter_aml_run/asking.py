"""What a script asks of its workspace, which it cannot reach itself: its runner answers.

The question is a file in the run directory, the answer comes through a named pipe beside it, so that a secret is never
written to a disk. Questions are answered for as long as the run's runner lives, in a container too.
"""

import json
import os
import select
import time

from .exceptions import (
    AzureMLException,
    ModelPathNotFoundException,
    RunEnvironmentException,
    UserErrorException,
    WebserviceException,
)

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any

FOLDER = "asks"
QUESTION, ANSWER = ".json", ".answer"

_LIMIT_SECONDS = 600.0
_PIECE = 65536
_KINDS = {kind.__name__: kind for kind in (UserErrorException, WebserviceException, ModelPathNotFoundException)}


def run_dir() -> str:
    """Give the directory of the run that this script is.

    Raises
    ------
    RunEnvironmentException
        Outside a run.
    """
    found = os.environ.get("AML_RUN_DIR")
    if not found:
        raise RunEnvironmentException
    return found


def ask(what: str, **details: "Any") -> "Any":
    """Ask the runner, and wait for its answer.

    Parameters
    ----------
    what
        The question.
    **details
        What belongs to it.

    Raises
    ------
    AzureMLException
        What the runner says is wrong, or nobody answers.
    """
    folder = os.path.join(run_dir(), FOLDER)
    os.makedirs(folder, exist_ok=True)
    base = os.path.join(folder, "{}-{}".format(os.getpid(), os.urandom(6).hex()))
    os.mkfifo(base + ANSWER, 0o600)
    pipe = os.open(base + ANSWER, os.O_RDWR | os.O_NONBLOCK)  # a writer of our own, or it would end before it began
    try:
        with open(base, "w", encoding="utf-8") as file:
            json.dump(dict(details, what=what), file)
        os.rename(base, base + QUESTION)
        answer = _read(pipe)
    finally:
        os.close(pipe)
        os.unlink(base + ANSWER)
        if os.path.exists(base + QUESTION):
            os.unlink(base + QUESTION)
    if "error" in answer:
        raise _KINDS.get(answer.get("kind", ""), AzureMLException)(answer["error"])
    return answer.get("value")


def _read(pipe: int) -> "dict[str, Any]":
    """Read one line: the answer."""
    text = b""
    limit = time.monotonic() + _LIMIT_SECONDS
    while not text.endswith(b"\n"):
        if not select.select([pipe], [], [], max(0.0, limit - time.monotonic()))[0]:
            raise AzureMLException("The run's runner did not answer; is the machine that it is on out of reach?")
        text += os.read(pipe, _PIECE)
    answer: "dict[str, Any]" = json.loads(text.decode())
    return answer
