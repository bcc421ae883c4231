"""Reads a Dockerfile: its instructions with their lines, its base images, and what cannot be built."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

_ESCAPE = re.compile(r"#\s*escape\s*=\s*([\\`])\s*$", re.IGNORECASE)
_FLAG = re.compile(r"--[a-z-]+(?:=\S+)?\s*")
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))")
_REMOTE = ("http://", "https://", "git@", "<<")


@dataclass(frozen=True)
class Instruction:
    """One instruction; ``line`` counts from 1."""

    line: int
    keyword: str
    value: str

    def __str__(self) -> str:
        return f"{self.keyword} {self.value}"


def parse(text: str) -> list[Instruction]:
    """Return the instructions of a Dockerfile, continued lines joined, comments left out."""
    escape = "\\"
    found: list[Instruction] = []
    started: int | None = None
    parts: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("#") or not stripped:
            directive = _ESCAPE.match(stripped)
            escape = directive.group(1) if directive and not found else escape
            continue
        started = started or number
        parts.append(stripped.removesuffix(escape).strip())
        if not stripped.endswith(escape):
            found.append(_instruction(started, parts))
            started, parts = None, []
    if started is not None:
        found.append(_instruction(started, parts))
    return found


def check(text: str) -> None:
    """Refuse a text that cannot be built.

    Raises
    ------
    UserErrorException
        It is a path to a file that is not there, does not begin with FROM, or copies local files.
    """
    instructions = parse(text)
    if not any(each.keyword == "FROM" for each in instructions):
        raise UserErrorException(_without_from(text))
    for each in instructions:
        if each.keyword == "FROM":
            break
        if each.keyword != "ARG":
            raise UserErrorException(
                f"Line {each.line} of the Dockerfile: {each} stands before FROM, which only ARG may: begin "
                "with FROM and the image to start from."
            )
    for each in instructions:
        _check_copy(each)


def bases(text: str) -> list[str]:
    """Return the images that a Dockerfile starts from, without its own stages and ``scratch``."""
    arguments: dict[str, str] = {}
    stages: set[str] = {"scratch"}
    found: list[str] = []
    for each in parse(text):
        if each.keyword == "ARG" and not found:
            name, _, value = each.value.partition("=")
            arguments[name.strip()] = value.strip().strip("\"'")
        elif each.keyword == "FROM":
            words = _VARIABLE.sub(lambda match: _argument(match, arguments), _FLAG.sub("", each.value)).split()
            if words and words[0].lower() not in stages and words[0] not in found:
                found.append(words[0])
            stages.update(word.lower() for word in words[2:3])
    return found


def registry_of(image: str) -> str | None:
    """Return the registry that an image's name begins with, or None where it names none."""
    first, slash, _ = image.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else None


def _instruction(line: int, parts: list[str]) -> Instruction:
    keyword, _, value = " ".join(part for part in parts if part).partition(" ")
    return Instruction(line, keyword.upper(), value.strip())


def _without_from(text: str) -> str:
    plain = text.strip()
    if plain and len(plain.split()) == 1:
        return f"The Dockerfile {plain!r} was not found: give the path of a file that is there, or its text."
    return "The Dockerfile has no FROM instruction: begin it with FROM and the image to start from."


def _check_copy(instruction: Instruction) -> None:
    if instruction.keyword not in ("COPY", "ADD") or "--from=" in instruction.value:
        return
    local = [source for source in _sources(instruction.value) if not source.startswith(_REMOTE)]
    if local:
        raise UserErrorException(
            f"Line {instruction.line} of the Dockerfile: {instruction} needs the local file {local[0]!r}, "
            "and a Dockerfile given as text has no folder to copy from. Fetch it with RUN or ADD "
            "https://..., or leave it in the run's folder, which is the script's working directory."
        )


def _sources(value: str) -> list[str]:
    plain = _FLAG.sub("", value)
    if plain.startswith("<<"):
        return []
    try:
        words = json.loads(plain) if plain.startswith("[") else plain.split()
    except ValueError:
        words = plain.split()
    return [str(word) for word in words[:-1]]


def _argument(match: re.Match[str], arguments: dict[str, str]) -> str:
    return arguments.get(match.group(1) or match.group(3)) or match.group(2) or ""
