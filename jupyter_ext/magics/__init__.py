"""What a cell says: ``%%aml_env``, ``%aml_submit`` and ``%aml``.

Loading this costs a few milliseconds: everything else is imported by the first cell that needs it.
"""

from __future__ import annotations

from jupyter_ext.magics.extension import load, unload

__all__ = ["load", "unload"]
