from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from jupyter_ext.core.data.dataset import Dataset
from jupyter_ext.core.data.datastore import Datastore
from jupyter_ext.core.data.factory import DataType
from jupyter_ext.core.data.tabular_dataset import TabularDataset
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

ROWS = "name,age,when,ok\nann,30,2020-01-01,true\nbob,40,2020-02-01,false\ncid,,2020-03-01,true\n"


@pytest.fixture
def store(workspace: Workspace, in_folder: Path) -> Datastore:
    folder = workspace._paths.data / "workspaceblobstore" / "t"
    (folder / "2020" / "05").mkdir(parents=True)
    (folder / "people.csv").write_text(ROWS)
    (folder / "2020" / "05" / "more.csv").write_text("name,age,when,ok\ndee,50,2020-04-01,false\n")
    return workspace.get_default_datastore()


@pytest.fixture
def people(store: Datastore) -> TabularDataset:
    return Dataset.Tabular.from_delimited_files((store, "t/people.csv"))


def names(table: Any) -> list[str]:
    return list(table.to_pandas_dataframe()["name"])


def test_delimited_files(store: Datastore, people: TabularDataset) -> None:
    frame = people.to_pandas_dataframe()
    assert list(frame.columns) == ["name", "age", "when", "ok"]
    assert frame["age"].tolist()[:2] == [30, 40]
    assert frame["ok"].tolist() == [True, False, True]
    every = Dataset.Tabular.from_delimited_files([(store, "t/2020/05/more.csv"), (store, "t/people.csv")])
    assert names(every) == ["dee", "ann", "bob", "cid"]
    with_path = Dataset.Tabular.from_delimited_files((store, "t/**/*.csv"), include_path=True).to_pandas_dataframe()
    assert with_path["Path"].tolist() == ["/2020/05/more.csv"] + ["/people.csv"] * 3


def test_how_delimited_files_are_read(store: Datastore, in_folder: Path) -> None:
    Path("a.tsv").write_text("x\ty\n1\t\n", encoding="utf-16")
    made = Dataset.Tabular.from_delimited_files("a.tsv", separator="\t", encoding="utf-16", empty_as_string=True)
    assert made.to_pandas_dataframe().to_dict("list")["x"] == [1]
    bare = Dataset.Tabular.from_delimited_files((store, "t/people.csv"), header=False)
    assert list(bare.to_pandas_dataframe().columns) == ["Column1", "Column2", "Column3", "Column4"]
    text = Dataset.Tabular.from_delimited_files((store, "t/people.csv"), infer_column_types=False)
    assert text.to_pandas_dataframe()["age"].tolist()[:2] == ["30", "40"]
    typed = Dataset.Tabular.from_delimited_files(
        (store, "t/people.csv"),
        set_column_types={
            "when": DataType.to_datetime("%Y-%m-%d"),
            "age": DataType.to_long(),
            "ok": DataType.to_string(),
            "name": DataType.to_bool(),
        },
    ).to_pandas_dataframe()
    assert typed["when"][0] == pd.Timestamp("2020-01-01")
    assert typed["age"].dtype == "Int64"
    assert typed["ok"].tolist() == ["True", "False", "True"]
    with pytest.raises(UserErrorException, match="'nope', which is no column: name, age"):
        Dataset.Tabular.from_delimited_files(
            (store, "t/people.csv"), set_column_types={"nope": DataType.to_float()}
        ).to_pandas_dataframe()


def test_parquet_and_json_lines(store: Datastore, people: TabularDataset, in_folder: Path) -> None:
    people.to_pandas_dataframe().to_parquet("p.parquet")
    assert names(Dataset.Tabular.from_parquet_files("p.parquet")) == ["ann", "bob", "cid"]
    lines = [json.dumps({"name": "ann", "age": 1}), "", "{broken", json.dumps({"name": "bob"})]
    Path("l.jsonl").write_text("\n".join(lines))
    assert names(Dataset.Tabular.from_json_lines_files("l.jsonl", invalid_lines="drop")) == ["ann", "bob"]
    with pytest.raises(UserErrorException, match=r"Line 3 of .*l\.jsonl is not JSON"):
        Dataset.Tabular.from_json_lines_files("l.jsonl").to_pandas_dataframe()
    with pytest.raises(UserErrorException, match="invalid_lines is 'error' or 'drop'"):
        Dataset.Tabular.from_json_lines_files("l.jsonl", invalid_lines="x")
    with pytest.raises(UserErrorException, match=r"people\.csv cannot be read as parquet"):
        Dataset.Tabular.from_parquet_files((store, "t/people.csv")).to_pandas_dataframe()


