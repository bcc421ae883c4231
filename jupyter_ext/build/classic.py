"""Builds an image with the engine's classic builder, which docker-py and Podman's socket offer."""

from __future__ import annotations

import time
from typing import IO, TYPE_CHECKING, Any

from jupyter_ext.build import contexts, dockerfile, stream
from jupyter_ext.store.spelling import size_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_ext.build.recipe import Recipe
    from jupyter_ext.build.reporter import Reporter

_BLOCK = 1 << 20
_PERIOD = 0.5  # seconds between two reports of how much has been sent


def build(engine: Any, recipe: Recipe, reporter: Reporter) -> str:
    """Build an image and return its id.

    Parameters
    ----------
    engine
        A docker-py client.
    recipe
        What to build.
    reporter
        Gets the steps and the output.

    Raises
    ------
    EnvironmentBuildException
        A step has failed.
    """
    import docker.errors  # noqa: PLC0415 - loaded with the client

    instructions = dockerfile.parse(recipe.context.text)
    follow = stream.Follow(recipe, instructions, reporter)
    with contexts.tar(recipe.context) as archive:
        try:
            events = engine.api.build(
                fileobj=_Told(archive, reporter),
                custom_context=True,
                dockerfile=recipe.context.dockerfile,
                tag=recipe.tag,
                platform=recipe.platform,
                rm=True,
                forcerm=True,
                nocache=recipe.fresh,
                decode=True,
            )
            return follow.build(events)
        except docker.errors.APIError as error:
            raise follow.failure(str(error.explanation)) from error


class _Told:
    """A file that tells how much of it has been read."""

    def __init__(self, file: IO[bytes], reporter: Reporter) -> None:
        self._file = file
        self._reporter = reporter
        self._size = file.seek(0, 2)
        self._told = time.monotonic()
        file.seek(0)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        while data := self.read():
            yield data

    def read(self, size: int = _BLOCK) -> bytes:
        if time.monotonic() - self._told > _PERIOD:
            self._told = time.monotonic()
            sent = f"Sent {size_text(self._file.tell())} of {size_text(self._size)}"
            self._reporter.line(sent, lasting=False)
        return self._file.read(size)
