"""What goes inside a run needs nothing but an old Python's standard library."""

import ast
import pathlib
import subprocess
import sys

import pytest

RUNTIME = pathlib.Path(__file__).parents[2] / "jupyter_ext" / "runtime"
OURS = {"azureml", "jupyter_aml_run", "launching"}
PLUG_IN = {"mlflow"}  # in the files that MLflow alone imports
FILES = sorted(path for path in RUNTIME.rglob("*.py") if path.parent != RUNTIME or path.name == "launcher.py")


def test_python_3_6_is_enough() -> None:
    pytest.importorskip("vermin")
    done = subprocess.run(
        [sys.executable, "-c", "import vermin; vermin.main()", "--target=3.6-", "--no-tips", *map(str, FILES)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(RUNTIME)))
def test_only_the_standard_library(path: pathlib.Path) -> None:
    known = sys.stdlib_module_names | OURS | (PLUG_IN if path.parent.name == "mlflow_plugin" else set())
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        else:
            continue
        for name in names:
            assert name.split(".")[0] in known, f"{path}: {name}"
