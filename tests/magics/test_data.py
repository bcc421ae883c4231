"""``--data`` of ``%aml_submit``, and ``%aml data``, in a real kernel."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from parts.kernel import Kernel

READ = """%%aml_submit --wait {} read.py $$birds
import os, sys
from azureml.core import Run
given = Run.get_context().input_datasets["birds"]
if isinstance(given, str):
    names = sorted(os.listdir(given)) if os.path.isdir(given) else [os.path.basename(given)]
    print("given", names, sys.argv[1] == given == os.environ["birds"])
else:
    print("given", given.to_pandas_dataframe().shape, sys.argv[1] == given.id)
"""


@pytest.fixture(scope="module", autouse=True)
def _data(cell: Kernel, folder: Path) -> None:
    (folder / "birds data").mkdir()
    (folder / "birds data" / "a.csv").write_text("x,y\n1,2\n")
    cell.ok("%aml data register known 'birds data' --description 'two of them'")
    cell.ok("%aml data register table 'birds data/a.csv' --table")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("birds=known", "['a.csv'] True"),
        ("birds=known:1", "['a.csv'] True"),
        ("'birds=birds data'", "['a.csv'] True"),
        ("'birds=birds data/a.csv'", "['a.csv'] True"),
        ("birds=mine", "['a.csv'] True"),
        ("birds=table", "(1, 2) True"),
    ],
)
def test_a_run_is_given_data(cell: Kernel, given: str, expected: str) -> None:
    cell.ok(
        "from azureml.core import Dataset\nmine = Dataset.File.from_files('birds data').as_named_input('x').as_mount()"
    )
    cell.ok(READ.format(f"--data {given}"))
    assert f"given {expected}" in cell.ok("%aml logs").text


def test_what_cannot_be_given(cell: Kernel) -> None:
    assert "is no dataset of the notebook, no registered one (known, table), and no path in" in (
        cell.run("%aml_submit --data birds=nope train.py").message
    )
    assert "--data birds is not of the form NAME=DATASET" in cell.run("%aml_submit --data birds train.py").message
    assert "cannot be an input's name" in cell.run("%aml_submit --data a-b=known train.py").message
    assert "has no version 7" in cell.run("%aml_submit --data birds=known:7 train.py").message


def test_data_is_listed_shown_and_registered(cell: Kernel, folder: Path) -> None:
    shown = cell.ok("%aml data").displays[-1]["text/plain"].splitlines()
    assert shown[0].split() == ["DATASET", "VERSION", "KIND", "FILES", "CREATED"]
    assert shown[1].split()[:3] == ["known", "1", "files"]
    assert "delimited" in shown[2]
    one = cell.ok("%aml data show known").displays[-1]["text/plain"]
    assert "two of them" in one
    assert "1 file, 8 B" in one
    assert json.loads(cell.ok("%aml data show known:1 --json").text)["paths"] == ["a.csv"]
    (folder / "more").mkdir()
    (folder / "more" / "b.csv").touch()
    assert "known:2 is registered" in cell.ok("%aml data register known more").displays[-1]["text/plain"]
    assert "identical dataset" in cell.run("%aml data register known more").message
    assert "there is nothing at" in cell.run("%aml data register other nowhere").message
    assert "no dataset registered under name 'nope'" in cell.run("%aml data show nope").message


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("%aml data s", {"show"}),
        ("%aml data show kn", {"known"}),
        ("%aml data register --t", {"--table"}),
        ("%aml_submit --data kn", {"known=known"}),
    ],
)
def test_tab_completes(cell: Kernel, code: str, expected: set[str]) -> None:
    assert set(cell.complete(code)) == expected
