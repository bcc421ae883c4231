"""Lets uv honour what the user has told pip: where packages come from, and which certificates count."""

from __future__ import annotations

import configparser
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_INDEX = "UV_DEFAULT_INDEX"
_EXTRA = "UV_INDEX"
_OLD_NAMES = {_INDEX: "UV_INDEX_URL", _EXTRA: "UV_EXTRA_INDEX_URL"}
_TRUE = {"1", "true", "yes", "on", "y"}


def uv_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with pip's settings under uv's names, where uv has none of its own.

    Parameters
    ----------
    environment
        The variables that a program would be started with.
    """
    settings = read(environment)
    result = dict(environment)

    def put(name: str, value: str | None) -> None:
        if value and name not in result and _OLD_NAMES.get(name, name) not in result:
            result[name] = value

    extra = settings.get("extra-index-url", "").split()
    put(_INDEX, settings.get("index-url"))
    put(_EXTRA, " ".join(extra))
    if extra or _EXTRA in result:
        put("UV_INDEX_STRATEGY", "unsafe-best-match")  # pip takes the best version that any index has
    put("UV_FIND_LINKS", ",".join(settings.get("find-links", "").split()))
    put("UV_INSECURE_HOST", " ".join(settings.get("trusted-host", "").split()))
    put("UV_HTTP_TIMEOUT", settings.get("timeout") or settings.get("default-timeout"))
    put("SSL_CERT_FILE", settings.get("cert"))
    if "SSL_CERT_FILE" not in environment and "UV_NATIVE_TLS" not in environment:
        put("UV_SYSTEM_CERTS", "true")
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        if name.lower() not in result:
            put(name, settings.get("proxy"))
    if settings.get("no-index", "").lower() in _TRUE:
        put("UV_NO_INDEX", "1")
    if settings.get("pre", "").lower() in _TRUE:
        put("UV_PRERELEASE", "allow")
    return result


def read(environment: Mapping[str, str]) -> dict[str, str]:
    """Return pip's settings for an install, by their names in a pip.conf, with pip's own precedence.

    Later files go before earlier ones, ``[install]`` before ``[global]``, and ``PIP_*`` before all files.
    """
    sections: dict[str, dict[str, str]] = {"global": {}, "install": {}}
    for path in _files(environment):
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError, OSError):
            continue
        for name, values in sections.items():
            if parser.has_section(name):
                values.update({_normal(key): value for key, value in parser.items(name)})
    settings = {**sections["global"], **sections["install"]}
    for variable, value in environment.items():
        if variable.startswith("PIP_") and value:
            settings[_normal(variable.removeprefix("PIP_"))] = value
    return settings


def _files(environment: Mapping[str, str]) -> list[Path]:
    """Return the places of pip.conf, those that matter most last."""
    own = environment.get("PIP_CONFIG_FILE")
    if own == os.devnull:
        return []
    home = Path(environment.get("HOME") or Path.home())
    if sys.platform == "darwin":
        system = [Path("/Library/Application Support/pip/pip.conf")]
        user = [home / "Library/Application Support/pip/pip.conf"]
    else:
        folders = (environment.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep)
        system = [Path(folder) / "pip/pip.conf" for folder in folders] + [Path("/etc/pip.conf")]
        user = []
    user += [Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "pip/pip.conf"]
    files = [*system, home / ".pip/pip.conf", *user, Path(sys.prefix) / "pip.conf"]
    return [*files, Path(own)] if own else files


def _normal(key: str) -> str:
    return key.strip().lower().replace("_", "-").removeprefix("--")
