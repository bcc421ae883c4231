"""Tab in a line of our magics: flags, environments, compute targets, runs, scripts, files."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.completer import SimpleCompletion, context_matcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from IPython.core.completer import CompletionContext

_LINE = re.compile(r"^\s*(?:[\w.]+\s*=\s*)?%%?(aml_env|aml_submit|aml)\s+(.*)$", re.DOTALL)


@context_matcher()  # type: ignore[untyped-decorator]
def complete(context: CompletionContext) -> dict[str, Any]:
    """Return what fits at the cursor; nothing in a line that is not ours."""
    match = _LINE.match(context.text_until_cursor)
    if match is None:
        return {"completions": []}
    before, _, word = match.group(2).rpartition(" ")
    try:
        known = dict.fromkeys(one for one in _known(match.group(1), before.split()) if one.startswith(word))
        fitting = sorted(known, key=lambda one: one.startswith("-"))  # options last
    except Exception:  # noqa: BLE001 - Tab must never fail
        return {"completions": []}
    return {
        "completions": [SimpleCompletion(one, type="param") for one in fitting],
        "matched_fragment": word,
        "suppress": bool(fitting),
        "ordered": True,
    }


def _known(magic: str, words: list[str]) -> Iterable[str]:
    from jupyter_ext.commands.parser import aml_parser  # noqa: PLC0415 - Tab pays for it
    from jupyter_ext.magics.arguments import env_parser, submit_parser  # noqa: PLC0415 - Tab pays for it

    if magic == "aml_env":
        return _options(env_parser(), words)
    if magic == "aml_submit":
        return _options(submit_parser(), words)
    parser = aml_parser("%aml")
    verbs: Any = next(action.choices for action in parser._actions if action.dest == "verb")
    if not words or words[0] not in verbs:
        return list(verbs)
    return _of_verb(verbs[words[0]], words[1:])


def _of_verb(parser: Any, words: list[str]) -> Iterable[str]:
    """Return what fits after a verb, which may have actions of its own."""
    actions: Any = next((action.choices for action in parser._actions if action.dest == "action"), None)
    if actions and words and words[0] in actions:
        return _options(actions[words[0]], words[1:])
    return [*(actions or ()), *_options(parser, words)]


def _options(parser: Any, words: list[str]) -> Iterable[str]:
    """Return the values of the option that stands before the cursor, else the options and what stands alone."""
    actions = {name: action for action in parser._actions for name in action.option_strings}
    last = actions.get(words[-1]) if words else None
    if last is not None and last.nargs != 0:
        return last.choices or _VALUES.get(last.dest, _nothing)(words)
    alone = [action for action in parser._actions if not action.option_strings]
    if parser.prog == "%aml_submit" and _script(actions, words):
        return _files(words)  # what follows the script is the script's own
    values = [value for action in alone[:1] for value in _VALUES.get(action.dest, _nothing)(words)]
    return [*values, *(name for name in actions if name.startswith("--"))]


def _script(actions: dict[str, Any], words: list[str]) -> bool:
    """Tell whether the script has been named already."""
    takes = False
    for word in words:
        if takes:
            takes = False
        elif word in actions:
            takes = actions[word].nargs != 0
        elif not word.startswith("--"):
            return True
    return False


def _nothing(words: list[str]) -> Iterable[str]:
    del words
    return ()


def _workspace() -> Any:
    import io  # noqa: PLC0415 - Tab pays for it
    from contextlib import redirect_stdout  # noqa: PLC0415 - Tab pays for it

    from jupyter_ext.core.workspaces.workspace import Workspace  # noqa: PLC0415 - Tab pays for it

    with redirect_stdout(io.StringIO()):
        return Workspace.from_config()


def _environments(words: list[str]) -> Iterable[str]:
    del words
    return list(_workspace().environments)


def _computes(words: list[str]) -> Iterable[str]:
    del words
    return ["local", *_workspace().compute_targets]


def _experiments(words: list[str]) -> Iterable[str]:
    del words
    return list(_workspace().experiments)


def _models(words: list[str]) -> Iterable[str]:
    del words
    return list(_workspace().models)


def _datasets(words: list[str]) -> Iterable[str]:
    del words
    return list(_workspace().datasets)


def _inputs(words: list[str]) -> Iterable[str]:
    return [f"{name}={name}" for name in _datasets(words) if name.isidentifier()]


def _runs(words: list[str]) -> Iterable[str]:
    del words
    rows = _workspace()._catalogue.runs()
    return ["@last", *(row["run_id"] for row, _ in zip(rows, range(50), strict=False))]


def _scripts(words: list[str]) -> Iterable[str]:
    folder = Path(words[words.index("--source") + 1]) if "--source" in words[:-1] else Path()
    found = [*sorted(folder.glob("*.py")), *sorted(folder.glob("*/*.py"))]
    return [path.relative_to(folder).as_posix() for path in found]


def _folders(words: list[str]) -> Iterable[str]:
    del words
    return [f"{path.name}/" for path in sorted(Path().iterdir()) if path.is_dir() and not path.name.startswith(".")]


def _files(words: list[str]) -> Iterable[str]:
    del words
    return [path.name for path in sorted(Path().iterdir()) if not path.name.startswith(".")]


def _sizes(words: list[str]) -> Iterable[str]:
    from jupyter_ext.core.computes.vm_sizes import known_sizes  # noqa: PLC0415 - Tab pays for it

    del words
    return known_sizes()


def _secret_variables(words: list[str]) -> Iterable[str]:
    del words
    from jupyter_ext.core.submission.hidden import is_secret_name  # noqa: PLC0415 - Tab pays for it

    return [name for name in os.environ if is_secret_name(name)]


_VALUES: dict[str, Callable[[list[str]], Iterable[str]]] = {
    "env": _environments,
    "names": lambda words: ["prune", *_environments(words)],
    "name": _environments,
    "compute": _computes,
    "target": _computes,
    "vm_size": _sizes,
    "model": _models,
    "dataset": _datasets,
    "data": _inputs,
    "experiment": _experiments,
    "source": _folders,
    "to": _folders,
    "script": _scripts,
    "password_env": _secret_variables,
    "run": _runs,
    "runs": _runs,
}
