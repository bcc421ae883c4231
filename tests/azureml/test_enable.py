"""``import azureml.core`` finds our modules, and whatever else is really installed."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ENABLE = "from jupyter_ext.azureml.finding import disable, enable\nprint(enable())\n"


def python(code: str, installed: Path | None = None) -> str:
    """Run code in a process of its own, with a folder of packages before all others; return what it prints."""
    environment = {**os.environ, **({"PYTHONPATH": str(installed)} if installed else {})}
    answer = subprocess.run(
        [sys.executable, "-W", "error", "-c", ENABLE + code],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_classes_are_the_same_under_both_names() -> None:
    told = python(
        "import azureml.core.run as theirs\n"
        "from azureml.core import Run, Workspace\n"
        "from azureml.core.compute import ComputeTarget\n"
        "from azureml.exceptions import ComputeTargetException\n"
        "import azureml.core.compute_target, jupyter_ext.azureml.core.run as ours, jupyter_ext\n"
        "from jupyter_ext.runtime.inside.jupyter_aml_run import exceptions\n"
        "assert theirs is ours and Run is jupyter_ext.Run and Workspace is jupyter_ext.Workspace\n"
        "assert azureml.core.compute_target.ComputeTargetException is ComputeTargetException\n"
        "assert ComputeTargetException is exceptions.ComputeTargetException\n"
        "assert theirs.__spec__.name == theirs.__name__ == 'jupyter_ext.azureml.core.run'\n"
    )
    assert told == "None\n"


def test_errors_are_short_in_a_notebook_that_loads_no_extension() -> None:
    told = python(
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance(colors='nocolor')\n"
        "shell.run_cell('from azureml.core import Environment')\n"
        'shell.run_cell(\'Environment.from_conda_specification("e", "nope.yml")\')\n'
    )
    assert told.count("nope.yml cannot be read") == 1, told
    assert "core/environments" not in told
    assert "ErrorResponse" not in told


def test_a_name_that_is_not_there_says_so() -> None:
    told = python(
        "for line in ('from azureml.core import Datastoree', 'from azureml.core.run import Runn',\n"
        "             'import azureml.nothing.at.all', 'import azureml.enable'):\n"
        "    try:\n        exec(line)\n"
        "    except ImportError as error:\n        print(type(error).__name__, error)\n"
    )
    lines = told.splitlines()[1:]
    assert lines[0].startswith("ImportError cannot import name 'Datastoree' from 'azureml.core' (")
    assert lines[1].startswith("ImportError cannot import name 'Runn' from 'azureml.core.run' (")
    assert lines[2].startswith("ModuleNotFoundError No module named 'azureml.nothing'")
    assert len(lines) == 4
    assert all(line.endswith("jupyter-aml does not provide this part of SDK v1.") for line in lines)


def test_a_name_can_be_looked_for() -> None:
    assert python("import azureml.core.run as run\nprint(hasattr(run, 'Nope'), getattr(run, 'Nope', 1))").endswith(
        "False 1\n"
    )


def test_a_plain_program_needs_one_import() -> None:
    code = "import jupyter_ext.azureml.enable\nfrom azureml.core import Workspace\nprint(Workspace.__module__)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "jupyter_ext.core.workspaces.workspace\n"


def test_what_v1s_core_imports_need_not_be_imported() -> None:
    told = python(
        "import azureml.core\n"
        "print(azureml.core.runconfig.DEFAULT_CPU_IMAGE, azureml.data.__version__, azureml.exceptions.__name__)\n"
        "print(hasattr(azureml, 'nope'), hasattr(azureml.core, 'nope'))\n"
    )
    first, second = told.splitlines()[1:]
    assert first.startswith("mcr.microsoft.com/azureml/openmpi")
    assert first.endswith(" 1.61.0 jupyter_ext.azureml.exceptions")
    assert second == "False False"


def test_what_is_not_for_training_says_what_to_do_instead() -> None:
    told = python(
        "for name in ('pipeline.core', 'pipeline.steps', 'train.automl', 'opendatasets', 'train.automl.run'):\n"
        "    try:\n        exec(f'from azureml.{name} import Anything')\n"
        "    except ImportError as error:\n        print(error)\n"
    )
    lines = told.splitlines()[1:]
    assert [line.split(". ", 1)[1].split()[0] for line in lines] == [
        "Pipelines",
        "Pipelines",
        "Automated",
        "jupyter-aml",
        "Automated",
    ]


def test_disabling_takes_all_of_it_away() -> None:
    told = python(
        "import azureml.core.run, sys\ndisable()\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'azureml'])\n"
        "try:\n    import azureml.core\nexcept ModuleNotFoundError as error:\n    print(error)\n"
    )
    assert told.splitlines()[1:] == ["[]", "No module named 'azureml'"]


def test_other_packages_in_the_namespace_stay_importable(tmp_path: Path) -> None:
    installed = write(tmp_path, {"azureml/mlflow/__init__.py": "NAME = 'mlflow'", "azureml/other.py": "NAME = 'other'"})
    told = python(
        "import azureml.core, azureml.mlflow, azureml.other\n"
        "print(azureml.mlflow.NAME, azureml.other.NAME, azureml.core.Run.__module__)",
        installed,
    )
    assert told.splitlines() == ["None", "mlflow other jupyter_ext.core.runs.run"]


def test_a_package_that_makes_azureml_itself_stays_importable(tmp_path: Path) -> None:
    installed = write(tmp_path, {"azureml/__init__.py": "MINE = 1", "azureml/extra.py": "NAME = 'extra'"})
    told = python("import azureml.core, azureml.extra\nprint(azureml.MINE, azureml.extra.NAME)", installed)
    assert told.splitlines() == ["None", "1 extra"]


def test_a_package_that_is_installed_later_is_found(tmp_path: Path) -> None:
    installed = write(tmp_path / "later", {"azureml/late.py": "NAME = 'late'"})
    told = python(
        f"import azureml.core, sys\nsys.path.insert(0, {str(installed)!r})\n"
        "import azureml.late\nprint(azureml.late.NAME)"
    )
    assert told.splitlines() == ["None", "late"]


def test_the_real_sdk_goes_first_and_one_line_says_so(tmp_path: Path) -> None:
    installed = write(tmp_path, {"azureml/core/__init__.py": "NAME = 'real'"})
    told = python("import azureml.core\nprint(azureml.core.NAME)", installed)
    first, second = told.splitlines()
    assert first.startswith(f"azureml.core is the real SDK here ({installed / 'azureml' / 'core'})")
    assert second == "real"


def test_the_snapshot_limit_can_be_raised_where_v1_has_it() -> None:
    told = python(
        "import azureml._restclient.snapshots_client as client\n"
        "from jupyter_ext.store.snapshots import snapshot\n"
        "print(client.SNAPSHOT_MAX_SIZE_BYTES == snapshot.MAX_BYTES)\n"
        "client.SNAPSHOT_MAX_SIZE_BYTES = 5\nprint(snapshot.MAX_BYTES)\n"
        "from azureml.telemetry import set_diagnostics_collection\nset_diagnostics_collection(send_diagnostics=True)"
    )
    assert told.splitlines()[1:] == ["True", "5"]
