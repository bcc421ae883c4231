"""``import jupyter_ext.azureml.enable`` lets ``import azureml.core`` find our modules, in any Python program.

Where the real SDK is installed it goes first, and one line says so. ``%load_ext jupyter_ext`` does the same for a
notebook, and ``jupyter aml enable`` for every kernel of an environment.
"""

from __future__ import annotations

from jupyter_ext.azureml.finding import disable, enable

__all__ = ["disable", "enable"]

_note = enable()
if _note:
    print(_note)  # noqa: T201 - one line, as promised
