"""How the code of two runs differs: their snapshots, file by file."""

from __future__ import annotations

import difflib
import json
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import SnapshotException
from jupyter_ext.store.snapshots.manifest import read_manifest
from jupyter_ext.store.spelling import size_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_ext.store.paths import WorkspacePaths
    from jupyter_ext.store.snapshots.manifest import Entry

    from .run import Run

LARGEST = 1024 * 1024
"""Bytes of a file beyond which it is named, and not shown line by line."""

MOST_FILES = 300
_MOST_LINES = 20_000
_MOST_TEXT = 4 * 1024 * 1024
_MOST_SECONDS = 5.0
_LOOKED_AT = 8192


@dataclass(frozen=True)
class FileDiff:
    """A file that is not the same.

    Attributes
    ----------
    name
        Relative to the folder.
    change
        How the second run has it.
    sizes
        In bytes, in each; None where it is not there.
    diff
        As ``diff -u`` writes it; None where it is not told.
    why
        Why not.
    """

    name: str
    change: Literal["changed", "added", "removed"]
    sizes: tuple[int | None, int | None]
    diff: str | None
    why: str | None


@dataclass(frozen=True)
class CodeDiff:
    """How the code of two runs differs.

    Attributes
    ----------
    runs
        Their ids.
    same
        How many files are the same.
    files
        Those that are not.
    more
        How many of those are left out.
    """

    runs: tuple[str, str]
    same: int
    files: list[FileDiff]
    more: int


def code_diff(one: Run, other: Run) -> CodeDiff:
    """Compare the snapshots of two runs of a workspace.

    A notebook is compared by what its cells say: what they have put out is no code.

    Raises
    ------
    SnapshotException
        One of them has no snapshot.
    """
    before, after = _files(one), _files(other)
    names = sorted(before.keys() | after.keys())
    differ = [name for name in names if _content(before.get(name)) != _content(after.get(name))]
    paths, told = one.experiment.workspace._paths, list[FileDiff]()
    left, ends = _MOST_TEXT, time.monotonic() + _MOST_SECONDS
    for name in differ[:MOST_FILES]:
        whole = left > 0 and time.monotonic() < ends
        told.append(_of_file(paths, name, before.get(name), after.get(name), whole=whole))
        left -= len(told[-1].diff or "")
    return CodeDiff((one.id, other.id), len(names) - len(differ), told, max(0, len(differ) - MOST_FILES))


def _files(run: Run) -> dict[str, Entry]:
    snapshot_id = run.get_snapshot_id()
    if snapshot_id is None:
        raise SnapshotException(f"Run {run.id} has no snapshot: it was not submitted from a folder.")
    entries = read_manifest(run.experiment.workspace._paths, snapshot_id)
    return {entry.name: entry for entry in entries if entry.kind in {"f", "l"}}


def _content(entry: Entry | None) -> tuple[str, str] | None:
    return (entry.kind, entry.digest) if entry is not None else None


def _of_file(paths: WorkspacePaths, name: str, before: Entry | None, after: Entry | None, *, whole: bool) -> FileDiff:
    change: Literal["changed", "added", "removed"] = "changed"
    if before is None or after is None:
        change = "added" if before is None else "removed"
    both = [entry for entry in (before, after) if entry is not None]
    sizes = (before.size if before else None, after.size if after else None)
    diff, why = None, _why_not(both)
    if why is None and not whole:
        why = "left out, as there is much that differs"
    if why is None:
        texts = [None if entry is None else _read(paths, entry) for entry in (before, after)]
        if any(text is None for text, entry in zip(texts, (before, after), strict=True) if entry is not None):
            why = "binary"
        else:
            diff, why = _unified(name, *(_lines(name, text) for text in texts))
    return FileDiff(name, change, sizes, diff, why)


def _why_not(entries: Sequence[Entry]) -> str | None:
    if any(entry.kind == "l" for entry in entries):
        return "a link"
    return f"larger than {size_text(LARGEST)}" if any(entry.size > LARGEST for entry in entries) else None


def _read(paths: WorkspacePaths, entry: Entry) -> str | None:
    """Return a file's text; None where it is none."""
    if not entry.size:
        return ""
    with (paths.objects / entry.pack).open("rb") as pack:
        data = os.pread(pack.fileno(), entry.size, entry.offset)
    if b"\0" in data[:_LOOKED_AT]:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _lines(name: str, text: str | None) -> list[str]:
    if text is None:
        return []
    if name.endswith(".ipynb"):
        text = _cells(text)
    return text.splitlines(keepends=True)


def _cells(text: str) -> str:
    """Return what the cells of a notebook say, as a script has cells; the text itself where it is no notebook."""
    try:
        notebook = json.loads(text)
        cells = [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]
    except (ValueError, KeyError, TypeError):
        return text
    return "".join(f"# %%{'' if kind == 'code' else f' [{kind}]'}\n{source.rstrip()}\n\n" for kind, source in cells)


def _unified(name: str, before: list[str], after: list[str]) -> tuple[str | None, str | None]:
    if before == after:
        return None, "only what its cells have put out"
    if len(before) + len(after) > _MOST_LINES:
        return None, f"more than {_MOST_LINES:,} lines"
    lines = difflib.unified_diff(before, after, f"a/{name}", f"b/{name}")
    cut = "\n\\ No newline at end of file\n"
    return "".join(line if line.endswith("\n") else f"{line}{cut}" for line in lines), None


def as_text(diff: CodeDiff) -> str:
    """Spell it as one text, as ``diff -ru`` does."""
    parts = [one.diff or f"{one.name}: {one.change}, {one.why}\n" for one in diff.files]
    parts += [f"{diff.more} more files differ.\n"] if diff.more else []
    return "".join(parts)
