"""``data``: the registered datasets, one of them, and another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_ext.commands.answer import Answer, Table
from jupyter_ext.core.data.dataset import Dataset
from jupyter_ext.core.data.datastore import Datastore
from jupyter_ext.core.times import iso
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.data import data_cache, datastores
from jupyter_ext.store.data.places import shown
from jupyter_ext.store.spelling import size_text

if TYPE_CHECKING:
    from argparse import Namespace

    from jupyter_ext.core.workspaces.workspace import Workspace

_SHOWN_FILES = 10


def data(workspace: Workspace, options: Namespace) -> Answer:
    """List the registered datasets, tell about one, register one, or give back the disk of copies."""
    if options.action == "register":
        return _register(workspace, options)
    if options.action == "prune":
        return _prune(workspace, dry=options.dry_run)
    if options.action == "show":
        return _show(find_dataset(workspace, options.dataset))
    found = [_facts(one) for one in Dataset.get_all(workspace).values()]
    if not found:
        return Answer([], text="No dataset is registered yet: %aml data register NAME PATH makes one.")
    rows = [
        (one["name"], str(one["version"]), one["kind"], ", ".join(one["sources"]), one["created"][:19]) for one in found
    ]
    return Answer(found, [Table(("dataset", "version", "kind", "files", "created"), rows)])


def find_dataset(workspace: Workspace, text: str) -> Any:
    """Return the registered dataset that ``NAME`` or ``NAME:VERSION`` means.

    Raises
    ------
    UserErrorException
        There is none.
    """
    name, _, version = text.partition(":")
    return Dataset.get_by_name(workspace, name, version or "latest")


def new_dataset(workspace: Workspace, path: str, folder: Path, *, table: bool = False) -> Any:
    """Return a dataset of a path, a URL, or ``DATASTORE:PATH``.

    Parameters
    ----------
    folder
        Where relative paths begin.
    table
        Whether it is a table.

    Raises
    ------
    UserErrorException
        There is nothing.
    """
    store, colon, inner = path.partition(":")
    where: Any = path
    if colon and store in datastores.names(workspace._paths):
        where = (Datastore(workspace, store), inner)
    elif "://" not in path:
        where = str(folder / Path(path).expanduser())
    return Dataset.auto_read_files(where) if table else Dataset.File.from_files(where)


def _register(workspace: Workspace, options: Namespace) -> Answer:
    made = new_dataset(workspace, options.path, Path.cwd(), table=options.table)
    registered = made.register(workspace, options.name, description=options.description, create_new_version=True)
    return Answer(_facts(registered), text=f"{registered.name}:{registered.version} is registered.")


def _prune(workspace: Workspace, *, dry: bool) -> Answer:
    gone, stay = data_cache.prune(workspace._paths, workspace._catalogue, dry=dry)
    told = {"bytes": gone.size, "files": gone.files, "kept": stay.files}
    left = (
        f"; {stay.files} stay, which a run that goes on may use, or somebody has just asked for" if stay.files else ""
    )
    if not gone.files:
        return Answer(told, text=f"There are no copies of remote files to remove{left}.")
    what = f"{gone.files} cop{'y' if gone.files == 1 else 'ies'} of remote files"
    verb = "would be removed, and give" if dry else "are removed, and gave"
    return Answer(told, text=f"{what} {verb} back {size_text(gone.size)}{left}. They are fetched again when needed.")


def _show(dataset: Any) -> Answer:
    facts = _facts(dataset)
    try:
        entries = dataset._entries()
    except UserErrorException as error:
        return Answer({**facts, "error": error.message}, [_about(facts)], error.message)
    size = sum(entry.size or 0 for entry in entries)
    told = [(entry.name, "" if entry.size is None else size_text(entry.size)) for entry in entries[:_SHOWN_FILES]]
    if len(entries) > _SHOWN_FILES:
        told.append((f"and {len(entries) - _SHOWN_FILES} more", ""))
    title = f"{len(entries)} file{'' if len(entries) == 1 else 's'}, {size_text(size)}"
    told_all = {**facts, "paths": [entry.name for entry in entries]}
    return Answer(told_all, [_about(facts), Table(("", ""), told, title)])


def _about(facts: dict[str, Any]) -> Table:
    rows = [
        (key, ", ".join(map(str, value)) if isinstance(value, list) else str(value)) for key, value in facts.items()
    ]
    return Table(("", ""), [row for row in rows if row[1] not in ("None", "", "{}")])


def _facts(dataset: Any) -> dict[str, Any]:
    record = dataset._record
    return {
        "name": record.name,
        "version": record.version,
        "id": record.id,
        "kind": record.table.get("format", "files").replace("_", " "),
        "sources": [f"{one.datastore}:{one.path}" if one.datastore else shown(one.path) for one in record.sources],
        "description": record.description,
        "tags": record.tags,
        "created": iso(record.created),
        "run_id": record.run_id,
    }
