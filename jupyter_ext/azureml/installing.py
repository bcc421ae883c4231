"""Every Python of an environment finds ``azureml``: two small files among its packages, and nothing else.

A startup file of IPython would reach the kernels of every environment of the user, and no script. A ``.pth`` file is
of one environment. Its module costs an interpreter's start less than can be measured: it brings the package in at the
first ``import azureml``, not before.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import site
import sysconfig
from pathlib import Path

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

_MODULE = "_jupyter_aml_enabled"
_LINE = f"import {_MODULE}\n"
_TEXT = '''\
"""Written by "jupyter aml enable", removed by "jupyter aml disable": import azureml finds jupyter-aml's modules."""

import os
import sys


class _Azureml:
    """Stands last, so that whatever is really installed is found before it."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] != "azureml" or "AML_RUN_DIR" in os.environ or self not in sys.meta_path:
            return None
        sys.meta_path.remove(self)
        try:
            from jupyter_ext.azureml.finding import late_spec
        except ImportError:
            return None
        return late_spec(name)


sys.meta_path.append(_Azureml())
'''


def places() -> list[Path]:
    """Return where the files may be: among the environment's packages, or among this user's."""
    found = [Path(sysconfig.get_paths()["purelib"])]
    if site.ENABLE_USER_SITE:
        found.append(Path(site.getusersitepackages()))
    return found


def written() -> list[Path]:
    """Return the files that are there."""
    files = [file for folder in places() for file in _files(folder)]
    return [file for file in files if file.exists()]


def install() -> list[Path]:
    """Write the files; return them.

    Raises
    ------
    UserErrorException
        No place may be written to.
    """
    for folder in places():
        pth, module = _files(folder)[:2]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            module.write_text(_TEXT, encoding="utf-8")
            pth.write_text(_LINE, encoding="utf-8")  # last: it names the module
        except OSError:
            continue
        return [module, pth]
    raise UserErrorException(
        f"{places()[0]} cannot be written to: have its owner run 'jupyter aml enable', or use a virtual environment."
    )


def remove() -> list[Path]:
    """Remove the files; return those that were there.

    Raises
    ------
    UserErrorException
        One may not be removed.
    """
    removed = written()
    try:
        for file in removed:
            file.unlink()
    except OSError as error:
        raise UserErrorException(
            f"{error.filename} cannot be removed: {error.strerror}. Have its owner disable it."
        ) from None
    for folder in {file.parent for file in removed if file.suffix == ".pyc"}:
        with contextlib.suppress(OSError):  # others have theirs there
            folder.rmdir()
    return removed


def _files(folder: Path) -> list[Path]:
    module = folder / f"{_MODULE}.py"
    return [folder / f"{_MODULE}.pth", module, Path(importlib.util.cache_from_source(os.fspath(module)))]
