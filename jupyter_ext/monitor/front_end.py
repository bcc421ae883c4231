"""Where what is shown goes to."""

from __future__ import annotations

import sys
from typing import Any


def in_notebook(shell: Any = None) -> bool:
    """Tell whether what is displayed goes to a front end, through a kernel.

    Parameters
    ----------
    shell
        IPython's shell; None for this process's, if it has one.
    """
    ipython = sys.modules.get("IPython")
    if shell is None and ipython is not None:
        shell = ipython.get_ipython()
    return hasattr(shell, "kernel")