def test_rows_and_columns(people: TabularDataset) -> None:
    assert names(people.take(2)) == ["ann", "bob"]
    assert names(people.skip(1)) == ["bob", "cid"]
    assert names(people.skip(1).take(1)) == ["bob"]
    assert list(people.keep_columns(["age", "name"]).to_pandas_dataframe().columns) == ["age", "name"]
    assert list(people.keep_columns("age").to_pandas_dataframe().columns) == ["age"]
    assert list(people.drop_columns(["age", "ok"]).to_pandas_dataframe().columns) == ["name", "when"]
    with pytest.raises(UserErrorException, match=r"no column 'nope'. The columns: name, age"):
        people.keep_columns("nope", validate=True)
    first, second = people.random_split(percentage=0.5, seed=223)
    assert sorted(names(first) + names(second)) == ["ann", "bob", "cid"]
    assert names(people.take_sample(0.5, seed=1)) == names(people.take_sample(0.5, seed=1))


def test_filters(people: TabularDataset) -> None:
    assert names(people.filter(people["age"] > 30)) == ["bob"]
    assert names(people.filter((people["age"] >= 30) & ~(people["name"] == "bob"))) == ["ann"]
    assert names(people.filter((people["name"] == "cid") | (people["age"] < 35))) == ["ann", "cid"]
    assert names(people.filter(people["age"] + 10 > 45)) == ["bob"]
    with pytest.raises(UserErrorException, match=r"joined with & \|"):
        people.filter(people["age"] > 1 and people["age"] < 2)
    kept = people.filter(people["age"] > 30)
    again = kept.register(people._workspace, "old")  # type: ignore[arg-type]
    assert names(Dataset.get_by_name(people._workspace, "old")) == names(again) == ["bob"]  # type: ignore[arg-type]


def test_times(people: TabularDataset) -> None:
    timed = people.with_timestamp_columns("when")
    assert timed.timestamp_columns == ("when", None)
    march = dt.datetime(2020, 3, 1)  # noqa: DTZ001 - the table's times have no zone
    assert names(timed.time_before(march)) == ["ann", "bob", "cid"]
    assert names(timed.time_before(march, include_boundary=False)) == ["ann", "bob"]
    assert names(timed.time_after(dt.datetime(2020, 2, 1))) == ["bob", "cid"]  # noqa: DTZ001 - as above
    assert names(timed.time_between(dt.datetime(2020, 1, 15), march, False)) == ["bob"]  # noqa: DTZ001 - as above
    assert names(timed.time_recent(dt.timedelta(days=1))) == ["cid"]
    with pytest.raises(UserErrorException, match="with_timestamp_columns"):
        people.time_before(march)


def test_partitions(store: Datastore) -> None:
    made = Dataset.Tabular.from_delimited_files(
        (store, "t/2020/**/*.csv"), partition_format="/{month:MM}/{when_written:yyyy/MM}/{file}.csv"
    )
    with pytest.raises(UserErrorException, match="does not have the partition format"):
        made.to_pandas_dataframe()
    made = Dataset.Tabular.from_delimited_files((store, "t/2*/*/*.csv"), partition_format="/{at:yyyy/MM}/{file}.csv")
    frame = made.to_pandas_dataframe()
    assert (frame["at"][0], frame["file"][0]) == (pd.Timestamp("2020-05-01"), "more")
    assert made.partition_keys == ["at", "file"]


@pytest.mark.parametrize("begins_with", ["", "/", "t/", "/t/", "elsewhere/"])
def test_a_partition_format_may_begin_with_the_folder_and_reach_into_the_pattern(
    store: Datastore, begins_with: str
) -> None:
    made = Dataset.Tabular.from_delimited_files(
        (store, "t/2020/*/*.csv"), partition_format=begins_with + "{at:yyyy/MM}/{file}.csv"
    )
    frame = made.to_pandas_dataframe()
    assert (frame["at"][0], frame["file"][0]) == (pd.Timestamp("2020-05-01"), "more")
    assert made.get_partition_key_values(["file"]) == [{"file": "more"}]


