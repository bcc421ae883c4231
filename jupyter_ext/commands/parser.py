"""The command line that ``%aml`` and ``jupyter aml`` share."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING, NoReturn

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean
from jupyter_ext.store.records import RAY_IDLE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_EXAMPLES = """\
examples:
  {prog} runs --experiment birds
  {prog} show @last
  {prog} logs birds_1763 --follow
  {prog} compare @last birds_1763
  {prog} download @last outputs --to results
  {prog} compute add cluster --max-nodes 4

RUN is a run's id, the beginning of it, or @last.
"""


class HelpShown(Exception):  # noqa: N818 - nothing is wrong
    """The help was asked for, and has been printed."""


class Parser(argparse.ArgumentParser):
    """A parser that raises: a cell must not end its kernel.

    Parameters
    ----------
    prog
        How the command is called.
    description, epilog
        The help, as it is to be shown.
    """

    def __init__(self, prog: str = "", description: str = "", epilog: str = "", **kwargs: object) -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            **kwargs,  # type: ignore[arg-type]
        )

    def error(self, message: str) -> NoReturn:
        """Raise the message, with how to get help."""
        help_ = f"{self.prog} --help" if " " in self.prog else f"{self.prog}?"
        end = "" if message.endswith("?") else "."
        raise UserErrorException(f"{message[:1].upper()}{message[1:]}{end} Help: {help_}")

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse, and refuse what is not known while it is known whose options could be meant."""
        options, rest = super().parse_known_args(args, namespace)
        if rest:
            option = next((word for word in rest if word.startswith("-")), "").partition("=")[0]
            near = did_you_mean(option, self._option_string_actions)
            self.error(f"unrecognized arguments: {' '.join(rest)}{near and '.' + near}")
        return options, rest

    def _check_value(self, action: argparse.Action, value: str) -> None:
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            near = did_you_mean(value, action.choices or ())
            error.message += near and f".{near}"
            raise

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Raise: argparse calls this when it has printed the help."""
        del status, message
        raise HelpShown


def aml_parser(prog: str) -> Parser:
    """Return the parser of ``%aml`` or ``jupyter aml``, whichever ``prog`` names."""
    description = "Runs, environments, compute targets, models and data of this machine."
    parser = Parser(prog, description, _EXAMPLES.format(prog=prog))
    parser.set_defaults(stays=not prog.startswith("%"))
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", parser_class=Parser)

    def verb(name: str, help_: str) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=help_, description=help_)
        made.add_argument("--workspace", metavar="NAME", help="else that of config.json, or the default one")
        made.add_argument("--json", action="store_true", help="print JSON, for programs")
        return made

    _add_run_verbs(verb)
    _add_envs(verb)
    _add_compute_actions(verb("compute", "the compute targets: their nodes, and who waits; add, scale, remove one"))
    verb("models", "the registered models").add_argument(
        "model", nargs="?", metavar="NAME", help="every version of one"
    )
    _add_registry_actions(verb("registry", "the registry that gets the images built here; set, show, remove it"))
    _add_data_actions(verb("data", "the registered datasets; show one, register one; `data prune` gives back disk"))
    verb("enable", "let every kernel of this environment import azureml, with no %%load_ext")
    verb("disable", "take back what enable has written")
    verb("status", "whether azureml is found, by what, and where runs are kept")
    verb("doctor", "look at workspaces, engine, disk and versions; mend what can be mended").add_argument(
        "--dry-run", action="store_true", help="look, and mend nothing"
    )
    return parser


def _add_envs(verb: object) -> None:
    assert callable(verb)  # noqa: S101 - for the type checker
    envs = verb("envs", "the environments: what is built, its size, who uses it; `envs prune` gives back disk")
    envs.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="every version of one; `prune NAME`: what these were built to, else what no latest version asks for",
    )
    envs.add_argument("--all", action="store_true", help="prune: all that no live run uses")
    envs.add_argument("--dry-run", action="store_true", help="prune: only tell what would be removed")
    envs.add_argument("--yes", action="store_true", help="prune --all: ask no question")


def _actions_of(verb: argparse.ArgumentParser) -> Callable[[str, str], argparse.ArgumentParser]:
    """Return what adds an action to a verb, as ``register`` in ``data register``."""
    actions = verb.add_subparsers(dest="action", metavar="ACTION", parser_class=Parser)

    def action(name: str, help_: str) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=help_, description=help_)
        made.add_argument("--workspace", metavar="NAME", default=argparse.SUPPRESS, help="as above")
        made.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="as above")
        return made

    return action


def _add_compute_actions(compute: argparse.ArgumentParser) -> None:
    action = _actions_of(compute)
    action("list", "all of them, which is what compute alone does")
    show = action("show", "one: what it has, which runs use it, and which wait")
    show.add_argument("target", metavar="NAME", help="which")
    add = action("add", "make one: node slots on this machine, for which runs queue")
    add.add_argument("new", metavar="NAME", help="2 to 32 letters, digits and '-', a letter first")
    add.add_argument("--max-nodes", metavar="N", type=int, required=True, help="how many nodes are in use at most")
    add.add_argument("--vm-size", metavar="SIZE", default="", help="what a node has, in Azure's names: STANDARD_NC6")
    scale = action("scale", "change how many nodes one has")
    scale.add_argument("target", metavar="NAME", help="which")
    scale.add_argument("--max-nodes", metavar="N", type=int, required=True, help="how many nodes are in use at most")
    action("remove", "remove one that no run uses").add_argument("target", metavar="NAME", help="which")
    attach = action("attach", "make one of the machines of a Ray cluster")
    attach.add_argument("new", metavar="NAME", help="as for add")
    attach.add_argument("--ray", metavar="ADDRESS", required=True, help="HOST:PORT, as ray start --head tells it")
    attach.add_argument("--min-nodes", metavar="N", type=int, default=0, help="how many its autoscaler keeps (0)")
    attach.add_argument("--max-nodes", metavar="N", type=int, help="how many are in use at most; all there are now")
    attach.add_argument("--cpus-per-node", metavar="N", type=float, help="what a run has of each; all of the smallest")
    attach.add_argument("--gpus-per-node", metavar="N", type=float, help="the same of GPUs")
    attach.add_argument(
        "--idle-seconds",
        metavar="SECONDS",
        type=int,
        default=RAY_IDLE_SECONDS,
        help=f"how long a node stays ready for the next run before its autoscaler may end it ({RAY_IDLE_SECONDS})",
    )
    action("detach", "forget a cluster, which goes on").add_argument("target", metavar="NAME", help="which")


def _add_registry_actions(registry: argparse.ArgumentParser) -> None:
    action = _actions_of(registry)
    action("show", "which it is, which is what registry alone does")
    named = action("set", "push every image there when it is built, so that other machines can pull it")
    named.add_argument("address", metavar="ADDRESS", help="such as registry.example.com/team")
    named.add_argument("--username", metavar="U", help="who pushes; else what docker login has stored")
    named.add_argument(
        "--password-env", dest="password_env", metavar="VAR", help="the variable with the password; else the keyring's"
    )
    action("remove", "push nowhere; what was pushed stays there")


def _add_data_actions(data: argparse.ArgumentParser) -> None:
    action = _actions_of(data)
    action("list", "all of them, which is what data alone does")
    action("show", "one: where its files are, and which").add_argument(
        "dataset", metavar="NAME", help="or NAME:VERSION"
    )
    register = action("register", "give files a name; another version where it is taken")
    register.add_argument("name", metavar="NAME", help="letters, digits, '_', '-', '.' and spaces")
    register.add_argument("path", metavar="PATH", help="a file, folder, pattern or URL, or DATASTORE:PATH")
    register.add_argument(
        "--table", action="store_true", help="a table, read as the files' ending says: csv, parquet ..."
    )
    register.add_argument("--description", metavar="TEXT", help="what it is")
    prune = action(
        "prune", "remove the copies of remote files that no live run uses; they are fetched again when needed"
    )
    prune.add_argument("--dry-run", action="store_true", help="only tell what would be removed")


def _add_run_verbs(verb: object) -> None:
    assert callable(verb)  # noqa: S101 - for the type checker
    runs = verb("runs", "the latest runs")
    runs.add_argument("--experiment", metavar="NAME", help="only of one experiment")
    runs.add_argument("--status", metavar="STATE", help="only in one state, such as Running")
    runs.add_argument("--limit", metavar="N", type=int, default=20, help="how many (20)")
    show = verb("show", "one run: its state, its phases, its metrics and outputs")
    show.add_argument("run", metavar="RUN", nargs="?", default="@last", help="@last where none is named")
    logs = verb("logs", "what a run prints")
    logs.add_argument("run", metavar="RUN", nargs="?", default="@last", help="@last where none is named")
    logs.add_argument("--file", metavar="NAME", help="another of its logs, such as system_logs/build.log")
    logs.add_argument("--lines", metavar="N", type=int, help="only the last ones")
    logs.add_argument("--follow", action="store_true", help="go on until the run ends")
    rerun = verb("rerun", "submit the same run again: its files, arguments, environment and target")
    rerun.add_argument("run", metavar="RUN", nargs="?", default="@last", help="@last where none is named")
    cancel = verb("cancel", "end runs")
    cancel.add_argument("runs", metavar="RUN", nargs="+", help="which")
    compare = verb("compare", "what differs between runs: arguments, environment, data, metrics, git, code")
    compare.add_argument("runs", metavar="RUN", nargs="+", help="two or more")
    compare.add_argument("--code", action="store_true", help="the code of two runs, line by line")
    delete = verb("delete", "delete runs for good, with their logs, metrics and outputs")
    delete.add_argument("runs", metavar="RUN", nargs="+", help="which")
    delete.add_argument("--yes", action="store_true", help="ask no question")
    download = verb("download", "copy a run's files")
    download.add_argument("run", metavar="RUN", help="which")
    download.add_argument("names", metavar="NAME", nargs="*", help="files or folders; outputs where none is named")
    download.add_argument("--to", metavar="DIR", help="where to; a folder with the run's id")
    board = verb("tensorboard", "show the event files of runs in TensorBoard")
    board.add_argument("runs", metavar="RUN", nargs="*", help="which; @last where none is named")
    board.add_argument("--port", metavar="N", type=int, default=6006, help="its port (6006)")


def split(line: str) -> list[str]:
    """Split a line into words as a shell does; a ``#`` that stands alone begins a comment.

    Raises
    ------
    UserErrorException
        A quotation does not end.
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise UserErrorException(
            f"The line cannot be split into words: {error}. Close the quotation, or escape it."
        ) from None
    return words[: words.index("#")] if "#" in words else words
