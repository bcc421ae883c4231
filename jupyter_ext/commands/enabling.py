"""``enable``, ``disable`` and ``status``: whether every kernel of this environment finds ``azureml``."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from jupyter_ext.azureml import finding, installing
from jupyter_ext.commands.answer import Answer, Table
from jupyter_ext.store.paths import home

if TYPE_CHECKING:
    from argparse import Namespace


def enable(options: Namespace) -> Answer:
    """Let every kernel and script of this environment import ``azureml``."""
    del options
    files = installing.install()
    real = finding.real_sdk()
    text = f"Every kernel of {sys.prefix} that starts from now on finds azureml."
    if real is not None:
        text = f"The real SDK is installed ({real}) and goes first; ours is found once it is gone."
    return _told(text + " 'jupyter aml disable' takes it back.", "written", files)


def disable(options: Namespace) -> Answer:
    """Take back what :func:`enable` has written."""
    del options
    files = installing.remove()
    text = "Nothing of it is left." if files else "It was not enabled."
    return _told(text, "removed", files)


def status(options: Namespace) -> Answer:
    """Tell whether ``azureml`` is found, and by what."""
    del options
    files, real = installing.written(), finding.real_sdk()
    enabled = any(file.suffix == ".pth" for file in files)
    if real is not None:
        found = f"the real SDK, {real}"
    else:
        found = "jupyter-aml, in every kernel" if enabled else "jupyter-aml, after %load_ext jupyter_ext"
    facts: dict[str, Any] = {
        "enabled": enabled,
        "azureml": found,
        "version": version("jupyter-aml"),
        "python": sys.executable,
        "home": str(home()),
        "files": [os.fspath(file) for file in files],
    }
    rows = [(name, _text(value)) for name, value in facts.items() if value != []]
    return Answer(facts, [Table(("", ""), rows)])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _told(text: str, what: str, files: list[Any]) -> Answer:
    names = [os.fspath(file) for file in files]
    return Answer({what: names}, [Table((what,), [(name,) for name in names])], text)
