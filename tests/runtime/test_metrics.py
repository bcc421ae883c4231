"""Metrics, from the call that logs them to get_metrics(), in v1's shapes."""

import json
import math
import pathlib
import re
from collections.abc import Callable

import numpy as np
import pytest

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException, UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.logger import RunLogger
from jupyter_ext.runtime.inside.jupyter_aml_run.metrics import metric_values

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


@pytest.fixture
def run(tmp_path: pathlib.Path) -> RunLogger:
    (tmp_path / "run.json").write_text('{"run_id": "r1"}')
    return RunLogger(str(tmp_path))


def records(run: RunLogger) -> list[dict[str, object]]:
    return [json.loads(line) for line in pathlib.Path(run._run_dir, "metrics.jsonl").read_text().splitlines()]


def twice(run: RunLogger) -> None:
    run.log("m", 1)
    run.log("m", 2.0)


def rows(run: RunLogger) -> None:
    run.log_row("m", x=1, y=2.0)
    run.log_row("m", "a description", x=3, y=4.0)


@pytest.mark.parametrize(
    ("call", "value"),
    [
        (lambda run: run.log("m", 1), 1),
        (twice, [1.0, 2.0]),
        (lambda run: run.log("m", None), None),
        (lambda run: run.log("m", {"q": 1}), "{'q': 1}"),
        (lambda run: run.log("m", True), True),
        (lambda run: run.log("m", "text"), "text"),
        (lambda run: run.log("m", 2**70), float(2**70)),
        (lambda run: run.log("m", 10**400), str(10**400)),
        (lambda run: run.log("m", np.float32(0.5)), 0.5),
        (lambda run: run.log("m", np.float64(0.5)), 0.5),
        (lambda run: run.log("m", np.int64(5)), 5),
        (lambda run: run.log("m", np.bool_(True)), True),
        (lambda run: run.log("m", np.array([0.5])), 0.5),
        (lambda run: run.log("m", np.array([1, 2])), "[1 2]"),
        (lambda run: run.log_list("m", [5]), 5),
        (lambda run: run.log_list("m", [5, 6]), [5, 6]),
        (lambda run: run.log_list("m", (1, 2)), [1, 2]),
        (lambda run: run.log_list("m", range(3)), [0, 1, 2]),
        (lambda run: run.log_list("m", (n * n for n in range(3))), [0, 1, 4]),
        (lambda run: run.log_list("m", [1, 2.5]), [1.0, 2.5]),
        (lambda run: run.log_list("m", [True, 2]), [True, 2]),
        (lambda run: run.log_list("m", np.arange(3)), [0, 1, 2]),
        (lambda run: run.log_list("m", [np.float32(0.5), "x", None]), [0.5, "x", None]),
        (lambda run: run.log_row("m", x=1, y=2.0), {"x": 1, "y": 2.0}),
        (rows, {"x": [1, 3], "y": [2.0, 4.0]}),
        (lambda run: run.log_table("m", {"x": [1, 2], "y": [3, 4]}), {"x": [1, 2], "y": [3, 4]}),
        (lambda run: run.log_table("m", {"x": [1], "y": [3]}), {"x": 1, "y": 3}),
        (lambda run: run.log_table("m", {"x": np.arange(2)}), {"x": [0, 1]}),
    ],
)
def test_shapes(run: RunLogger, call: Callable[[RunLogger], None], value: object) -> None:
    call(run)
    result = run.get_metrics()
    assert result == {"m": value}
    assert repr(result["m"]) == repr(value)
    run.log("n", 1)
    assert run.get_metrics("m") == {"m": value}
    assert run.get_metrics("none") == {}


