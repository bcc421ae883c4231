"""Secrets that have to be kept: sealed, so that no file of a workspace holds one in the clear.

The key is this user's own, outside of every workspace and readable by its owner alone: a workspace that is copied,
archived or put into a container takes no secret with it.
"""

from __future__ import annotations

import hmac
import os
from typing import TYPE_CHECKING
from urllib.parse import quote

from blake3 import blake3

from .paths import home

if TYPE_CHECKING:
    from pathlib import Path

    from .paths import WorkspacePaths

_BYTES = 32
_NONCE_BYTES = 24


class Vault:
    """The sealed secrets of a workspace, by name.

    Parameters
    ----------
    paths
        The workspace.
    """

    def __init__(self, paths: WorkspacePaths) -> None:
        self._folder = paths.secrets

    def put(self, name: str, value: str) -> None:
        """Keep a secret, in place of one of this name."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._file(name)
        part = file.with_name(f".{file.name}.{os.getpid()}-{os.urandom(4).hex()}")
        _write_private(part, _seal(value.encode(), _key()))
        part.replace(file)

    def get(self, name: str) -> str | None:
        """Return a secret; None where there is none, or none that this user's key opens."""
        try:
            sealed = self._file(name).read_bytes()
        except FileNotFoundError:
            return None
        opened = _open(sealed, _key())
        return None if opened is None else opened.decode()

    def delete(self, name: str) -> None:
        """Forget a secret; harmless where there is none."""
        self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self._folder / quote(name, safe="")


def _seal(data: bytes, key: bytes) -> bytes:
    """Encrypt with BLAKE3's keyed output as the key stream, and sign what came out."""
    nonce = os.urandom(_NONCE_BYTES)
    hidden = _mask(data, nonce, key)
    return nonce + _sign(nonce + hidden, key) + hidden


def _open(sealed: bytes, key: bytes) -> bytes | None:
    nonce, signature = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES : _NONCE_BYTES + _BYTES]
    hidden = sealed[_NONCE_BYTES + _BYTES :]
    if not hmac.compare_digest(signature, _sign(nonce + hidden, key)):
        return None
    return _mask(hidden, nonce, key)


def _mask(data: bytes, nonce: bytes, key: bytes) -> bytes:
    stream = blake3(nonce, key=_derived(key, "jupyter-aml vault: encrypt")).digest(length=len(data))
    return bytes(one ^ other for one, other in zip(data, stream, strict=True))


def _sign(data: bytes, key: bytes) -> bytes:
    return blake3(data, key=_derived(key, "jupyter-aml vault: sign")).digest()


def _derived(key: bytes, use: str) -> bytes:
    return blake3(key, derive_key_context=use).digest()


def _key() -> bytes:
    file = home() / ".vault-key"
    try:
        return file.read_bytes()
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}-{os.urandom(4).hex()}")
    _write_private(part, os.urandom(_BYTES))
    try:
        os.link(part, file)
    except FileExistsError:
        pass  # another process has made it meanwhile
    finally:
        part.unlink()
    return file.read_bytes()


def _write_private(file: Path, data: bytes) -> None:
    fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as opened:
        opened.write(data)
