"""One rank: its environment, its command, and its start."""

import errno
import os

from . import signals

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any, Mapping, NoReturn

CANNOT_START = 127

PR_SET_PDEATHSIG = 1


class CannotStart(Exception):  # noqa: N818 - it is a reason, not an error of the launcher
    """Why a rank cannot be started, in one clause."""


def environment(spec: "dict[str, Any]", rank: "dict[str, Any]", base: "Mapping[str, str]") -> "dict[str, str]":
    """Build a rank's environment: the launcher's own, the run's, what goes in front of paths, the rank's.

    Parameters
    ----------
    spec
        The launcher's specification.
    rank
        One of its ranks.
    base
        The environment of the launcher.
    """
    result = dict(base)
    result.update({key: str(value) for key, value in (spec.get("env") or {}).items()})
    for name, entries in (spec.get("path") or {}).items():
        result[name] = os.pathsep.join(list(entries) + ([result[name]] if result.get(name) else []))
    result.update({key: str(value) for key, value in (rank.get("env") or {}).items()})
    return result


def expand(text: str, variables: "dict[str, str]") -> str:
    """Replace ``$NAME`` and ``${NAME}`` by the rank's variables, as v1 does; unknown names stay."""
    first, *pieces = text.split("$")
    result = [first]
    for piece in pieces:
        if piece[:1] == "{" and "}" in piece:
            name, _, rest = piece[1:].partition("}")
        else:
            length = 0
            while length < len(piece) and (piece[length].isalnum() or piece[length] == "_"):
                length += 1
            name, rest = piece[:length], piece[length:]
        result.append(variables[name] + rest if name in variables else "$" + piece)
    return "".join(result)


def find_program(name: str, folder: str, variables: "dict[str, str]") -> str:
    """Find a program as a shell would, with ``python3`` standing in for a missing ``python``.

    Parameters
    ----------
    name
        The program's name, or its path, which may be relative to `folder`.
    folder
        The rank's working directory.
    variables
        The rank's environment, for its PATH.

    Raises
    ------
    CannotStart
        When there is no such program, or it may not be executed.
    """
    search = variables.get("PATH") or os.defpath
    if os.sep in name:
        candidates = [os.path.join(folder, name)]
    else:
        candidates = [os.path.join(folder, entry, name) for entry in search.split(os.pathsep)]
    there = [path for path in candidates if os.path.isfile(path)]
    for path in there:
        if os.access(path, os.X_OK):
            return path
    if there:
        raise CannotStart(there[0] + " is not executable; chmod +x it, or name the program that runs it")
    if name == "python":
        return find_program("python3", folder, variables)
    if os.sep in name:
        raise CannotStart("there is no program " + candidates[0])
    raise CannotStart("there is no program {!r} on the PATH {}".format(name, search))


def command(spec: "dict[str, Any]", folder: str, variables: "dict[str, str]") -> "list[str]":
    """Make the program, as a path, and its arguments.

    Raises
    ------
    CannotStart
        When there is no command, or no such program.
    """
    if spec.get("shell"):
        try:
            shell = find_program("bash", folder, variables)
        except CannotStart:
            shell = "/bin/sh"
        return [shell, "-c", str(spec["shell"])]
    if not spec.get("argv"):
        raise CannotStart("no command is given")
    argv = [expand(str(item), variables) for item in spec["argv"]]
    return [find_program(argv[0], folder, variables)] + argv[1:]  # noqa: RUF005 - reads the same


class Rank:
    """One process of the run, before and at its start.

    Parameters
    ----------
    run_dir
        The run directory.
    spec
        The launcher's specification.
    entry
        The rank's own entry there.

    Raises
    ------
    CannotStart
        When its folder or its program is not there.
    """

    def __init__(self, run_dir: str, spec: "dict[str, Any]", entry: "dict[str, Any]") -> None:
        self.number: int = entry["rank"]
        self._folder = os.path.join(run_dir, spec.get("cwd") or ".")
        if not os.path.isdir(self._folder):
            raise CannotStart("there is no folder " + self._folder)
        self._variables = environment(spec, entry, os.environ)
        self._argv = command(spec, self._folder, self._variables)
        self._log = os.path.join(run_dir, entry["log"])

    def start(self, prctl: "Any") -> int:
        """Start it in a session of its own and return its process id.

        Raises
        ------
        CannotStart
            When its log cannot be opened, or the system refuses the program.
        """
        try:
            os.makedirs(os.path.dirname(self._log), exist_ok=True)
            output = os.open(self._log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        except OSError as error:
            raise CannotStart("the log {} cannot be opened: {}".format(self._log, error.strerror)) from None
        reader, writer = os.pipe()
        launcher = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._become(output, writer, launcher, prctl)
        os.close(output)
        os.close(writer)
        with os.fdopen(reader, "rb") as file:
            refusal = file.read()  # nothing, as soon as the program runs: exec closes the pipe
        if refusal:
            os.waitpid(pid, 0)
            raise CannotStart(refusal.decode())
        return pid

    def _become(self, output: int, writer: int, launcher: int, prctl: "Any") -> "NoReturn":
        """Turn this forked process into the rank, or tell the launcher why not."""
        try:
            signals.set_wakeup_fd(-1)
            for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGCHLD", "SIGPIPE", "SIGXFSZ"):
                signals.signal(getattr(signals, name), signals.SIG_DFL)
            os.setsid()
            if prctl is not None:
                prctl(PR_SET_PDEATHSIG, int(signals.SIGKILL), 0, 0, 0)
            if os.getppid() != launcher:
                os._exit(CANNOT_START)
            os.chdir(self._folder)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(output, 1)
            os.dup2(output, 2)
            os.execve(  # noqa: S606 - a shell only where one is asked for
                self._argv[0],
                [_bytes(item) for item in self._argv],
                {_bytes(key): _bytes(value) for key, value in self._variables.items()},
            )
        except BaseException as error:  # noqa: BLE001 - nothing may return from here
            os.write(writer, _refusal(self._argv[0], error).encode("utf-8", "replace"))
        finally:
            os._exit(CANNOT_START)


def _bytes(text: str) -> bytes:
    """Encode as UTF-8 whatever the locale: Python 3.6 would fail in the C locale, which images have."""
    return text.encode("utf-8", "surrogateescape")


def _refusal(program: str, error: BaseException) -> str:
    number = getattr(error, "errno", None)
    if number == errno.ENOEXEC:
        return program + " is not a program; name the program that runs it, or begin it with a #! line"
    if number == errno.ENOENT:
        return program + " names an interpreter in its first line that is not there"
    return "{}: {}".format(program, getattr(error, "strerror", None) or repr(error))
