"""Which package index lets nobody in: where there are several, uv goes on without it and finds no package."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from jupyter_ext.store.data.addresses import request_to, without_passwords

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_OPTION = re.compile(r"\s*(?:-i|--index-url|--extra-index-url)[\s=]+(https?://\S+)")
_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL")
_REFUSED = (401, 403)
_SECONDS = 5


def refusing(package: str, lines: Iterable[str], environment: Mapping[str, str]) -> str | None:
    """Return the address of an index that refuses to tell of a package, or None.

    Parameters
    ----------
    package
        Its name.
    lines
        The requirement lines, which may name indexes.
    environment
        The variables of uv, which may name others.
    """
    named = [match.group(1) for line in lines for match in [_OPTION.match(line)] if match]
    named += [word for name in _VARIABLES for word in environment.get(name, "").split() if word.startswith("http")]
    return next((without_passwords(url) for url in dict.fromkeys(named) if _refuses(url, package)), None)


def _refuses(url: str, package: str) -> bool:
    request = request_to(f"{url.rstrip('/')}/{package}/")
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS):  # noqa: S310 - it begins with http
            return False
    except urllib.error.HTTPError as error:
        return error.code in _REFUSED
    except OSError:
        return False
