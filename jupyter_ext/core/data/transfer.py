"""Files between this machine and a datastore, told of in v1's words."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.data.data_files import at_once, copy, entries, link
from jupyter_ext.store.data.data_records import Source
from jupyter_ext.store.data.data_upload import put
from jupyter_ext.store.data.places import datastore_place

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_ext.store.data.data_files import Entry

    from .datastore import Datastore


def upload_folder(
    datastore: Datastore, folder: str, target: str, *, overwrite: bool, show_progress: bool, pattern: str = "**"
) -> int:
    """Copy what a folder holds to a datastore; see :meth:`Datastore.upload`."""
    root = Path(folder).expanduser()
    if not root.is_dir():
        what = "is a file: use upload_files" if root.is_file() else "is not there"
        raise UserErrorException(f"The folder {folder} {what}.")
    found = root.rglob("*") if pattern == "**" else root.glob(pattern)
    files = sorted(file for file in found if file.is_file())
    pairs = [(file, file.relative_to(root).as_posix()) for file in files]
    return _upload(datastore, pairs, target, overwrite=overwrite, show_progress=show_progress)


def upload_files(
    datastore: Datastore,
    files: list[str],
    relative_root: str | None,
    target: str,
    *,
    overwrite: bool,
    show_progress: bool,
) -> int:
    """Copy files to a datastore; see :meth:`Datastore.upload_files`."""
    if isinstance(files, str):
        raise UserErrorException(f"files is a list of paths: [{files!r}].")
    pairs = []
    for name in files:
        file = Path(name).expanduser().absolute()
        if not file.is_file():
            raise UserErrorException(
                f"There is no file {name}" + (": use upload for a folder." if file.is_dir() else ".")
            )
        root = Path(relative_root).expanduser().absolute() if relative_root else file.parent
        if not file.is_relative_to(root):
            raise UserErrorException(f"{name} does not lie under relative_root, {relative_root}.")
        pairs.append((file, file.relative_to(root).as_posix()))
    return _upload(datastore, pairs, target, overwrite=overwrite, show_progress=show_progress)


def download(datastore: Datastore, target: str, prefix: str, *, overwrite: bool, show_progress: bool) -> int:
    """Copy files from a datastore; see :meth:`Datastore.download`."""
    say = _teller(show=show_progress)
    root = datastore_place(datastore.workspace._paths, datastore.name)
    if not root.under(prefix).exists():
        return 0
    found = entries(datastore.workspace._paths, [Source(datastore=datastore.name, path=prefix)])
    folder = Path(target).expanduser()
    for number, entry in enumerate(found, 1):
        name = posixpath.relpath(entry.place.path, root.path)
        file = folder / name
        if file.exists() and not overwrite:
            say(f"Target already exists. Skipping download for {name}")
            continue
        say(f"Downloading {name}")
        copy(entry, file)
        say(f"Downloaded {name}, {number} files out of an estimated total of {len(found)}")
    return len(found)


def download_entries(found: list[Entry], target: str, *, overwrite: bool) -> list[str]:
    """Copy the files of a dataset into a folder; return their paths.

    Raises
    ------
    UserErrorException
        One is there, and ``overwrite`` is False; nothing is copied then.
    """
    folder = Path(target).expanduser().absolute()
    taken = next((folder / entry.name for entry in found if (folder / entry.name).exists()), None)
    if taken is not None and not overwrite:
        raise UserErrorException(f"{taken} is there already: pass overwrite=True to write over it.")
    at_once(lambda entry: copy(entry, folder / entry.name), found)
    return [str(folder / entry.name) for entry in found]


def link_entries(found: list[Entry], folder: str, cache: Callable[[Entry], Path]) -> None:
    """Lay the files of a dataset out in a folder: links to local ones, copies of remote ones."""
    for entry, here in zip(found, at_once(lambda entry: entry.local or cache(entry), found), strict=True):
        target = Path(folder) / entry.name
        target.parent.mkdir(parents=True, exist_ok=True)
        if entry.local is None:
            link(here, target)
        else:
            target.symlink_to(here)


def _upload(
    datastore: Datastore, pairs: list[tuple[Path, str]], target: str, *, overwrite: bool, show_progress: bool
) -> int:
    say = _teller(show=show_progress)
    place = datastore_place(datastore.workspace._paths, datastore.name).under(target)
    say(f"Uploading an estimated of {len(pairs)} files")
    done = 0
    for file, name in pairs:
        to = place.under(name)
        if not overwrite and to.exists():
            say(f"Target already exists. Skipping upload for {posixpath.join(target, name)}")
            continue
        local = file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
        say(f"Uploading {local}")
        put(file, to)
        done += 1
        say(f"Uploaded {local}, {done} files out of an estimated total of {len(pairs)}")
    say(f"Uploaded {done} files")
    return done


def _teller(*, show: bool) -> Callable[[str], None]:
    def say(text: str) -> None:
        if show:
            print(text, flush=True)  # noqa: T201 - v1's words

    return say
