"""Reads a Dockerfile: its instructions with their lines, its base images, and what cannot be built."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_KEYWORDS = ["ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL"]
_KEYWORDS += ["MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"]
_IS_STEP = ("FROM", "RUN", "COPY", "ADD", "WORKDIR")  # what BuildKit counts as steps of a stage
_SYNTAX = re.compile(r"#\s*syntax\s*=", re.IGNORECASE)
_HEREDOC = re.compile(r"<<(-?)([\"']?)([A-Za-z_]\w*)\2")
_ESCAPE = re.compile(r"#\s*escape\s*=\s*([\\`])\s*$", re.IGNORECASE)
_FLAG = re.compile(r"--[a-z-]+(?:=\S+)?\s*")
_PLAIN_NAME = re.compile(r"[^$*?\[\\]+")  # neither pattern nor variable
_FROM_FLAG = re.compile(r"--from=(\S+)")
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
    """Return the instructions of a Dockerfile, continued lines joined, comments and here-documents left out."""
    escape = "\\"
    found: list[Instruction] = []
    started: int | None = None
    parts: list[str] = []
    lines = enumerate(text.splitlines(), 1)
    for number, line in lines:
        stripped = line.strip()
        if stripped.startswith("#") or not stripped:
            directive = _ESCAPE.match(stripped)
            escape = directive.group(1) if directive and not found else escape
            continue
        started = started or number
        parts.append(stripped.removesuffix(escape).strip())
        if not stripped.endswith(escape):
            found.append(_instruction(started, parts))
            _skip_documents(found[-1], lines)
            started, parts = None, []
    if started is not None:
        found.append(_instruction(started, parts))
    return found


def check(text: str, context: Path | None = None) -> None:
    """Refuse a text that cannot be built.

    Parameters
    ----------
    text
        The Dockerfile.
    context
        The folder to copy from; None where there is none.

    Raises
    ------
    UserErrorException
        It is a path to a file that is not there, does not begin with FROM, has an instruction that there is not, or
        copies files that are not there.
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
    own_syntax = _SYNTAX.match(text.lstrip()) is not None
    for each in instructions:
        if not own_syntax:
            _check_keyword(each)
        _check_copy(each, context)


def steps(text: str) -> dict[tuple[str, int], Instruction]:
    """Return the instructions that BuildKit shows as steps, by the name of their stage and their number in it."""
    found: dict[tuple[str, int], Instruction] = {}
    stage, stages, number = "", 0, 0
    for each in parse(text):
        if each.keyword == "FROM":
            words = _FLAG.sub("", each.value).split()
            stage = words[2].lower() if words[1:2] and words[1].upper() == "AS" and words[2:] else f"stage-{stages}"
            stages, number = stages + 1, 0
        if stages and each.keyword in _IS_STEP:
            number += 1
            found[stage, number] = each
    return found


def bases(text: str) -> list[str]:
    """Return the images that a Dockerfile starts or copies from, without its own stages and ``scratch``."""
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
        elif each.keyword == "COPY" and (source := _FROM_FLAG.search(each.value)):
            name = source.group(1)
            if not name.isdigit() and "$" not in name and name.lower() not in stages and name not in found:
                found.append(name)
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


def _check_keyword(instruction: Instruction) -> None:
    where = f"Line {instruction.line} of the Dockerfile"
    if instruction.keyword not in _KEYWORDS:
        hint = did_you_mean(instruction.keyword, _KEYWORDS) or f" There are {', '.join(_KEYWORDS)}."
        raise UserErrorException(f"{where}: unknown instruction {instruction.keyword!r}.{hint}")
    if not instruction.value:
        raise UserErrorException(f"{where}: {instruction.keyword} stands alone: say what it is about.")


def _check_copy(instruction: Instruction, context: Path | None) -> None:
    if instruction.keyword not in ("COPY", "ADD") or "--from=" in instruction.value:
        return
    local = [source for source in _sources(instruction.value) if not source.startswith(_REMOTE)]
    if local and context is None:
        raise UserErrorException(
            f"Line {instruction.line} of the Dockerfile: {instruction} needs the local file {local[0]!r}, "
            "and a Dockerfile given as text has no folder to copy from. Fetch it with RUN or ADD "
            "https://..., or leave it in the run's folder, which is the script's working directory."
        )
    for source in local if context else []:
        inside = os.path.normpath(source.lstrip("/"))
        if inside.startswith(".."):
            problem = "lies outside of the build context"
        elif not _PLAIN_NAME.fullmatch(source) or os.path.lexists(f"{context}/{inside}"):
            continue
        else:
            problem = "is not in the build context"
        raise UserErrorException(
            f"Line {instruction.line} of the Dockerfile: {instruction} needs {source!r}, which {problem}, the folder "
            f"{context}: put it there, and name it as seen from there."
        )


def _skip_documents(instruction: Instruction, lines: Iterator[tuple[int, str]]) -> None:
    """Read on to the end of the here-documents that an instruction begins."""
    if instruction.keyword not in ("RUN", "COPY", "ADD"):
        return
    for match in _HEREDOC.finditer(instruction.value):
        for _, line in lines:
            if (line.lstrip("\t") if match.group(1) else line) == match.group(3):
                break


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
