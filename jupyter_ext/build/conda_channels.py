"""Conda channels: their addresses, without what lets one in, and which of them does not answer."""

from __future__ import annotations

import contextlib
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_ext.store.data.addresses import without_passwords

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Iterable

DEFAULT = ("anaconda", "conda-forge")  # v1's, where a specification names none
_OF_ANACONDA = ("https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r")
_ALIAS = "https://conda.anaconda.org"
_VARIABLE = re.compile(r"\$\{(\w+)\}")  # as in requirement lines
_ANSWER_SECONDS = 10


@dataclass(frozen=True)
class Channels:
    """The channels of an environment, the first one's packages first.

    Parameters
    ----------
    addresses
        As they are asked: with the user name, password or token that they were given with.
    """

    addresses: tuple[str, ...]

    @property
    def shown(self) -> tuple[str, ...]:
        """The addresses that may be kept and shown."""
        return tuple(without_passwords(address) for address in self.addresses)

    def opened(self, url: str) -> str:
        """Return the address of a package as a server takes it, from the one that was kept."""
        for address, shown in zip(self.addresses, self.shown, strict=True):
            if url.startswith(shown + "/"):
                return address + url.removeprefix(shown)
        return url

    def named_in(self, text: str) -> str | None:
        """Return the channel that a text speaks of, or None."""
        return next((shown for shown in self.shown if shown + "/" in without_passwords(text)), None)

    async def silent(self) -> str | None:
        """Return a channel that gives no answer within some seconds, or None."""
        import asyncio  # noqa: PLC0415 - finding what is built must not wait for it

        there = await asyncio.gather(*(_asked(address) for address in self.addresses))
        return next((shown for shown, answers in zip(self.shown, there, strict=True) if not answers), None)


def read(names: Iterable[str] | None, folder: Path) -> Channels:
    """Return the channels of a specification.

    Parameters
    ----------
    names
        Names, addresses or folders; None or nothing for v1's own.
    folder
        Where relative paths start.
    """
    found: list[str] = []
    for name in [str(each).strip() for each in names or ()] or DEFAULT:
        if name == "defaults":
            found += _OF_ANACONDA
        elif name != "nodefaults":
            found.append(address(name, folder))
    return Channels(tuple(dict.fromkeys(found)))


def address(name: str, folder: Path) -> str:
    """Return the address of a channel from its name, address or folder."""
    plain = _VARIABLE.sub(lambda match: os.environ.get(match.group(1), match.group()), name.strip().rstrip("/"))
    if "://" in plain:
        return plain
    if plain.startswith((".", "/", "~")):
        return (folder / Path(plain).expanduser()).resolve().as_uri()
    return f"{(os.environ.get('CONDA_CHANNEL_ALIAS') or _ALIAS).rstrip('/')}/{plain}"


def _asked(address: str) -> Future[bool]:
    """Ask a server in a thread that nobody waits for, so that a build which is stopped ends at once."""
    import asyncio  # noqa: PLC0415 - finding what is built must not wait for it

    loop = asyncio.get_running_loop()
    future: Future[bool] = loop.create_future()

    def ask() -> None:
        answers = _answers(address)
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(_set, future, answers)

    threading.Thread(target=ask, daemon=True).start()
    return future


def _set(future: Future[bool], answers: bool) -> None:
    if not future.done():
        future.set_result(answers)


def _answers(address: str) -> bool:
    """Tell whether a server says anything at all."""
    if not address.startswith("http"):
        return True
    import urllib.error  # noqa: PLC0415 - finding what is built must not wait for it
    import urllib.request  # noqa: PLC0415 - finding what is built must not wait for it

    request = urllib.request.Request(f"{without_passwords(address)}/noarch/repodata.json", method="HEAD")  # noqa: S310 - http
    try:
        with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS):  # noqa: S310 - http
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
