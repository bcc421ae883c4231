"""What these tests share."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from parts.submitting import folder, in_folder, pycache, workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

__all__ = ["folder", "in_folder", "pycache", "says", "workspace"]


@pytest.fixture
def says(capsys: pytest.CaptureFixture[str]) -> Callable[[str], AbstractContextManager[None]]:
    """A block in which a line is printed that a pattern matches."""

    @contextmanager
    def says(pattern: str) -> Iterator[None]:
        capsys.readouterr()
        yield
        said = capsys.readouterr().out
        assert re.search(pattern, said), said

    return says
