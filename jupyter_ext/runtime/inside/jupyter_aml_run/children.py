"""Runs that a script makes inside its own."""

import os
import time

from . import artifacts
from .events import append_event
from .exceptions import UserErrorException
from .records import write_record

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any

_MOST_CHILDREN = 100
_BATCH_TAG = "azureml.batch_child_number"

_made: "list[tuple[int, str]]" = []  # by which process, and where


def make_child(parent_dir: str, parent: "dict[str, Any]", child_id: str, name: "str | None", parent_name: str) -> str:
    """Make the directory of a child run, running.

    Parameters
    ----------
    parent_dir
        The directory of its parent.
    parent
        Its parent's run.json.
    child_id
        Its id.
    name
        Its name, or None.
    parent_name
        Its parent's name for people.

    Returns
    -------
    str
        The directory.

    Raises
    ------
    UserErrorException
        When there is a child with that id, or the id cannot name a folder.
    """
    if child_id != os.path.basename(child_id) or child_id in {"", os.curdir, os.pardir}:
        raise UserErrorException("{!r} cannot be the id of a run; use letters, digits, - and _.".format(child_id))
    folder = os.path.join(parent_dir, "children", child_id)
    try:
        os.makedirs(folder)
    except FileExistsError:
        raise UserErrorException("There is a child run {!r} already; use another run_id.".format(child_id)) from None
    for part in artifacts.LIVE_FOLDERS:
        os.mkdir(os.path.join(folder, part))
    asked = {key: parent.get(key) for key in ("experiment", "workspace", "subscription_id", "resource_group")}
    asked.update(
        run_id=child_id,
        type=None,
        created=time.time(),
        parent=parent["run_id"],
        number=len(os.listdir(os.path.join(parent_dir, "children"))),
        display_name="{}>{}".format(parent_name, name) if name else child_id,
        target=parent.get("target"),
        tags={},
        properties={},
    )
    write_record(os.path.join(folder, "run.json"), asked)
    append_event(folder, status="Running")
    _made.append((os.getpid(), folder))
    return folder


def made_here() -> "list[str]":
    """Give the directories of the child runs that this process has made, the last first."""
    return [folder for pid, folder in reversed(_made) if pid == os.getpid()]


def tags_of_children(
    count: "int | None", tag_key: "str | None", tag_values: "list[Any] | None"
) -> "list[dict[str, Any]]":
    """Give the tags of each child that ``create_children`` makes.

    Parameters
    ----------
    count
        How many, at most 100.
    tag_key
        Instead of `count`: the tag by which they differ.
    tag_values
        Its value for each of them.

    Raises
    ------
    UserErrorException
        When neither or both forms are used, or there would be more than 100.
    """
    if (count is None) == (tag_key is None) or (tag_key is None) != (tag_values is None):
        raise UserErrorException("create_children() takes either a count, or a tag_key and its tag_values.")
    values = list(tag_values) if tag_values is not None else [None] * int(count or 0)
    if not 1 <= len(values) <= _MOST_CHILDREN:
        raise UserErrorException("create_children() makes 1 to {} runs at a time.".format(_MOST_CHILDREN))
    return [
        {_BATCH_TAG: number} if tag_key is None else {_BATCH_TAG: number, tag_key: value}
        for number, value in enumerate(values)
    ]
