"""What these tests share."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from parts.remote_data import bucket, s3, site
from parts.submitting import folder, in_folder, pycache, workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

__all__ = ["bucket", "folder", "in_folder", "pycache", "s3", "says", "site", "workspace"]


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
