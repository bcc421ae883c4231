"""Files behind http and https addresses, with the standard library alone: one at a time, read only."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any

from fsspec import AbstractFileSystem

from .addresses import request_to, without_user

_SECONDS = 60
_BLOCK = 1 << 20
_NOT_THERE = (404, 410)


class WebFiles(AbstractFileSystem):  # type: ignore[misc]
    """What an address gives; a folder has no listing there."""

    protocol = ("http", "https")
    cachable = False

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return path

    def info(self, path: str, **kwargs: Any) -> dict[str, Any]:
        """Ask for a file and tell what is said of it, before its content is read."""
        del kwargs
        with self._ask(path) as answer:
            length = answer.headers.get("Content-Length")
            return {
                "name": path,
                "type": "file",
                "size": int(length) if length else None,
                "ETag": answer.headers.get("ETag"),
                "LastModified": answer.headers.get("Last-Modified"),
            }

    def get_file(self, rpath: str, lpath: str, **kwargs: Any) -> None:
        """Copy a file to this machine."""
        del kwargs
        with self._ask(rpath) as answer, open(lpath, "wb") as file:  # noqa: PTH123 - fsspec gives text
            length, read = answer.headers.get("Content-Length"), 0
            while block := answer.read(_BLOCK):
                file.write(block)
                read += len(block)
        if length and read != int(length):
            raise OSError(f"only {read} of {length} bytes came")

    def _open(self, path: str, mode: str = "rb", **kwargs: Any) -> Any:
        del mode, kwargs
        return self._ask(path)

    def _ask(self, address: str) -> Any:
        request = request_to(address)
        request.add_header("User-Agent", "jupyter-aml")
        try:
            return urllib.request.urlopen(request, timeout=_SECONDS)  # noqa: S310 - http and https only
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in _NOT_THERE:
                raise FileNotFoundError(without_user(address).partition("?")[0]) from None
            raise OSError(f"the server says {error.code} {error.reason}") from None
