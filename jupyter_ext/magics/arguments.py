"""The options of ``%%aml_env`` and ``%aml_submit``."""

from __future__ import annotations

import argparse
import shlex

from jupyter_ext.commands.parser import Parser, split
from jupyter_ext.core.notices import notice
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

KINDS = ("dockerfile", "conda", "pip", "python")
DISTRIBUTIONS = ("pytorch", "mpi", "tensorflow", "torchrun")
DEFAULT_SCRIPT = "cell_script.py"
_SELDOM_A_SCRIPTS = {"--env", "--compute", "--experiment", "--source", "--max-retries", "--wait", "--dry-run"}

_ENV = """\
Define an environment from the cell's body, build it, and register it under NAME.

The body is one of
  requirement lines      numpy==2.1
                         matplotlib
  a Dockerfile           FROM python:3.11-slim
                         RUN pip install numpy
  a conda specification  dependencies:
                         - python=3.11
                         - pip: [numpy]
  Python                 env.docker.base_image = "python:3.11-slim"
                         env.python.user_managed_dependencies = True
Python runs in the notebook's namespace, with `env` bound to the environment. The body may be empty where
--base-image names all there is. Run again unchanged, the cell says so and returns at once.
"""
_ENV_EXAMPLES = """\
examples:
  %%aml_env birds --python 3.11
  %%aml_env birds --base-image pytorch/pytorch --user-managed
  %%aml_env birds --base-image team/base --registry registry.example.com --username me --password-env REGISTRY_PASSWORD

The cell's value is the environment: `env = _`, or %aml_submit --env birds.
"""
_SUBMIT = """\
Submit the notebook's folder as a run, as `python SCRIPT ARGUMENTS` would run in it, and show its monitor.

As a cell magic, %%aml_submit, the cell's body is the script. $name and {expression} are filled in from the notebook.
DATASET in --data is a dataset of the notebook, a registered one (NAME or NAME:VERSION), a path, or a URL. The script
finds it in run.input_datasets["NAME"], and its path in the environment variable NAME, which is $$NAME in this line.

A script that fails is not started again. With --distributed torchrun and --nodes MIN:MAX all its processes are, up to
3 times in the same run, as a node that is lost makes the others' fail, too (TorchrunConfiguration: max_restarts).
"""
_SUBMIT_EXAMPLES = """\
examples:
  run = %aml_submit train.py --lr 0.1
  %aml_submit --env birds --tag kind=trial train.py --epochs {epochs}
  %aml_submit --data birds=birds:2 train.py --folder $$birds
  %aml_submit --source ../project --dry-run train.py
  %aml_submit --compute cluster --nodes 2:4 --distributed torchrun --max-retries 2 train.py
  %%aml_submit --env birds --wait

The value is the run: run.wait_for_completion(show_output=True), run.get_metrics(), run.cancel() ...
"""


def env_parser() -> Parser:
    """Return the parser of ``%%aml_env``."""
    parser = Parser("%%aml_env", _ENV, _ENV_EXAMPLES)
    add = parser.add_argument
    add("name", metavar="NAME", help="letters, digits, '-', '.' and '_'")
    add("--as", dest="kind", choices=KINDS, help="what the body is, where it is not plain")
    add("--base-image", metavar="IMAGE", help="the image to run in, or to put packages on")
    add("--python", metavar="VERSION", help="which Python, such as 3.11; the notebook's own where none is named")
    add("--python-exact", action="store_true", help="no other Python than the one asked for will do")
    add("--user-managed", action="store_true", help="install nothing: the image, or this Python, has it all")
    add("--registry", metavar="ADDRESS", help="the private registry that the base image comes from")
    add("--username", metavar="NAME", help="who pulls from it")
    add("--password-env", metavar="VARIABLE", help="the environment variable that holds the password")
    add("--no-build", action="store_true", help="register only: the first run builds it")
    add("--force", action="store_true", help="build again, even what is there")
    return parser