def test_an_empty_list_logs_nothing(run: RunLogger) -> None:
    run.log_list("m", [])
    run.log_row("m")
    run.log_table("m", {})
    run.log_table("m", {"x": []})
    assert run.get_metrics() == {}


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda run: run.log("m", [1]), UserErrorException),
        (lambda run: run.log("m", range(2)), UserErrorException),
        (lambda run: run.log("m", (n for n in [1])), UserErrorException),
        (lambda run: run.log_list("m", 5), UserErrorException),
        (lambda run: run.log_list("m", "text"), UserErrorException),
        (lambda run: run.log_list("m", [[1]]), AzureMLException),
        (lambda run: run.log_row("m", x=[1]), AzureMLException),
        (lambda run: run.log_table("m", [1]), UserErrorException),
        (lambda run: run.log_table("m", {"x": [1], "y": [1, 2]}), AzureMLException),
        (lambda run: run.log_image("m"), UserErrorException),
        (lambda run: run.log_image("m", path="x.png", plot=object()), UserErrorException),
        (lambda run: run.log_image("m", path="no-such.png"), UserErrorException),
        (lambda run: run.log_image("m", path=__file__), UserErrorException),
        (lambda run: run.log_image("m", plot=object()), UserErrorException),
        (lambda run: run.log_predictions("m", "{not json"), UserErrorException),
        (lambda run: run.log_predictions("m", "[1]"), UserErrorException),
        (lambda run: run.log_predictions("m", 5), UserErrorException),
    ],
)
def test_what_is_refused(run: RunLogger, call: Callable[[RunLogger], None], kind: type[Exception]) -> None:
    with pytest.raises(kind):
        call(run)
    assert run.get_metrics() == {}


def test_numbers_that_json_does_not_know(run: RunLogger) -> None:
    nan, inf = float("nan"), float("inf")
    for value in (nan, inf, -inf):
        run.log("scalar", value)
    run.log_list("list", [1.0, nan])
    run.log_row("row", x=inf, y=1)
    run.log_table("table", {"x": [1.0, -inf], "y": [1, 2]})
    for record in records(run):
        json.dumps(record, allow_nan=False)
    assert records(run)[0] == {"n": "scalar", "v": "NaN", "k": "float", "t": records(run)[0]["t"]}
    result = run.get_metrics()
    assert math.isnan(result["scalar"][0])
    assert result["scalar"][1:] == [inf, -inf]
    assert result["list"][0] == 1.0
    assert math.isnan(result["list"][1])
    assert result["row"] == {"x": inf, "y": 1}
    assert result["table"] == {"x": [1.0, -inf], "y": [1, 2]}


def test_step_description_and_rank_are_in_the_line(tmp_path: pathlib.Path) -> None:
    run = RunLogger(str(tmp_path), rank=3)
    run.log('na"me\n', 0.5, "what it is", step=np.int64(4))
    run.log_list("l", [1], description="d")
    scalar, values = records(run)
    assert (scalar["n"], scalar["v"], scalar["s"], scalar["d"], scalar["r"]) == ('na"me\n', 0.5, 4, "what it is", 3)
    assert (values["k"], values["v"], values["d"], values["r"]) == ("list", [1], "d", 3)
    assert values["t"] > 1.6e9


def test_a_row_without_a_column_keeps_the_others_in_line() -> None:
    lines = [{"n": "r", "k": "row", "v": {"x": 1}}, {"n": "r", "k": "row", "v": {"x": 2, "y": 5}}]
    assert metric_values([*lines, {"n": "r", "k": "row", "v": {"y": 6}}]) == {
        "r": {"x": [1, 2, None], "y": [None, 5, 6]}
    }


