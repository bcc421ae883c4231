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


def test_it_takes_two(folder: Folder) -> None:
    run = folder.submit("print(1)")
    with pytest.raises(UserErrorException, match="two runs at least"):
        compare([run, run])
