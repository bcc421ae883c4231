"""The lines of a requirements list: which are installed, which a run provides, which name local files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SEPARATORS = re.compile(r"[-_.]+")
_OPTION_WITH_FILE = re.compile(r"(-r|--requirement|-c|--constraint|-e|--editable)(?:\s*=\s*|\s+|(?<=-\w))(.+)")
_FIND_LINKS = re.compile(r"^\s*(-f|--find-links)[\s=]+(?!\w+:|/)(.+)")  # what is relative
_COMMENT = re.compile(r"\s+#.*")
_EDITABLE = ("-e", "--editable")
_CONSTRAINT = ("-c", "--constraint")
_ARGUMENTS = {
    "--pre": ("--prerelease", "allow"),
    "--require-hashes": ("--require-hashes",),
    "--trusted-host": ("--allow-insecure-host",),
}
_READ_BY_UV = (
    "-r",
    "--requirement",
    "-e",
    "--editable",
    "-i",
    "--index-url",
    "--extra-index-url",
    "-f",
    "--find-links",
    "--no-index",
    "--no-binary",
    "--only-binary",
)
_WITHOUT_MEANING = ("--prefer-binary", "--no-cache-dir", "--use-feature", "--use-pep517", "--disable-pip-version-check")
_URL = re.compile(r"[a-z][a-z+]*:", re.IGNORECASE)
_ARCHIVES = (".whl", ".tar.gz", ".zip")
_PROVIDED = "azureml-"
_BROUGHT = {"azureml-mlflow": "mlflow", "azureml-dataprep": "pandas", "azureml-dataset-runtime": "pandas"}
"""What came with v1's packages, and a run does not provide."""


class Local(NamedTuple):
    """A file or folder that a line names, and what stands before and after it in the line."""

    path: Path
    before: str
    after: str


@dataclass(frozen=True)
class Requirements:
    """A requirements list, read.

    Parameters
    ----------
    lines
        The lines to install, as they were written; a file named by ``-r`` is replaced by its lines,
        and one named by ``-c`` by its full path.
    left_out
        The lines that a run provides by itself.
    named
        The files and folders that lines name, by the line: the result depends on them.
    editable
        Those of them that are used where they lie.
    """

    lines: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    named: Mapping[str, Local] = field(default_factory=dict)
    editable: tuple[Path, ...] = ()

    @property
    def local(self) -> tuple[Path, ...]:
        """The files and folders that lines name."""
        return tuple(one.path for one in self.named.values())

    @property
    def effective(self) -> tuple[str, ...]:
        """The lines without blank ones and comments."""
        return tuple(line for line in self.lines if line.strip() and not line.lstrip().startswith("#"))

    @property
    def names_packages(self) -> bool:
        """Whether there is anything to install: options alone install nothing."""
        return any(not line.startswith("-") or line.startswith(_EDITABLE) for line in self.effective)


def read(lines: Iterable[str], folder: Path) -> Requirements:
    """Read requirement lines.

    Parameters
    ----------
    lines
        As a requirements file has them.
    folder
        Where relative paths start.

    Raises
    ------
    UserErrorException
        A file that a line names is not there.
    """
    kept: list[str] = []
    left_out: list[str] = []
    named: dict[str, Local] = {}
    editable: list[Path] = []
    for line in _expanded(lines, folder, ()):
        if is_provided(line):
            left_out.append(line.strip())
            continue
        kept.append(line)
        local = _local(line, folder)
        if local is not None:
            named[line] = local
            editable += [local.path] if line.lstrip().startswith(_EDITABLE) else []
    kept += sorted({_BROUGHT[name] for name in map(_name, left_out) if name in _BROUGHT} - set(map(_name, kept)))
    return Requirements(tuple(kept), tuple(left_out), named, tuple(editable))


def summary(lines: Iterable[str]) -> str:
    """Return the first packages of a list, for a step's title."""
    names = [line.split("#")[0].strip() for line in lines]
    shown = " ".join(names[:6])
    return shown if len(names) <= 6 else f"{shown} and {len(names) - 6} more"  # noqa: PLR2004 - what fits a line


def is_provided(line: str) -> bool:
    """Tell whether a run provides the package of this line by itself."""
    return _name(line).startswith(_PROVIDED)


def _name(line: str) -> str:
    """Return the package's name in its normal form; nothing for a line that begins with none."""
    name = _NAME.match(line.strip())
    return _SEPARATORS.sub("-", name.group()).lower() if name else ""


