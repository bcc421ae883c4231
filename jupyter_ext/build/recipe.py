"""What one build of an image is given."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from jupyter_ext.build.contexts import Context

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Recipe:
    """A Dockerfile in its folder, and what becomes of the result.

    Parameters
    ----------
    context
        The folder, and the Dockerfile in it.
    tag
        The image's name.
    scratch
        A folder for files that are needed meanwhile.
    fresh
        Whether to repeat every step, rather than take the engine's own cache.
    platform
        Such as ``linux/arm64``; None for the engine's own.
    titles
        What the steps are called, by something that stands in their text; None where the Dockerfile is the user's
        own, whose text and lines mean something to them.
    """

    context: Context
    tag: str
    scratch: Path
    fresh: bool = False
    platform: str | None = None
    titles: Mapping[str, str] | None = None

    def title(self, text: str) -> str:
        """Return what a step is called."""
        return next((title for part, title in (self.titles or {}).items() if part in text), text)


@contextmanager
def folder_with(files: Mapping[str, str], scratch: Path) -> Iterator[Context]:
    """Give a folder for a while that has these files, one of them the ``Dockerfile``."""
    with TemporaryDirectory(dir=scratch) as name:
        folder = Path(name)
        for file, text in files.items():
            (folder / file).write_text(text, encoding="utf-8")
        yield Context(folder, "Dockerfile", alone=list(files) == ["Dockerfile"])
