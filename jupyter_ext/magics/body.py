"""The body of an ``%%aml_env`` cell: what kind it is, and the environment that it describes."""

from __future__ import annotations

import ast
import linecache
import os
import re
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from packaging.requirements import InvalidRequirement, Requirement

from jupyter_ext.core.environments.conda_dependencies import CondaDependencies
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException, UserErrorException

if TYPE_CHECKING:
    from argparse import Namespace
    from types import CodeType

    from IPython.core.interactiveshell import InteractiveShell

_FROM = re.compile(r"FROM\s+(--platform=\S+\s+)?\S+(\s+AS\s+\S+)?\s*(#.*)?$", re.IGNORECASE)
_ARG = re.compile(r"ARG\s+\w+(=.*)?$", re.IGNORECASE)
_DEPENDENCIES = re.compile(r"^dependencies\s*:", re.MULTILINE)
_LOCAL = re.compile(  # what of a requirement line is a relative path
    r"^(?P<option>(?:-[erc]|--editable|--requirement|--constraint)(?:\s+|=))?"
    r"(?P<path>(?(option)(?![/~]|[a-z+]+:)[^\s\[#]+|\.\.?(?:/[^\s\[#;]*)?(?=[\s\[#;]|$)))"
)
_CONDAS = re.compile(r"[A-Za-z][\w.-]*=\d[\w.*]*$")  # meant as a requirement, which it is not
_PATH_OR_OPTION = re.compile(r"-{1,2}[A-Za-z]|\.{0,2}/|[a-z+]+://|git\+")


def kind_of(body: str) -> str:
    """Return ``dockerfile``, ``conda``, ``pip`` or ``python``; an empty body is an empty list of requirements."""
    lines = _lines(body)
    if lines and (_FROM.match(lines[0]) or _ARG.match(lines[0])):
        return "dockerfile"
    if _DEPENDENCIES.search(body) and _is_conda(body):
        return "conda"
    return "pip" if all(_CONDAS.match(line) or _is_requirement(line) for line in lines) else "python"


def read(shell: InteractiveShell, body: str, options: Namespace) -> Environment:
    """Return the environment that a body and the options of its line describe; nothing is created.

    Raises
    ------
    UserErrorException
        The body is not what it is said to be, or contradicts an option.
    """
    __tracebackhide__ = True
    environment = Environment(options.name)
    if not body.strip() and not (options.base_image or options.user_managed or options.python):
        raise UserErrorException(
            "The cell has no body, so there is nothing to build: write requirement lines, a Dockerfile, a conda "
            "specification or Python under %%aml_env, or name an image with --base-image."
        )
    kind = options.kind or kind_of(body)
    _take_image(environment, options, kind)
    if kind == "python":
        environment = _run(shell, body, environment)
    elif kind == "dockerfile":
        environment.docker.base_image = None
        environment.docker.base_dockerfile = body
        environment.python.user_managed_dependencies = True
    else:
        _take_packages(environment, body, kind, options)
    if options.python and environment.python.conda_dependencies is not None:
        environment.python.conda_dependencies.set_python_version(options.python)
    environment.python.exact = environment.python.exact or options.python_exact
    environment.name = options.name
    return environment


def _take_image(environment: Environment, options: Namespace, kind: str) -> None:
    docker = environment.docker
    if options.base_image and kind == "dockerfile":
        raise UserErrorException("A Dockerfile names its own image in FROM: leave out --base-image.")
    if options.base_image:
        docker.base_image = options.base_image
    environment.python.user_managed_dependencies = options.user_managed
    registry = docker.base_image_registry
    registry.address, registry.username = options.registry, options.username
    registry.password_variable = options.password_env


def _take_packages(environment: Environment, body: str, kind: str, options: Namespace) -> None:
    lines = _lines(body)
    if lines and options.user_managed:
        raise UserErrorException(
            "--user-managed means that nothing is installed: leave it out, or leave the cell's body empty."
        )
    if kind == "conda":
        environment.python.conda_dependencies = CondaDependencies(_underlying_structure=_anchored(_document(body)))
        return
    wrong = next((line for line in lines if not _is_requirement(line)), None)
    if wrong is not None:
        raise UserErrorException(f"{wrong!r} is not a requirement: write one as numpy, numpy==2.1 or numpy>=2,<3.")
    pip = body.strip("\n").split("\n") if lines else []
    document = _anchored({"name": options.name, "dependencies": [{"pip": pip}]})
    environment.python.conda_dependencies = CondaDependencies(_underlying_structure=document)
    if not lines and options.base_image and not options.python:
        environment.python.user_managed_dependencies = True  # v1: an image with nothing to put on it is used as it is


