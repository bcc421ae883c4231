"""Brings a run's files to a node by their content, and only what the node has not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ext.engines.ray.cluster import asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_ext.engines.ray.cluster import FarAgent
    from jupyter_ext.store.paths import WorkspacePaths
    from jupyter_ext.store.snapshots.manifest import Entry

_PIECE = 8 * 1024 * 1024


def send(agent: FarAgent, workspace: WorkspacePaths, entries: list[Entry], files: dict[str, bytes]) -> int:
    """Lay a run out on a node; return how many bytes of its files had to be sent.

    Parameters
    ----------
    agent
        The node's.
    workspace
        Whose run it is.
    entries
        What belongs into the run directory: each content lies in a pack of the workspace, or in a file of its own.
    files
        What else belongs into the run directory, by name.
    """
    by_digest = {one.digest: one for one in entries if one.kind == "f" and one.size}
    missing = asked(agent, "missing", list(by_digest)) if by_digest else []
    sent = 0
    for parts, data, last in _pieces(workspace, [by_digest[digest] for digest in missing]):
        asked(agent, "keep", parts, data, last)
        sent += len(data)
    laid = [(one.name, one.kind, one.mode, one.size, one.digest) for one in entries]
    asked(agent, "lay_out", laid, files)
    return sent


def _pieces(workspace: WorkspacePaths, entries: list[Entry]) -> Iterator[tuple[list[tuple[str, int]], bytes, bool]]:
    """Yield large pieces: the digests that begin in each, or nothing for the rest of one before, with their sizes."""
    parts: list[tuple[str, int]] = []
    gathered: list[bytes] = []
    size = 0
    for entry in entries:
        with (workspace.objects / entry.pack).open("rb", buffering=0) as pack:
            pack.seek(entry.offset)
            done = 0
            while done < entry.size:
                data = pack.read(min(_PIECE - size, entry.size - done))
                if not data:
                    raise OSError(f"the stored content of {entry.name} is cut: submit the folder again")
                parts.append(("" if done else entry.digest, len(data)))
                gathered.append(data)
                done += len(data)
                size += len(data)
                if size == _PIECE:
                    yield parts, b"".join(gathered), False
                    parts, gathered, size = [], [], 0
    if entries:
        yield parts, b"".join(gathered), True
