"""Addresses that carry a user, a password or a token: how they are shown, kept and asked."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from urllib.request import Request

# up to the last @, since a password may hold one; ? and # are taken for parts of a password too, rather than shown
_USER_IN_TEXT = re.compile(r"(?<=://)([^/\s\"]+)@")
_USER = re.compile(r"(?<=://)([^/]+)@")  # of one address: a password may hold a blank
_TOKEN = re.compile(r"(https?://[^\s\"]*?/)t/([^/\s\"',;]+)(/?)")  # as conda channels have it
_VARIABLE = re.compile(r"\$\{\w+\}")
_PARTS = re.compile(r"([^/]*://)([^/?#]*)@(.*)", re.DOTALL)
_CONTAINER = ("abfs://", "abfss://", "wasb://", "wasbs://")  # what stands before @ there is a container's name


def without_passwords(text: str, mask: str = "", *, variables: bool = False) -> str:
    """Take users, passwords and conda's tokens out of the addresses in a text.

    Parameters
    ----------
    mask
        What stands in their place; where it is empty, the address reads as if they had never been there.
    variables
        Whether ``${NAME}`` in place of a whole password or token stays.
    """

    def token(match: re.Match[str]) -> str:
        if variables and _VARIABLE.fullmatch(match[2]):
            return match[0]
        return f"{match[1]}t/{mask}{match[3]}" if mask else match[1][: None if match[3] else -1]

    return _TOKEN.sub(token, _without_users(_USER_IN_TEXT, text, mask, variables))


def without_user(address: str) -> str:
    """Return one address without user and password."""
    return _without_users(_USER, address, "", variables=False)


def has_user(text: str) -> bool:
    """Tell whether an address in a text carries a user or a password."""
    return any(not _is_open(match) for match in _USER_IN_TEXT.finditer(text))


def scrubbed(text: str, address: str) -> str:
    """Take what is secret of one address out of a text that speaks of it, in whatever form.

    Parameters
    ----------
    address
        With its scheme, or as a driver takes it: without.
    """
    user = (address.partition("://")[2] or address).partition("/")[0].rpartition("@")[0]
    password = user.partition(":")[2]
    until = re.split("[?#]", password)[0]  # where a driver sees its end
    for secret in (user, password, unquote(password), until, address.partition("?")[2]):
        text = text.replace(secret, "***") if secret else text
    return without_passwords(text, "***")


def request_to(address: str) -> Request:
    """Return what asks an http address; its user and password go to that server and to no other it leads to."""
    from urllib.request import Request  # noqa: PLC0415 - few ask

    parts = _PARTS.fullmatch(address)
    if parts is None:
        return Request(address)  # noqa: S310 - callers have http and https only
    request = Request(parts[1] + parts[3])  # noqa: S310 - callers have http and https only
    user, _, password = parts[2].partition(":")
    pair = f"{unquote(user)}:{unquote(password)}".encode()
    request.add_unredirected_header("Authorization", f"Basic {base64.b64encode(pair).decode()}")
    return request


def _without_users(pattern: re.Pattern[str], text: str, mask: str, variables: bool) -> str:
    def user(match: re.Match[str]) -> str:
        name, _, password = match[1].partition(":")
        if _is_open(match) or (variables and _VARIABLE.fullmatch(password or name)):
            return match[0]
        return f"{mask}@" if mask else ""

    return pattern.sub(user, text)


def _is_open(match: re.Match[str]) -> bool:
    """Tell whether what stands before @ is no secret."""
    container = ":" not in match[1] and match.string.endswith(_CONTAINER, 0, match.start())
    return match[1] == "git" or container