def submit_parser() -> Parser:
    """Return the parser of ``%aml_submit``."""
    parser = Parser("%aml_submit", _SUBMIT, _SUBMIT_EXAMPLES)
    add = parser.add_argument
    add("--env", metavar="NAME", help="an environment, NAME or NAME:VERSION; else this notebook's own Python")
    add("--compute", metavar="TARGET", default="local", help="where: a compute target, or local")
    add("--experiment", metavar="NAME", help="under which name the run stands; that of the folder")
    add("--source", metavar="DIR", help="the folder that is sent; the notebook's own")
    add("--nodes", metavar="N", type=_nodes, default=(1, 1), help="how many nodes; MIN:MAX with torchrun")
    add("--gpus", metavar="N", type=int, help="GPUs for each node; else those that a node of the target has")
    add("--procs-per-node", metavar="N", type=int, default=1, help="how many processes on each")
    add("--distributed", choices=DISTRIBUTIONS, help="how they find each other; else as pytorch")
    add("--max-retries", metavar="N", type=int, default=0, help="how often to go on from outputs/ when a node dies")
    add("--data", metavar="NAME=DATASET", action="append", default=[], help="data for the script, under a name")
    add("--tag", metavar="K=V", action="append", default=[], help="a tag of the run; may be given several times")
    add("--wait", action="store_true", help="end the cell when the run ends, and as it ends")
    add("--dry-run", action="store_true", help="only list what would be sent, and what of it looks like a secret")
    add("script", metavar="SCRIPT", nargs="?", help="relative to the folder")
    add("arguments", metavar="ARGUMENTS", nargs=argparse.REMAINDER, help="what follows SCRIPT belongs to the script")
    return parser


def parse_env(line: str) -> argparse.Namespace:
    """Parse the line of ``%%aml_env``.

    Raises
    ------
    UserErrorException
        The line is not understood; the message says what is wrong and how to ask for help.
    """
    options = env_parser().parse_args(split(line))
    if options.base_image and options.kind == "dockerfile":
        raise UserErrorException("A Dockerfile names its own image in FROM: leave out --base-image.")
    if options.python_exact and options.user_managed:
        raise UserErrorException("--python-exact has no meaning with --user-managed, which takes the Python there is.")
    if options.password_env and not options.registry:
        raise UserErrorException("--password-env needs --registry, the address of the registry.")
    return options


def parse_submit(line: str, *, is_cell: bool) -> argparse.Namespace:
    """Parse the line of ``%aml_submit``; a cell's script has a name of its own where the line gives none.

    Raises
    ------
    UserErrorException
        The line is not understood; the message says what is wrong and how to ask for help.
    """
    options = submit_parser().parse_args(split(line))
    if options.script is None and not is_cell:
        raise UserErrorException("Which script? %aml_submit train.py --lr 0.1. Help: %aml_submit?")
    misplaced = [word for word in options.arguments if word.partition("=")[0] in _SELDOM_A_SCRIPTS]
    if misplaced:
        notice(f"{' '.join(misplaced)} goes to the script, as all that follows its name: options come before it.")
    options.script = options.script or DEFAULT_SCRIPT
    options.least_nodes, options.nodes = options.nodes
    if options.least_nodes != options.nodes and options.distributed != "torchrun":
        raise UserErrorException("--nodes MIN:MAX needs --distributed torchrun, which goes on with fewer.")
    options.data = dict(_pair("--data", "NAME=DATASET", one) for one in options.data)
    options.tags = dict(_pair("--tag", "KEY=VALUE", one) for one in options.tag)
    return options


def _nodes(text: str) -> tuple[int, int]:
    """Return the least and the greatest number of nodes."""
    least, _, most = text.partition(":")
    numbers = [int(number) for number in (least, most or least) if number.isdecimal()]
    if len(numbers) != 2 or min(numbers) < 1:  # noqa: PLR2004 - the least and the most
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number, at least 1 node, nor MIN:MAX")
    if numbers[0] > numbers[1]:
        raise argparse.ArgumentTypeError(
            f"{text!r} is MIN:MAX with the larger number first: write {numbers[1]}:{numbers[0]}"
        )
    return numbers[0], numbers[1]


def _pair(option: str, form: str, text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise UserErrorException(f"{option} {shlex.quote(text)} is not of the form {form}.")
    return key, value
