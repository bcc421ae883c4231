"""A node keeps the contents of snapshots, and gets only what it has not."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_ext.engines.ray.cache import Laid, NodeCache


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_contents_are_kept_and_laid_out(tmp_path: Path) -> None:
    cache = NodeCache()
    assert cache.missing(["aa", "bb", "aa"]) == ["aa", "bb"]
    cache.keep([("aa", 3), ("bb", 2)], b"onetw", last=False)
    cache.keep([("", 1)], b"o", last=True)
    again = NodeCache()
    assert again.missing(["aa", "bb", "cc"]) == ["cc"]
    entries = [
        Laid("a.py", "f", 0o644, 3, "aa"),
        Laid("bin/b.sh", "f", 0o755, 3, "bb"),
        Laid("empty.txt", "f", 0o644, 0, "00"),
        Laid("link", "l", 0o755, 0, "a.py"),
        Laid("data", "d", 0o755, 0, ""),
    ]
    again.lay_out(entries, tmp_path / "work")
    assert (tmp_path / "work/a.py").read_text() == "one"
    assert (tmp_path / "work/link").read_text() == "one"
    assert (tmp_path / "work/bin/b.sh").read_text() == "two"
    assert (tmp_path / "work/bin/b.sh").stat().st_mode & 0o111
    assert (tmp_path / "work/empty.txt").stat().st_size == 0
    assert (tmp_path / "work/data").is_dir()


def test_half_a_pack_is_none(tmp_path: Path) -> None:
    NodeCache().keep([("aa", 3)], b"one", last=False)
    assert NodeCache().missing(["aa"]) == ["aa"]
