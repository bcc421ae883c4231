import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from jupyter_ext.store.live.metric_file import SHOWN_POINTS, MetricFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "metrics.jsonl"


def _write(path: Path, *records: dict[str, Any]) -> MetricFile:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    file = MetricFile(path)
    file.refresh()
    return file


def _topic(file: MetricFile, name: str) -> dict[str, Any]:
    return next(metric for metric in file.topic() if metric["name"] == name)


def test_no_file_has_no_metrics(path: Path) -> None:
    file = MetricFile(path)
    assert file.refresh() is False
    assert file.topic() == []
    assert file.values() == {}


def test_scalars_keep_their_type_and_order(path: Path) -> None:
    file = _write(
        path,
        {"n": "one", "v": 5, "t": 1.0},
        {"n": "whole", "v": 1, "t": 2.0},
        {"n": "whole", "v": 2, "t": 3.0},
        {"n": "mixed", "v": 1, "t": 4.0},
        {"n": "mixed", "v": 0.5, "t": 5.0},
        {"n": "text", "v": "sgd", "t": 6.0},
        {"n": "yes", "v": True, "t": 7.0},
        {"n": "none", "v": None, "t": 8.0},
    )
    values = file.values()
    assert values == {
        "one": 5,
        "whole": [1, 2],
        "mixed": [1, 0.5],
        "text": "sgd",
        "yes": True,
        "none": None,
    }
    assert type(values["one"]) is type(values["whole"][0]) is int
    assert _topic(file, "text") == {
        "name": "text",
        "kind": "scalar",
        "count": 1,
        "last": "sgd",
        "min": None,
        "max": None,
    }


def test_lists_rows_and_tables_have_v1s_shapes(path: Path) -> None:
    file = _write(
        path,
        {"n": "short", "k": "list", "v": [5], "t": 1.0},
        {"n": "long", "k": "list", "v": [5, 6], "t": 1.0},
        {"n": "row", "k": "row", "v": {"x": 1, "y": 2.0}, "t": 1.0},
        {"n": "rows", "k": "row", "v": {"x": 1, "y": 2.0}, "t": 1.0},
        {"n": "rows", "k": "row", "v": {"x": 2, "y": 3.0}, "t": 1.0},
        {"n": "table", "k": "table", "v": {"x": [1, 2], "y": [3, 4]}, "t": 1.0},
    )
    assert file.values() == {
        "short": 5,
        "long": [5, 6],
        "row": {"x": 1, "y": 2.0},
        "rows": {"x": [1, 2], "y": [2.0, 3.0]},
        "table": {"x": [1, 2], "y": [3, 4]},
    }
    assert [_topic(file, name)["count"] for name in ("row", "rows", "table")] == [1, 2, 2]
    assert _topic(file, "rows")["columns"] == {"x": [1, 2], "y": [2.0, 3.0]}
    assert _topic(file, "row")["columns"] == {"x": [1], "y": [2.0]}
    assert _topic(file, "long")["series"]["y"] == [5, 6]
    assert _topic(file, "long")["series"]["step"] == [0, 1]


def test_images_and_artifacts_name_their_files(path: Path) -> None:
    file = _write(
        path,
        {"n": "plot", "k": "image", "v": "plots/x.png", "t": 1.0},
        {"n": "matrix", "k": "confusion_matrix", "v": "matrix", "t": 1.0},
    )
    assert (_topic(file, "plot")["kind"], _topic(file, "plot")["artifact"]) == ("image", "plots/x.png")
    matrix = _topic(file, "matrix")
    assert (matrix["kind"], matrix["schema"], matrix["artifact"]) == ("json", "confusion_matrix", "matrix")
    assert file.values("run_1")["plot"] == "aml://artifactId/ExperimentRun/dcid.run_1/plots/x.png"


def test_not_finite_numbers(path: Path) -> None:
    file = _write(
        path,
        {"n": "loss", "v": 0.5, "t": 1.0},
        {"n": "loss", "v": "NaN", "k": "float", "t": 2.0},
        {"n": "loss", "v": "-Infinity", "k": "float", "t": 3.0},
        {"n": "loss", "v": 0.25, "t": 4.0},
        {"n": "loss", "v": "Infinity", "k": "float", "t": 5.0},
    )
    loss = _topic(file, "loss")
    assert (loss["count"], loss["last"], loss["min"], loss["max"]) == (5, "Infinity", 0.25, 0.5)
    assert loss["series"]["y"] == [0.5, None, None, 0.25, None]
    values = file.values()["loss"]
    assert values[0] == 0.5
    assert math.isnan(values[1])
    assert values[2:] == [-math.inf, 0.25, math.inf]
    json.dumps(file.topic(), allow_nan=False)


def test_steps_out_of_order_are_drawn_in_order(path: Path) -> None:
    file = _write(path, *({"n": "a", "v": step * 10, "t": 10.0 - step, "s": step} for step in (2, 0, 1)))
    assert file.series("a", "step") == {"x": [0, 1, 2], "y": [0, 10, 20]}
    assert file.series("a", "time")["x"] == [8, 9, 10]
    assert file.values() == {"a": [20, 0, 10]}