def test_images(run: RunLogger, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work" / "plots").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    for name in ("a", "b"):
        pathlib.Path("plots", f"{name}.png").write_bytes(PNG)
        run.log_image("img", path=f"./plots/{name}.png")
    address = "aml://artifactId/ExperimentRun/dcid.r1/plots/{}.png"
    assert run.get_metrics() == {"img": [address.format("a"), address.format("b")]}
    assert run.get_metrics(populate=True) == {"img": [PNG, PNG]}
    assert "plots/a.png" in run.get_file_names()


def test_an_image_from_elsewhere_keeps_its_name_only(
    run: RunLogger, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "x.png").write_bytes(PNG)
    monkeypatch.chdir(tmp_path / "work")
    run.log_image("img", path="../x.png")
    assert run.get_file_names() == ["x.png"]


def test_plots(run: RunLogger, tmp_path: pathlib.Path) -> None:
    figure_module = pytest.importorskip("matplotlib.figure")
    figure = figure_module.Figure()
    figure.subplots().plot([1, 2])
    run.log_image("loss/curve", plot=figure)
    run.log_image("loss/curve", plot=figure)
    names = run.get_file_names()
    assert len(names) == 2
    assert all(name.startswith("loss/curve_") and name.endswith(".png") for name in names)
    assert (tmp_path / "artifacts" / names[0]).read_bytes().startswith(PNG[:8])


DATA = {
    "confusion_matrix": {"class_labels": ["a", 1], "matrix": [[3, 1], [0, 5]]},
    "accuracy_table": {
        "class_labels": ["a"],
        "probability_thresholds": [0.0, 1.0],
        "probability_tables": [[[5, 4, 0, 0], [0, 0, 4, 5]]],
    },
    "residuals": {"bin_edges": [0, 1, 2], "bin_counts": [3, 4.5]},
    "predictions": {"bin_edges": [0, 1], "bin_counts": [3], "bin_averages": [None], "bin_errors": [0.25]},
}


@pytest.mark.parametrize("kind", ["confusion_matrix", "accuracy_table", "residuals", "predictions"])
@pytest.mark.parametrize("form", [json.dumps, lambda value: value])
def test_json_metrics(run: RunLogger, kind: str, form: Callable[[object], object]) -> None:
    value = {"schema_type": kind, "schema_version": "v1", "parameters": {}, "data": DATA[kind]}
    getattr(run, f"log_{kind}")("m", form(value))
    assert run.get_metrics() == {"m": "aml://artifactId/ExperimentRun/dcid.r1/m"}
    assert json.loads(run.get_metrics(populate=True)["m"]) == value
    assert records(run)[0]["k"] == kind


def test_numpy_inside_a_json_metric(run: RunLogger) -> None:
    run.log_residuals("m", {"data": {"bin_edges": np.arange(3), "bin_counts": [np.float32(0.5), 2]}})
    assert json.loads(run.get_metrics(populate=True)["m"]) == {"data": {"bin_edges": [0, 1, 2], "bin_counts": [0.5, 2]}}


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        ("confusion_matrix", {"bad": 1}, '"data" is missing'),
        ("confusion_matrix", "[1]", "it is no dictionary"),
        ("confusion_matrix", {"schema_type": "residuals", "data": {}}, "\"schema_type\" is 'residuals'"),
        ("confusion_matrix", {"data": {"matrix": [[1]]}}, '"class_labels" is no list'),
        (
            "confusion_matrix",
            {"data": {"class_labels": ["a", "b"], "matrix": [[1, 2]]}},
            '"matrix" is not 2 x 2 numbers',
        ),
        ("confusion_matrix", {"data": {"class_labels": ["a"], "matrix": [["1"]]}}, '"matrix" is not 1 x 1 numbers'),
        ("accuracy_table", {"data": {"class_labels": ["a"], "probability_thresholds": [0.5]}}, "is missing"),
        (
            "accuracy_table",
            {"data": {"class_labels": ["a"], "probability_thresholds": [0.5], "probability_tables": [[[1, 2]]]}},
            "is not 1 x 1 x 4 numbers",
        ),
        ("residuals", {"data": {"bin_edges": [0, 1], "bin_counts": [1, 2]}}, '"bin_counts" is not 1 numbers'),
        ("predictions", {"data": {"bin_edges": [0, 1], "bin_counts": [1]}}, '"bin_averages" is missing'),
    ],
)
def test_what_is_not_of_its_schema_is_refused_before_it_is_kept(
    run: RunLogger, kind: str, value: object, why: str
) -> None:
    with pytest.raises(UserErrorException, match=re.escape(why)) as caught:
        getattr(run, f"log_{kind}")("m", value)
    assert f"log_{kind}('m')" in str(caught.value)
    assert run.get_metrics() == {}
    assert run.get_file_names() == []


def test_a_million_points_are_read() -> None:
    lines = [{"n": "loss", "v": 0.5, "t": 1.0}] * 1_000_000
    assert len(metric_values(lines)["loss"]) == 1_000_000
