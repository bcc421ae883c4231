"""What differs between runs."""

from __future__ import annotations

import pytest
from parts.submitting import Folder

from jupyter_ext.core.runs.compare import compare
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

LOGS = "import sys\nfrom azureml.core import Run\nRun.get_context().log('loss', float(sys.argv[2]))"


def test_arguments_tags_and_metrics_differ_and_the_rest_is_the_same(folder: Folder) -> None:
    config = folder.config(LOGS, arguments=["--lr", "0.5"])
    one = folder.experiment.submit(config, tags={"kind": "trial"})
    one.wait_for_completion()
    two = folder.submit(LOGS, arguments=["--lr", "0.25", "--fast"])
    two.wait_for_completion()
    found = compare([one, two])
    assert found.runs == [one.id, two.id]
    assert found.different == {
        "--lr": ["0.5", "0.25"],
        "--fast": [None, "given"],
        "tag kind": ["trial", None],
        "metric loss": ["0.5", "0.25"],
    }
    assert found.same["script"] == "train.py"
    assert compare([one, two, one]).runs == [one.id, two.id]


def test_what_all_runs_have_comes_first_in_its_group(folder: Folder) -> None:
    logs = "import sys\nfrom azureml.core import Run\n"
    logs += "for name in sys.argv[1:]:\n    Run.get_context().log(name, len(name) + len(sys.argv))"
    runs = [folder.submit(logs, arguments=names) for names in (["b", "x", "c"], ["a", "c", "b", "y", "d"])]
    for run in runs:
        run.wait_for_completion()
    found = compare(runs).different
    names = [name for name in found if name.startswith("metric ")]
    assert names == [f"metric {name}" for name in ("b", "c", "x", "a", "d", "y")]
    assert (found["metric x"], found["metric a"]) == (["5", None], [None, "7"])
    assert list(found)[:3] == ["argument 1", "argument 2", "argument 3"]
    assert list(found)[3:5] == ["argument 4", "argument 5"]


def test_it_takes_two(folder: Folder) -> None:
    run = folder.submit("print(1)")
    with pytest.raises(UserErrorException, match="two runs at least"):
        compare([run, run])
