"""The notebook's own values in a line: ``$name`` and ``{expression}``."""

from __future__ import annotations

import re
from typing import Any

_PLACE = re.compile(r"\$\$|\$([A-Za-z_]\w*)|\{([^{}]+)\}")


def expanded(line: str, names: dict[str, Any]) -> str:
    """Return the line with each ``$name`` and ``{expression}`` that means something in the notebook filled in.

    What means nothing there stays as it is, alone: a JSON argument, or a variable of the run's own environment.
    IPython itself leaves the whole line as it is then. ``$$`` is a dollar sign.
    """

    def fill(match: re.Match[str]) -> str:
        name, expression = match.groups()
        if name is not None:
            return str(names[name]) if name in names else match[0]
        if expression is None:
            return "$"
        try:
            return str(eval(expression, dict(names)))  # noqa: S307 - the user's own expression, as in IPython
        except Exception:  # noqa: BLE001 - it was no expression, or not one of this notebook
            return match[0]

    return _PLACE.sub(fill, line)
