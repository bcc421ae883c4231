"""Files of this machine that requirement lines name, on their way into an image: told apart by content alone."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from jupyter_ext.build import contexts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_ext.build.requirements import Requirements

FOLDER = "local"
INSIDE = f"/opt/aml/{FOLDER}"
_LEFT_OUT = frozenset({"__pycache__", ".git", ".ipynb_checkpoints", ".venv", "node_modules"})
_FIND_LINKS = re.compile(r"\s*(?:-f|--find-links)[\s=]+(file:\S+|/\S+)")
_NOT_PLAIN = re.compile(r"[^\w.+!-]", re.ASCII)  # what a name in an image does without


def digest(pip: Requirements) -> list[str]:
    """Return what tells that the files and folders that lines name have changed."""
    return [_digest(path) for path in paths(pip)]


def paths(pip: Requirements) -> list[Path]:
    """Return the files and folders that lines name, each once."""
    linked = [path for line in pip.effective for path in [_linked(line)] if path]
    return list(dict.fromkeys([*pip.local, *linked]))


def said(pip: Requirements, least: int) -> list[str]:
    """Return the lines that tell how large folders are that have so many bytes."""
    folders = [_context(path) for path in paths(pip) if path.is_dir()]
    return [one.said().replace("The build context", "The folder") for one in folders if one.size >= least]


def copy(pip: Requirements, folder: Path) -> list[str]:
    """Copy what lines name, and return the lines as they are in the image.

    Parameters
    ----------
    pip
        The lines.
    folder
        Of a build context: the files go into its folder ``local``.
    """
    inside: dict[Path, str] = {}
    for number, path in enumerate(paths(pip)):
        name = f"{number}/{_NOT_PLAIN.sub('_', path.name) or 'folder'}"
        _copy(path, folder / FOLDER / name)
        inside[path] = f"{INSIDE}/{name}"
    return [_there(line, pip, inside) for line in pip.lines]


def _there(line: str, pip: Requirements, inside: Mapping[Path, str]) -> str:
    """Return a line with the path that its file has in the image."""
    linked, named = _linked(line), pip.named.get(line)
    if linked:
        return f"--find-links {inside[linked]}"
    return f"{named.before}{inside[named.path]}{named.after}" if named else line


def _linked(line: str) -> Path | None:
    """Return the folder of this machine that packages are looked for in, if a line names one."""
    match = _FIND_LINKS.match(line)
    if match is None:
        return None
    path = Path(unquote(match.group(1).removeprefix("file://").removeprefix("file:")))
    return path if path.exists() else None


def _context(path: Path) -> contexts.Context:
    return contexts.Context(path, "", _LEFT_OUT)


def _digest(path: Path) -> str:
    if path.is_dir():
        return contexts.fingerprint(_context(path))
    return f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def _copy(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True)
    if not path.is_dir():
        shutil.copyfile(path, to)
        return
    to.mkdir()
    for name, source, _ in _context(path).files:
        target = to / name
        if Path(source).is_dir() and not Path(source).is_symlink():
            target.mkdir(exist_ok=True)
        else:
            shutil.copy2(source, target, follow_symlinks=False)
