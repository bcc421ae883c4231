"""Holds the house: who may import whom, from the ground up."""

from __future__ import annotations

import ast
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "jupyter_ext"
ROOT = Path(__file__).resolve().parent.parent / PACKAGE
ROOF = "the package itself"

GROUND = {"runtime"}
STORE = GROUND | {"store"}
CORE = STORE | {"core"}
FLOORS = {
    "runtime": set(),
    "store": GROUND,
    "build": STORE | {"engines"},  # to ask for, and talk to, the container engine
    "engines": STORE,
    "runner": STORE | {"build", "engines"},
    "core": STORE | {"engines", "build"},  # to build, list and remove environments; it never imports the runner
    "monitor": CORE,
    "server": CORE,
    "azureml": CORE | {"monitor"},
    "commands": CORE | {"monitor", "azureml"},  # to let every kernel find v1's names
}
FLOORS["magics"] = set(FLOORS)
FLOORS[ROOF] = set(FLOORS)

Edges = dict[tuple[str, str], list[str]]


def imported_modules(tree: ast.AST, package: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the full name of everything imported: at the top, in functions, for types only."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and _name(node.func) in {"import_module", "__import__"}:
            constants = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
            yield from ((node.lineno, value) for value in constants[:1] if isinstance(value, str))


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def floor_of(name: str, root: Path) -> str | None:
    """Return the folder that a full module name belongs to; None for what is not ours."""
    parts = name.split(".")
    if parts[0] != PACKAGE:
        return None
    return parts[1] if len(parts) > 1 and (root / parts[1]).is_dir() else ROOF


def edges_between_floors(root: Path) -> Edges:
    """Read every file under `root`; return which folder imports which, and where."""
    edges: Edges = {}
    for file in sorted(root.rglob("*.py")):
        inside = file.relative_to(root)
        floor = inside.parts[0] if len(inside.parts) > 1 else ROOF
        package = ".".join([PACKAGE, *inside.parent.parts])
        for line, name in imported_modules(ast.parse(file.read_text(encoding="utf-8")), package):
            other = floor_of(name, root)
            if other not in {None, floor}:
                edges.setdefault((floor, str(other)), []).append(f"{inside}:{line} imports {name}")
    return edges


def violations(root: Path) -> list[str]:
    """Return a line for every import that runs upwards, every circle, and every folder without a floor."""
    edges = edges_between_floors(root)
    found = [
        f"{place}: {floor} does not stand on {other}"
        for (floor, other), places in edges.items()
        if other not in FLOORS.get(floor, set())
        for place in places
    ]
    folders = {path.name for path in root.iterdir() if path.is_dir() and any(path.rglob("*.py"))}
    found += [f"{name}: a folder that has no floor yet" for name in sorted(folders - set(FLOORS))]
    graph: dict[str, set[str]] = {}
    for floor, other in edges:
        graph.setdefault(floor, set()).add(other)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found.append("a circle: " + " -> ".join(reversed(error.args[1])))
    return found


def test_no_import_runs_upwards() -> None:
    assert violations(ROOT) == []


def test_the_floors_themselves_have_no_circle() -> None:
    order = list(TopologicalSorter(FLOORS).static_order())
    assert order[0] == "runtime"
    assert order[-1] == ROOF


def test_the_runtime_needs_nothing_but_the_standard_library() -> None:
    ours = {"azureml", "jupyter_aml_run", PACKAGE}
    plug_in = ROOT / "runtime/inside/jupyter_aml_run/mlflow_plugin"  # which MLflow alone imports
    foreign = [
        f"{file.relative_to(ROOT)}:{node.lineno} imports {name}"
        for file in sorted((ROOT / "runtime").rglob("*.py"))
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, (ast.Import, ast.ImportFrom)) and not getattr(node, "level", 0)
        for _, name in imported_modules(node, PACKAGE)
        if name.split(".")[0] not in {*sys.stdlib_module_names, *ours, *(["mlflow"] if plug_in in file.parents else [])}
    ]
    assert foreign == []


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A package of three floors that breaks no rule."""
    root = tmp_path / PACKAGE
    for file, text in {
        "__init__.py": "from jupyter_ext.core import run",
        "runtime/inside/code/exceptions.py": "import os",
        "store/paths.py": "from jupyter_ext.runtime.inside.code import exceptions",
        "core/__init__.py": "",
        "core/run.py": "from . import helper\nfrom .helper import x\nfrom ..store import paths",
        "core/helper.py": "from jupyter_ext import store",
    }.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text)
    return root


def test_a_clean_tree_passes(tree: Path) -> None:
    assert violations(tree) == []


@pytest.mark.parametrize(
    "text",
    [
        "import jupyter_ext.core.run",
        "from jupyter_ext.core import run",
        "from jupyter_ext import core",
        "from ..core import run",
        "from .. import core",
        "from ..core.run import Run as R",
        "def f():\n    from jupyter_ext.core.run import Run",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..core.run import Run",
        "import importlib\nimportlib.import_module('jupyter_ext.core.run')",
        "try:\n    import jupyter_ext.core as c\nexcept ImportError:\n    c = None",
    ],
)
def test_every_way_to_import_upwards_is_seen(tree: Path, text: str) -> None:
    (tree / "store" / "paths.py").write_text(text)
    upward, circle = violations(tree)
    assert upward.startswith("store/paths.py:")
    assert upward.endswith("store does not stand on core")
    assert circle.startswith("a circle: ")


def test_importing_the_package_itself_is_upwards(tree: Path) -> None:
    (tree / "core" / "helper.py").write_text("from jupyter_ext import __version__")
    assert violations(tree)[0].endswith(f"core does not stand on {ROOF}")


def test_a_folder_without_a_floor_is_seen(tree: Path) -> None:
    (tree / "cellar").mkdir()
    (tree / "cellar" / "wine.py").write_text("import os")
    assert violations(tree) == ["cellar: a folder that has no floor yet"]
