import json
from pathlib import Path

import pytest

from jupyter_ext.store.live.node_file import MOST_POINTS, NodeFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "nodes.jsonl"


def _sample(t: float, node: int = 0, **more: object) -> str:
    sample = {
        "t": t,
        "node": node,
        "host": f"h{node}",
        "cpus": 2,
        "cpu": 50.0,
        "mem": 1000,
        "mem_total": 4000,
    }
    return json.dumps({**sample, "gpus": [], **more}) + "\n"


def _gpu(util: float | None, number: int = 0) -> dict[str, object]:
    return {"i": number, "name": "H", "util": util, "mem": 10, "mem_total": 80, "temp": 61, "power": None}


def test_last_sample_and_history(path: Path) -> None:
    path.write_text(_sample(1.0, cpu=10.0) + _sample(2.0, cpu=30.0) + _sample(2.0, node=1))
    file = NodeFile(path)
    assert file.refresh() is True
    assert file.refresh() is False
    first, second = file.topic({0: [0, 1], 1: [2]})
    assert (first["host"], first["cpu"], first["mem"], first["ranks"], first["gpus"]) == (
        "h0",
        30.0,
        1000,
        [0, 1],
        [],
    )
    assert first["history"] == {"t": [1.0, 2.0], "cpu": [10.0, 30.0], "mem": [1000, 1000]}
    assert (second["node"], second["ranks"]) == (1, [2])


def test_history_is_thinned_to_its_means(path: Path) -> None:
    path.write_text("".join(_sample(float(t), cpu=float(t % 2) * 100) for t in range(5000)))
    file = NodeFile(path)
    file.refresh()
    history = file.topic({})[0]["history"]
    assert MOST_POINTS / 2 <= len(history["t"]) <= MOST_POINTS
    assert history["t"] == sorted(history["t"])
    assert history["t"][0] < 20
    assert history["t"][-1] > 4980
    assert set(history["cpu"][:-1]) == {50.0}


def test_gpus_that_come_late_and_values_that_cannot_be_read(path: Path) -> None:
    path.write_text(_sample(1.0) + _sample(2.0, gpus=[_gpu(70)]) + _sample(3.0, gpus=[_gpu(None)], cpu=None))
    file = NodeFile(path)
    file.refresh()
    node = file.topic({})[0]
    gpu = node["gpus"][0]
    assert node["cpu"] is None
    assert node["history"]["cpu"] == [50.0, 50.0, None]
    assert (gpu["name"], gpu["util"], gpu["mem_total"]) == ("H", None, 80)
    assert gpu["history"] == {
        "util": [None, 70, None],
        "mem": [None, 10, 10],
        "temp": [None, 61, 61],
        "power": [None] * 3,
        "clock": [None] * 3,
    }


def test_bad_and_half_lines(path: Path) -> None:
    path.write_text(_sample(1.0) + "nonsense\n" + _sample(2.0) + '{"t":3.0,')
    file = NodeFile(path)
    file.refresh()
    assert file.bad_lines == 1
    assert file.topic({})[0]["history"]["t"] == [1.0, 2.0]


def test_processes_stand_until_they_are_listed_again(path: Path) -> None:
    listed = {**_gpu(70), "procs": [{"pid": 5, "name": "python", "rank": 1, "mem": 9}], "others": 2}
    path.write_text(_sample(1.0, gpus=[listed]) + _sample(2.0, gpus=[_gpu(80)]))
    file = NodeFile(path)
    file.refresh()
    gpu = file.topic({})[0]["gpus"][0]
    assert (gpu["util"], gpu["others"]) == (80, 2)
    assert gpu["procs"] == [{"pid": 5, "name": "python", "rank": 1, "mem": 9.0}]
    with path.open("a") as added:
        added.write(_sample(7.0, gpus=[{**_gpu(80), "procs": [], "others": 0}]))
    file.refresh()
    assert file.topic({})[0]["gpus"][0]["procs"] == []