def for_uv(pip: Requirements) -> tuple[list[str], list[str]]:
    """Return the lines that uv reads, and the arguments that stand for the options which it does not read in a file.

    Raises
    ------
    UserErrorException
        A line is an option that means nothing to uv.
    """
    lines: list[str] = []
    copied = any(path.is_dir() and path not in pip.editable for path in pip.local)
    arguments: list[str] = ["--refresh"] if copied else []  # uv takes a folder for unchanged by its project file alone
    for line in pip.lines:
        option, _, value = line.strip().replace("=", " ", 1).partition(" ")
        if option in _CONSTRAINT:
            arguments += ["--constraint", value.strip()]  # its path may have spaces
        elif not option.startswith("-") or option.startswith(_READ_BY_UV):
            lines.append(line)
        elif option in _ARGUMENTS:
            arguments += [word for word in (*_ARGUMENTS[option], value.strip()) if word]
        elif option not in _WITHOUT_MEANING:
            raise UserErrorException(
                f"The option {option} is not understood where packages are installed into a virtual environment: "
                "remove the line, or build an image (--base-image), in which pip itself reads it."
            )
    return lines, arguments


def _expanded(lines: Iterable[str], folder: Path, within: tuple[Path, ...]) -> Iterator[str]:
    """Yield logical lines, with the lines of ``-r`` files in their place."""
    for joined in _joined(lines):
        line = _FIND_LINKS.sub(lambda match: _with_folder(match, folder), joined)
        option = _OPTION_WITH_FILE.match(line.strip())
        if option is None or option.group(1) in _EDITABLE or _URL.match(option.group(2)):
            yield line
            continue
        path = (folder / _plain(option.group(2))).expanduser().resolve()
        if option.group(1) in _CONSTRAINT:
            yield f"{option.group(1)} {path}"
            continue
        if path in within:
            raise UserErrorException(f"The requirements file {path} includes itself: remove the line {line.strip()!r}.")
        yield from _expanded(_text(path, line).splitlines(), path.parent, (*within, path))


def _with_folder(match: re.Match[str], folder: Path) -> str:
    path = folder / Path(_plain(match.group(2))).expanduser()
    return f"{match.group(1)} {path.resolve().as_uri()}" if path.exists() else match.group()


def _plain(value: str) -> str:
    """Return what an option is given, without a comment and quotes."""
    return _COMMENT.sub("", value).strip().strip("\"'")


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """Join lines that end in a backslash with the one that follows, keeping the break."""
    held = ""
    for line in lines:
        if line.rstrip().endswith("\\"):
            held += line + "\n"
        else:
            yield held + line
            held = ""
    if held:
        yield held


def _local(line: str, folder: Path) -> Local | None:
    """Return the file or folder of this machine that a line names, or None."""
    text = line.strip()
    option = _OPTION_WITH_FILE.match(text)
    word = _plain(option.group(2)) if option else text.split(" ", 1)[0]
    if text.startswith("#") or (option is None and text.startswith("-")):
        return None
    if " @ file:" in text or word.startswith("file:"):
        before, _, rest = text.partition("file:")
        written = next(iter(rest.split("#")[0].split()), "")
        if not written:
            raise UserErrorException(f"The requirement {text!r} names no file: write its path after 'file://'.")
        word = unquote(written.replace("//", "/", 1))
        return Local(_there(word, folder, text), f"{before}file://", rest[len(written) :])
    if _URL.match(word) or " @ " in text:
        return None
    path, bracket, extras = word.partition("[") if option is None or option.group(1) in _EDITABLE else (word, "", "")
    looks_local = option is not None or path.startswith((".", "/", "~")) or "/" in path or path.endswith(_ARCHIVES)
    if not looks_local:
        return None
    before = f"{option.group(1)} " if option else ""
    after = bracket + extras if option else text[len(path) :]
    return Local(_there(path, folder, text), before, after)


def _there(word: str, folder: Path, text: str) -> Path:
    path = (folder / word).expanduser().resolve()
    if not path.exists():
        raise UserErrorException(
            f"The requirement {text!r} names {path}, which is not there. Relative paths start in {folder}."
        )
    return path


def _text(path: Path, line: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace")  # Windows' editors begin a file with a mark
    except OSError as error:
        raise UserErrorException(
            f"The line {line.strip()!r} names {path}, which cannot be read: {error.strerror}."
        ) from None