def test_writing(store: Datastore, people: TabularDataset, workspace: Workspace) -> None:
    assert Path(people.to_csv_files().download("out")[0]).read_text().startswith("name,age,when,ok\nann,30.0")
    written = people.to_parquet_files()
    assert list(pd.read_parquet(written.download("out")[0])["name"]) == ["ann", "bob", "cid"]
    parts = people.partition_by(["ok"], (store, "parts"), name="parts", show_progress=False)
    assert parts.partition_keys == ["ok"]
    assert sorted(names(parts)) == ["ann", "bob", "cid"]
    assert parts.get_partition_key_values() == [{"ok": "False"}, {"ok": "True"}]
    assert workspace.datasets["parts"].version == 1


def test_registering_a_frame(store: Datastore, workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    frame = pd.DataFrame({"x": [1, 2], "y": ["a", None]})
    made = Dataset.Tabular.register_pandas_dataframe(frame, target=(store, "frames"), name="frame", tags={"a": "1"})
    assert (made.name, made.version, made.tags) == ("frame", 1, {"a": "1"})
    assert capsys.readouterr().out.splitlines()[-1] == "Successfully created and registered a new dataset."
    assert Dataset.get_by_name(workspace, "frame").to_pandas_dataframe()["x"].tolist() == [1, 2]
    again = Dataset.Tabular.register_pandas_dataframe(frame, store, "frame", show_progress=False)
    assert again.version == 2
    with pytest.raises(UserErrorException, match="A target is"):
        Dataset.Tabular.register_pandas_dataframe(frame, "frames", "frame", show_progress=False)


def test_without_pandas(people: TabularDataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UserErrorException, match=r"need pandas, .*pip install 'jupyter-aml\[data\]'"):
        people.to_pandas_dataframe()


def test_without_pyarrow(in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("x.parquet").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UserErrorException, match=r"need pyarrow, .*pip install 'jupyter-aml\[data\]'"):
        Dataset.Tabular.from_parquet_files("x.parquet").to_pandas_dataframe()


def test_what_has_no_meaning_says_what_has(people: TabularDataset) -> None:
    with pytest.raises(UserErrorException, match="createDataFrame"):
        people.to_spark_dataframe()
    with pytest.raises(UserErrorException, match=r"\.describe"):
        people.get_profile()
    with pytest.raises(UserErrorException, match=r"pandas\.read_sql"):
        Dataset.Tabular.from_sql_query("select 1")
    with pytest.raises(UserErrorException, match=r"read directly, .*input_datasets\['x'\]"):
        people.as_named_input("x").as_mount()
    with pytest.raises(UserErrorException, match=r"no column of files"):
        people.mount("x")


def test_the_older_ways(store: Datastore, workspace: Workspace) -> None:
    assert names(Dataset.from_delimited_files((store, "t/people.csv"))) == ["ann", "bob", "cid"]
    assert names(Dataset.auto_read_files((store, "t/people.csv"))) == ["ann", "bob", "cid"]
    Path("l.jsonl").write_text('{"name": "ü", "age": 1}\n{"name": "bob"}\n')
    assert names(Dataset.from_json_files("l.jsonl")) == ["ü", "bob"]
    assert list(Dataset.from_json_files("l.jsonl", include_path=True).to_pandas_dataframe()) == ["Path", "name", "age"]
    with pytest.raises(UserErrorException, match="flatten_nested_arrays has no meaning"):
        Dataset.from_json_files("l.jsonl", flatten_nested_arrays=True)
    made = Dataset.from_delimited_files((store, "t/people.csv")).register(workspace, "people")
    assert Dataset.get(workspace, name="people") == made
    assert Dataset.list(workspace) == [made]
    with pytest.raises(UserErrorException, match="skip_rows has no meaning"):
        Dataset.from_delimited_files((store, "t/people.csv"), skip_rows=1)