def _anchored(document: Any) -> Any:
    """Let relative paths start in the notebook's folder, wherever a run's files come from."""
    for one in (document.get("dependencies") or []) if isinstance(document, dict) else []:
        if isinstance(one, dict) and isinstance(one.get("pip"), list):
            one["pip"] = [_LOCAL.sub(_absolute, line) if isinstance(line, str) else line for line in one["pip"]]
    return document


def _absolute(match: re.Match[str]) -> str:
    path = Path(os.path.normpath(Path.cwd() / match["path"]))
    if match["option"]:
        return f"{match['option']}{path}"
    return path.as_uri() if re.search(r"\s", str(path)) else str(path)  # a space would end the path


def _run(shell: InteractiveShell, body: str, environment: Environment) -> Environment:
    """Run Python in the notebook's namespace with ``env`` bound; return what ``env`` is afterwards."""
    __tracebackhide__ = True
    source: str = shell.transform_cell(body)  # type: ignore[no-untyped-call]
    try:
        ast.parse(source)
    except SyntaxError as error:
        raise UserErrorException(_no_kind(body, error)) from None
    names: dict[str, Any] = shell.user_ns
    missing = object()
    before = names.get("env", missing)
    names["env"] = environment
    try:
        exec(_compiled(environment.name, source), names)  # noqa: S102 - the cell's own Python is run as any cell's is
        made = names.get("env")
    except AzureMLException as error:
        error.line = _line_of(error, _file_of(environment.name))  # type: ignore[attr-defined]  # for the excerpt
        raise
    finally:
        names.pop("env", None)
        if before is not missing:
            names["env"] = before
    if not isinstance(made, Environment):
        raise UserErrorException(f"The cell leaves env as a {type(made).__name__}: it has to be an Environment.")
    return made


def _compiled(name: str | None, source: str) -> CodeType:
    """Compile a body so that a traceback shows its lines, with the numbers that they have in the cell."""
    file, text = _file_of(name), f"\n{source}"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    return compile(text, file, "exec")


def _file_of(name: str | None) -> str:
    """Return the name that a traceback has for a body."""
    return f"<%%aml_env {name}>"


def _line_of(error: BaseException, file: str) -> int | None:
    """Return the line of the body in which something was raised, counted from 1."""
    lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == file]
    return lines[-1] - 1 if lines else None


def _no_kind(body: str, error: SyntaxError) -> str:
    lines = _lines(body)
    wrong = next((line for line in lines if not _is_requirement(line)), lines[0])
    return (
        "The cell's body is no Dockerfile, no conda specification and no Python "
        f"({error.msg}, line {error.lineno}), and {wrong!r} is not a requirement line. "
        "Say with --as dockerfile, conda, pip or python what it is."
    )


def _lines(body: str) -> list[str]:
    """Return the lines that say something, joined where a backslash continues them."""
    joined = re.sub(r"\\\n", " ", body)
    stripped = (line.strip() for line in joined.splitlines())
    return [line for line in stripped if line and not line.startswith("#")]


def _is_requirement(line: str) -> bool:
    if _PATH_OR_OPTION.match(line):
        return True
    plain = re.split(r"\s+#|\s--hash", line, maxsplit=1)[0]
    try:
        Requirement(plain)
    except InvalidRequirement:
        return False
    return True


def _is_conda(body: str) -> bool:
    try:
        document = yaml.safe_load(body)
    except yaml.YAMLError:
        return not body.lstrip().startswith(("from ", "import "))
    return isinstance(document, dict) and "dependencies" in document


def _document(body: str) -> Any:
    try:
        return yaml.safe_load(body)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else None
        where = f" at line {line} of the conda specification" if line else ""
        raise UserErrorException(
            f"The body is not YAML{where}: {getattr(error, 'problem', None) or error}. Check its indentation, and that "
            "'- ' begins each package."
        ) from None
