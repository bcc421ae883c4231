"""``registry``: the registry that gets every image of the workspace, so that other machines can pull it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from jupyter_ext.commands.answer import Answer, Table
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.image_registry import read_registry

if TYPE_CHECKING:
    from argparse import Namespace

    from jupyter_ext.core.workspaces.workspace import Workspace
    from jupyter_ext.store.image_registry import ImageRegistry

_ELSEWHERE = "the keyring, or what 'docker login' has stored"


def registry(workspace: Workspace, options: Namespace) -> Answer:
    """Tell which registry gets the workspace's images, name another, or name none any more."""
    if options.action == "set":
        return _set(workspace, options)
    if options.action == "remove":
        return _remove(workspace)
    found = read_registry(workspace._paths.environments)
    if found is None:
        return Answer(None, text="Images stay on this machine: 'registry set ADDRESS' names a registry that gets them.")
    facts = _facts(found)
    if found.password_variable and not facts["password_is_set"]:
        facts["password"] += ", which is not set here"
    rows = [(name, str(facts[name] or "")) for name in ("address", "username", "password")]
    return Answer(facts, [Table(("", ""), [row for row in rows if row[1]])])


def _set(workspace: Workspace, options: Namespace) -> Answer:
    if options.password_env and not options.username:
        raise UserErrorException("--password-env needs --username: whose password does the variable hold?")
    workspace.set_image_registry(options.address, options.username, options.password_env)
    found = read_registry(workspace._paths.environments)
    assert found is not None  # noqa: S101 - it was named just now
    facts = _facts(found)
    text = f"Every image is pushed to {found.address} when it is built, with the password in {facts['password']}."
    if found.password_variable and not facts["password_is_set"]:
        text += f" Set {found.password_variable} before a build: it is not set here."
    return Answer(facts, text=text)


def _remove(workspace: Workspace) -> Answer:
    found = read_registry(workspace._paths.environments)
    if found is None:
        return Answer(None, text="No registry is named.")
    workspace.set_image_registry(None)
    return Answer(None, text=f"Images stay on this machine from now on; what {found.address} has stays there.")


def _facts(found: ImageRegistry) -> dict[str, Any]:
    variable = found.password_variable
    return {
        "address": found.address,
        "username": found.username,
        "password": f"the environment variable {variable}" if variable else _ELSEWHERE,
        "password_variable": variable,
        "password_is_set": bool(os.environ.get(variable)) if variable else None,
    }
