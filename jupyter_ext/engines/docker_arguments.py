"""The options of ``docker run`` that v1 notebooks pass, as docker-py's keywords."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any, NoReturn

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UserErrorException(f"The docker arguments cannot be used: {message}.")


def _parser() -> _Parser:
    parser = _Parser(add_help=False, allow_abbrev=False, prog="docker run")
    add = parser.add_argument
    add("--ipc", dest="ipc_mode")
    add("--pid", dest="pid_mode")
    add("--network", "--net", dest="network_mode")
    add("--hostname", "-h")
    add("--shm-size")
    add("--memory", "-m", dest="mem_limit")
    add("--memory-swap", dest="memswap_limit")
    add("--cpus", type=float)
    add("--cpuset-cpus")
    add("--runtime")
    add("--user", "-u")
    add("--privileged", action="store_true", default=None)
    add("--read-only", action="store_true", default=None)
    add("--gpus")
    add("--env", "-e", action="append", default=[])
    add("--volume", "-v", action="append", default=[])
    add("--cap-add", action="append")
    add("--cap-drop", action="append")
    add("--security-opt", action="append")
    add("--device", dest="devices", action="append")
    add("--dns", action="append")
    add("--group-add", action="append")
    add("--tmpfs", action="append", default=[])
    add("--add-host", action="append", default=[])
    add("--ulimit", action="append", default=[])
    add("--label", "-l", action="append", default=[])
    return parser


def container_options(arguments: list[str]) -> dict[str, Any]:
    """Return docker-py's keywords for ``arguments``.

    Raises
    ------
    UserErrorException
        An option is not known, or its value does not fit.
    """
    given = _words(arguments)
    options = vars(_parser().parse_args(given))
    result = {name: value for name, value in options.items() if value not in (None, [])}
    if "cpus" in result:
        result["nano_cpus"] = int(result.pop("cpus") * 1e9)
    if "env" in result:
        result["environment"] = dict(pair for text in result.pop("env") for pair in _variable(text))
    if "volume" in result:
        result["volumes"] = [_volume(text) for text in result.pop("volume")]
    if "add_host" in result:
        result["extra_hosts"] = dict(_pair(text, ":") for text in result.pop("add_host"))
    if "tmpfs" in result:
        result["tmpfs"] = dict(_pair(text, ":") for text in result.pop("tmpfs"))
    if "label" in result:
        result["labels"] = dict(_pair(text, "=") for text in result.pop("label"))
    if "ulimit" in result:
        result["ulimits"] = [_ulimit(text) for text in result.pop("ulimit")]
    if "gpus" in result:
        result["device_requests"] = [_gpus(result.pop("gpus"))]
    return result


def without_secrets(arguments: list[str], is_secret: Callable[[str], object]) -> tuple[list[str], dict[str, str]]:
    """Return the arguments without the ``-e NAME=VALUE`` whose names are secret, and those variables."""
    kept: list[str] = []
    secret: dict[str, str] = {}
    for word in _words(arguments):
        option, equals, rest = word.partition("=")
        text = rest if option == "--env" and equals else word
        name, equals, value = text.partition("=")
        is_variable = text is not word or (kept and kept[-1] in ("-e", "--env"))
        if is_variable and equals and is_secret(name):
            secret[name] = value
            if text is word:
                kept.pop()
        else:
            kept.append(word)
    return kept, secret


def _words(arguments: list[str]) -> list[str]:
    """Return options and values, each by itself: notebooks also write ``--ipc host`` as one text."""
    words: list[str] = []
    for argument in arguments:
        option, _, value = argument.partition(" ")
        if argument.startswith("-") and value and "=" not in option:
            words += [option, value.strip()]
        else:
            words.append(argument)
    return words


def _variable(text: str) -> Iterator[tuple[str, str]]:
    """Yield a variable for the container; without a value it is the one of this process, as Docker has it."""
    if "=" in text:
        yield _pair(text, "=")
    elif text in os.environ:
        yield text, os.environ[text]


def _pair(text: str, mark: str) -> tuple[str, str]:
    name, _, value = text.partition(mark)
    return name, value


def _volume(text: str) -> str:
    if not text.partition(":")[2]:
        raise UserErrorException(f"The docker argument -v {text} has no folder in the container: write HOST:CONTAINER.")
    return text


def _ulimit(text: str) -> dict[str, Any]:
    name, _, limits = text.partition("=")
    soft, _, hard = limits.partition(":")
    if not soft.lstrip("-").isdigit():
        raise UserErrorException(f"The docker argument --ulimit {text} is not NAME=SOFT[:HARD] with whole numbers.")
    return {"Name": name, "Soft": int(soft), "Hard": int(hard or soft)}


def _gpus(text: str) -> dict[str, Any]:
    count = -1 if text == "all" else int(text) if text.isdigit() else None
    if count is not None:
        return {"Driver": "", "Count": count, "DeviceIDs": [], "Capabilities": [["gpu"]], "Options": {}}
    devices = text.strip("\"'")
    if not devices.startswith("device="):
        raise UserErrorException(f"The docker argument --gpus {text} is neither 'all', a number, nor 'device=0,1'.")
    ids = devices.removeprefix("device=").split(",")
    return {"Driver": "", "Count": 0, "DeviceIDs": ids, "Capabilities": [["gpu"]], "Options": {}}