def test_several_ranks_become_a_mean_and_a_band(path: Path) -> None:
    records = [
        {"n": "loss", "v": float(step + rank), "t": float(step), "r": rank} for step in range(3) for rank in range(2)
    ]
    file = _write(path, *records)
    series = _topic(file, "loss")["series"]
    assert series["step"] == [0, 1, 2]
    assert series["y"] == [0.5, 1.5, 2.5]
    assert (series["low"], series["high"]) == ([0, 1, 2], [1, 2, 3])
    assert file.values()["loss"] == [0, 1, 1, 2, 2, 3]


def test_numbers_and_text_under_one_name_keep_their_order(path: Path) -> None:
    file = _write(path, {"n": "a", "v": 1, "t": 1.0}, {"n": "a", "v": "x", "t": 2.0}, {"n": "a", "v": 3, "t": 3.0})
    assert file.values() == {"a": [1, "x", 3]}


def test_huge_whole_numbers(path: Path) -> None:
    file = _write(path, {"n": "a", "v": 2**53 + 1, "t": 1.0}, {"n": "b", "v": 10**40, "t": 1.0})
    assert file.values()["b"] == 10**40
    assert _topic(file, "a")["count"] == 1


def test_bad_lines_are_counted_and_passed_over(path: Path) -> None:
    path.write_bytes(b'{"n":"a","v":1,"t":1}\nnot json\n[1]\n{"v":1}\n\xff\xfe\n\n{"n":"a","v":2,"t":2}\n')
    file = MetricFile(path)
    file.refresh()
    assert file.bad_lines == 4
    assert file.values() == {"a": [1, 2]}


def test_half_line_is_left_and_read_whole_later(path: Path) -> None:
    path.write_bytes(b'{"n":"a","v":1,"t":1}\n{"n":"a","v":')
    file = MetricFile(path)
    file.refresh()
    assert (file.values(), file.bad_lines) == ({"a": 1}, 0)
    with path.open("ab") as appended:
        appended.write(b'2,"t":2}\n')
    assert file.refresh() is True
    assert file.refresh() is False
    assert file.values() == {"a": [1, 2]}


def test_replaced_file_is_read_anew(path: Path) -> None:
    file = _write(path, {"n": "a", "v": 1, "t": 1.0}, {"n": "a", "v": 2, "t": 1.0})
    path.write_text('{"n":"b","v":1,"t":1}\n')
    assert file.refresh() is True
    assert file.values() == {"b": 1}
    path.unlink()
    assert file.refresh() is True
    assert file.values() == {}


def test_series_keeps_the_peaks_of_what_is_zoomed_to(path: Path) -> None:
    with path.open("w") as lines:
        for number in range(50_000):
            value = 100.0 if number == 31_234 else math.sin(number / 1000)
            lines.write(f'{{"n":"a","v":{value!r},"t":{number}}}\n')
    file = MetricFile(path)
    file.refresh()
    shown = _topic(file, "a")["series"]
    assert len(shown["y"]) <= SHOWN_POINTS
    assert max(shown["y"]) == 100.0
    assert (shown["step"][0], shown["step"][-1]) == (0, 49_999)
    part = file.series("a", "step", 31_000, 32_000, pixels=100)
    assert len(part["x"]) <= 200
    assert (part["x"][0], part["x"][-1]) == (30_999, 32_001)
    assert 31_234 in part["x"]
    assert file.series("a", "step", 60_000, 70_000)["x"] in ([], [49_999])


def test_many_metrics_share_the_points_that_are_sent(path: Path) -> None:
    with path.open("w") as lines:
        for number in range(100_000):
            lines.write(f'{{"n":"m{number % 100}","v":{number},"t":{number}}}\n')
    file = MetricFile(path)
    file.refresh()
    assert sum(len(metric["series"]["y"]) for metric in file.topic()) <= 15_000


def test_writer_killed_in_the_middle_of_a_line(path: Path) -> None:
    script = (
        "import os, sys\n"
        "out = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT)\n"
        "n = 0\n"
        "while True:\n"
        '    line = b\'{"n":"a","v":%d,"t":1}\\n\' % n\n'
        "    os.write(out, line[:9]); os.write(out, line[9:]); n += 1\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", script, str(path)])
    file = MetricFile(path)
    deadline = time.monotonic() + 20
    while ("a" not in file.metrics or file.metrics["a"].count < 2000) and time.monotonic() < deadline:
        file.refresh()
        time.sleep(0.01)
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait(10)
    file.refresh()
    values = file.values()["a"]
    assert values == list(range(len(values)))
    assert len(values) == path.read_bytes().count(b"\n") >= 2000
    assert file.bad_lines == 0


def test_a_million_points(path: Path) -> None:
    path.write_text(
        "".join(f'{{"n":"{"ab"[i % 2]}","v":{i * 0.37!r},"t":{1763600000 + i * 0.01!r}}}\n' for i in range(1_000_000))
    )
    file = MetricFile(path)
    file.refresh()
    topic = file.topic()
    assert 1000 <= len(file.series("a", "time", None, None, 1000)["y"]) <= 2000
    assert [metric["count"] for metric in topic] == [500_000, 500_000]
    assert len(file.values()["a"]) == 500_000
