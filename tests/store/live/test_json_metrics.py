"""v1's JSON metrics, as they are drawn."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ext.core.rendering import static_html
from jupyter_ext.store.live.feed import RunFeed
from jupyter_ext.store.live.json_metrics import MOST_CLASSES

if TYPE_CHECKING:
    from parts.live_run import Live


def _told(live: Live, kind: str, value: Any) -> dict[str, Any]:
    (live.paths.artifacts / "m").write_text(value if isinstance(value, str) else json.dumps(value))
    live.metric(n="m", k=kind, v="m")
    feed = RunFeed(live.paths)
    feed.read_all()
    told: dict[str, Any] = next(metric for metric in feed.topic("metrics") if metric["name"] == "m")
    json.dumps(told, allow_nan=False)
    assert told["artifact"] == "m"
    return told


def test_a_confusion_matrix(live: Live) -> None:
    data = {"class_labels": ["<cat>", 1], "matrix": [[9, float("nan")], [0, 7]]}
    told = _told(live, "confusion_matrix", {"schema_type": "confusion_matrix", "data": data})
    assert told["matrix"] == {"labels": ["<cat>", "1"], "rows": [[9, "NaN"], [0, 7]]}
    feed = RunFeed(live.paths)
    feed.read_all()
    html = static_html.render(feed)
    assert "&lt;cat&gt;</th>" in html
    assert 'rgba(59,130,246,0.50)">9</td>' in html
    assert 'rgba(59,130,246,0.00)">NaN</td>' in html


def test_one_that_is_logged_again_is_drawn_anew(live: Live) -> None:
    feed = RunFeed(live.paths)
    for count in (1, 2):
        value = {"data": {"class_labels": ["a"], "matrix": [[count]]}}
        (live.paths.artifacts / "m").write_text(json.dumps(value))
        live.metric(n="m", k="confusion_matrix", v="m")
        feed.refresh()
        assert feed.topic("metrics")[0]["matrix"]["rows"] == [[count]]


def test_an_accuracy_table_has_a_row_for_each_class_and_threshold(live: Live) -> None:
    data = {
        "class_labels": ["a", "b"],
        "probability_thresholds": [0.0, 1.0],
        "probability_tables": [[[5, 5, 0, 0], [0, 0, 4, 5]], [[4, 5, 0, 0], [0, 0, 5, 4]]],
    }
    told = _told(live, "accuracy_table", {"data": data})
    roc, precision = told["curves"]
    assert roc["title"] == "ROC curve"
    assert roc["lines"][0] == {"name": "a", "x": [0.0, 1.0], "y": [0.0, 1.0]}
    assert roc["lines"][-1] == {"name": "chance", "x": [0.0, 1.0], "y": [0.0, 1.0], "look": "reference"}
    assert precision["lines"] == [{"name": "a", "x": [1.0], "y": [0.5]}, {"name": "b", "x": [1.0], "y": [0.4444]}]
    assert told["columns"]["class"] == ["a", "a", "b", "b"]
    assert told["columns"]["threshold"] == [0.0, 1.0, 0.0, 1.0]
    assert told["columns"]["TP"] == [5, 0, 4, 0]
    assert told["columns"]["precision"] == [0.5, None, 0.4444, None]
    assert told["columns"]["recall"] == [1.0, 0.0, 1.0, 0.0]


def test_bins(live: Live) -> None:
    told = _told(live, "residuals", {"data": {"bin_edges": [0, 1, 2], "bin_counts": [3, 4]}})
    assert told["columns"] == {"from": [0, 1], "to": [1, 2], "count": [3, 4]}
    (histogram,) = told["curves"]
    assert histogram["lines"] == [{"name": "count", "x": [0, 1, 2], "y": [3, 4, 4], "look": "steps"}]
    bins = {"bin_edges": [0, 1], "bin_counts": [3], "bin_averages": [0.25], "bin_errors": [0.5]}
    told = _told(live, "predictions", {"data": bins})
    assert told["columns"] == {"from": [0], "to": [1], "count": [3], "average": [0.25], "error": [0.5]}
    (curve,) = told["curves"]
    assert curve["lines"] == [
        {"name": "average", "x": [0.5], "y": [0.25], "low": [-0.25], "high": [0.75]},
        {"name": "exact", "x": [0.5], "y": [0.5], "look": "reference"},
    ]


def test_curves_rise_with_falling_thresholds_and_leave_out_what_is_unknown(live: Live) -> None:
    data = {
        "class_labels": [str(k) for k in range(9)],
        "probability_thresholds": [1.0, 0.0, 0.5],
        "probability_tables": [[[0, 0, 4, 5], [5, 4, 0, 0], [3, 1, None, 2]]] * 9,
    }
    told = _told(live, "accuracy_table", {"data": data})
    roc, precision = told["curves"]
    assert [line["name"] for line in roc["lines"]] == [*"01234567", "chance"]
    assert roc["title"] == "ROC curve, 8 of 9 classes"
    assert (roc["lines"][0]["x"], roc["lines"][0]["y"]) == ([0.0, 1.0], [0.0, 1.0])
    assert (precision["lines"][0]["x"], precision["lines"][0]["y"]) == ([0.6, 1.0], [0.75, 0.5556])
    feed = RunFeed(live.paths)
    feed.read_all()
    html = static_html.render(feed)
    assert html.count("<svg") == 2
    assert "ROC curve, 8 of 9 classes" in html


def test_bins_of_which_nothing_is_known(live: Live) -> None:
    bins = {"bin_edges": [0, None, 2], "bin_counts": [None, 3], "bin_averages": [None, 1], "bin_errors": [0.5, None]}
    told = _told(live, "predictions", {"data": bins})
    assert told["curves"][0]["lines"][0] == {
        "name": "average",
        "x": [None, None],
        "y": [None, 1],
        "low": [None, None],
        "high": [None, None],
    }
    feed = RunFeed(live.paths)
    feed.read_all()
    static_html.render(feed)


@pytest.mark.parametrize(
    "value",
    [
        {"bad": 1},
        "no JSON",
        {
            "data": {
                "class_labels": [str(k) for k in range(MOST_CLASSES + 1)],
                "matrix": [[0] * (MOST_CLASSES + 1)] * 41,
            }
        },
    ],
)
def test_what_cannot_be_drawn_stays_a_file(live: Live, value: Any) -> None:
    told = _told(live, "confusion_matrix", value)
    assert told["kind"] == "json"
    assert not told.keys() & {"matrix", "columns", "curves"}
