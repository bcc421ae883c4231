from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.live import output_files
from jupyter_ext.store.live.feed import TOPICS, RunFeed
from jupyter_ext.store.paths import RunPaths

if TYPE_CHECKING:
    from pathlib import Path

    from parts.live_run import Live


def _phases(feed: RunFeed) -> dict[str, tuple[str, float | None]]:
    told = {}
    for phase in feed.phases():
        known = phase["start"] is not None and phase["end"] is not None
        told[phase["name"]] = (phase["state"], round(phase["end"] - phase["start"], 2) if known else None)
    return told


@pytest.fixture(autouse=True)
def _list_files_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output_files, "_SCAN_EVERY", 0.0)
    monkeypatch.setattr(output_files, "_SCAN_SHARE", 0)


def test_nothing_is_there_yet(tmp_path: Path) -> None:
    feed = RunFeed(RunPaths(tmp_path / "run_1"))
    assert feed.refresh() == set()
    told = {topic: feed.topic(topic) for topic in TOPICS}
    json.dumps(told, allow_nan=False)
    assert told["run"]["id"] == "run_1"
    assert told["run"]["status"] == "NotStarted"
    assert told["logs"] == {"files": [], "active": None}
    assert told["tail"] == {"file": "", "first": 0, "total": 0, "lines": [], "times": []}
    assert [told[topic] for topic in ("metrics", "nodes", "files", "details")] == [[], [], [], []]
    assert {phase["state"] for phase in told["phases"]} == {"pending"}


@pytest.mark.parametrize("status", ["Running", "Completed"])
def test_of_a_run_that_was_deleted_by_hand_what_was_read_is_kept(running: Live, status: str) -> None:
    running.event(60.0, status=status)
    feed = RunFeed(running.paths)
    feed.read_all()
    before = {topic: feed.topic(topic) for topic in TOPICS if topic not in ("run", "tail")}
    running.paths.events.unlink()  # as the first of all
    assert feed.refresh() == {"run"}
    shutil.rmtree(running.paths.root)
    assert feed.refresh() == set()
    assert {topic: feed.topic(topic) for topic in before} == before
    run = feed.run()
    assert run["status"] == ("NotResponding" if status == "Running" else status)
    assert "directory was deleted" in run["reason"]


def test_everything_of_a_running_run(running: Live) -> None:
    feed = RunFeed(running.paths)
    assert feed.refresh() == set(TOPICS) - {"trials"}
    assert feed.refresh() == set()
    run = feed.run()
    assert (run["status"], run["command"], run["experiment"]) == ("Running", "train.py --epochs 3", "birds")
    assert (run["created"], run["started"], run["ended"]) == (running.created, running.created + 11, None)
    assert feed.logs() == {
        "files": [{"name": "user_logs/std_log.txt", "size": 47, "lines": 2, "group": "script"}],
        "active": "user_logs/std_log.txt",
    }
    assert feed.tail()["lines"][-1] == "epoch 1"
    assert [metric["name"] for metric in feed.metrics()] == ["best", "loss", "plot"]
    assert feed.nodes()[0]["ranks"] == [0, 1]
    assert [file["name"] for file in feed.files()] == ["outputs/model.pt", "plots/x.png"]
    assert feed.values()["best"] == 0.25
    json.dumps({topic: feed.topic(topic) for topic in TOPICS}, allow_nan=False)


def test_details_name_variables_and_never_their_values(running: Live) -> None:
    running.event(12.0, tags={"stage": "two"}, removed_tags=["kind"], properties={"extra": "1"})
    feed = RunFeed(running.paths)
    feed.refresh()
    tables = {table["title"]: dict(table["rows"]) for table in feed.details()}
    assert tables["Environment"]["Variables"] == "TOKEN"
    assert tables["Git"] == {"branch": "main"}
    assert tables["Tags"] == {"stage": "two"}
    assert tables["Properties"] == {"ContentSnapshotId": "5f", "extra": "1"}
    assert tables["Snapshot"] == {"Id": "5f", "Files": "2", "Size": "2.0 KB"}
    assert "hunter2" not in json.dumps(feed.details())


def test_phases_of_a_completed_run(ended: Live) -> None:
    ended.event(5.0, note="too late for its phase by order, not by time")
    feed = RunFeed(ended.paths)
    feed.refresh()
    assert _phases(feed) == {
        "Snapshot": ("done", 0.25),
        "Prepare": ("done", 9.75),
        "Queue": ("done", 1.0),
        "Run": ("done", 49.0),
        "Finish": ("done", 1.0),
    }
    assert feed.phases()[0]["note"] == "2 files, 2.0 KB"
    assert feed.phases()[1]["note"] == "too late for its phase by order, not by time"
    assert feed.has_ended


def test_phases_while_it_prepares_and_when_that_fails(live: Live) -> None:
    feed = RunFeed(live.paths)
    feed.refresh()
    assert _phases(feed)["Prepare"] == ("active", None)
    live.event(1.0, status="Preparing")
    assert feed.refresh() == {"run", "phases", "logs", "details"}
    live.event(2.0, status="Failed", reason="no such package", log="system_logs/build.log")
    feed.refresh()
    assert _phases(feed)["Prepare"] == ("failed", 1.75)
    assert _phases(feed)["Queue"] == ("pending", None)
    assert (feed.run()["reason"], feed.run()["log"]) == ("no such package", "system_logs/build.log")


@pytest.mark.parametrize(("status", "state"), [("Failed", "failed"), ("Canceled", "canceled")])
def test_what_ends_badly_in_its_last_phase_shows_in_the_run(running: Live, status: str, state: str) -> None:
    running.event(60.0, status="Finalizing")
    running.event(61.0, status=status)
    feed = RunFeed(running.paths)
    feed.refresh()
    assert (_phases(feed)["Run"], _phases(feed)["Finish"]) == ((state, 49.0), ("done", 1.0))


def test_a_run_that_went_back_to_the_queue(running: Live) -> None:
    running.event(20.0, status="Queued")
    feed = RunFeed(running.paths)
    feed.refresh()
    assert _phases(feed)["Run"] == ("pending", None)
    running.event(30.0, status="Running")
    running.event(40.0, status="Completed")
    feed.refresh()
    assert _phases(feed)["Queue"] == ("done", 20.0)
    assert _phases(feed)["Run"] == ("done", 10.0)


def test_which_log_is_active(live: Live) -> None:
    feed = RunFeed(live.paths)
    live.event(1.0, status="Preparing")
    live.paths.build_log.write_text("step 1\n")
    live.paths.runner_log.write_text("began\n")
    assert {"logs", "tail"} <= feed.refresh()
    assert feed.logs()["active"] == "system_logs/build.log"
    live.event(2.0, status="Running")
    live.print("", "mpi_log.txt")
    for rank in (10, 2, 0, 1):
        live.print(f"rank {rank}\n", f"std_log_process_{rank}.txt")
    assert {"logs", "tail"} <= feed.refresh()
    assert feed.tail()["lines"] == ["rank 0"]
    names = [(file["name"].rpartition("/")[2], file["group"]) for file in feed.logs()["files"]]
    assert names == [
        ("std_log_process_0.txt", "script"),
        ("std_log_process_1.txt", "script"),
        ("std_log_process_2.txt", "script"),
        ("std_log_process_10.txt", "script"),
        ("mpi_log.txt", "script"),
        ("build.log", "build"),
        ("runner.log", "system"),
    ]
    live.event(3.0, status="Failed", log="user_logs/std_log_process_2.txt")
    assert {"logs", "tail"} <= feed.refresh()
    assert feed.tail()["file"] == "user_logs/std_log_process_2.txt"


def test_one_stat_a_file_when_nothing_changed(running: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    old = time.time() - 60
    for folder in (running.paths.user_logs, running.paths.system_logs):
        os.utime(folder, (old, old))
    monkeypatch.setattr(output_files, "_SCAN_EVERY", 60.0)
    feed = RunFeed(running.paths)
    feed.refresh()
    feed.refresh()
    calls: list[str] = []

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        if event in {"open", "os.scandir", "os.listdir"} and counting:
            calls.append(f"{event} {arguments[0]}")

    real = os.stat
    monkeypatch.setattr(os, "stat", lambda *a, **k: (calls.append(f"stat {a[0]}"), real(*a, **k))[1])
    counting = True
    sys.addaudithook(count)
    feed.refresh()
    counting = False
    names = sorted(call.removeprefix(f"stat {running.paths.root}/") for call in calls)
    assert names == [
        "events.jsonl",
        "log_times.jsonl",
        "metrics.jsonl",
        "nodes.jsonl",
        "system_logs",
        "user_logs",
        "user_logs/std_log.txt",
    ]


def test_files_that_disappear(running: Live) -> None:
    feed = RunFeed(running.paths)
    feed.refresh()
    for path in (running.paths.metrics, running.paths.nodes, running.paths.user_logs / "std_log.txt"):
        path.unlink()
    (running.paths.outputs / "model.pt").unlink()
    assert {"metrics", "nodes", "logs", "tail", "files"} <= feed.refresh()
    assert (feed.metrics(), feed.nodes(), feed.tail()["lines"]) == ([], [], [])
    assert feed.refresh() == set()


def test_files_are_read_in_parts(running: Live) -> None:
    feed = RunFeed(running.paths)
    about, data = feed.read_file("outputs/model.pt", 1000, 400)
    assert about == {"name": "outputs/model.pt", "size": 1500, "mime": "application/octet-stream", "offset": 1000}
    assert data == b"m" * 400
    assert feed.read_file("plots/x.png")[0]["mime"] == "image/png"
    assert feed.read_file("user_logs/std_log.txt")[1].endswith(b"epoch 1\n")


def test_nothing_outside_of_the_run_is_read(running: Live, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    outputs = running.paths.outputs
    (outputs / "link").symlink_to(tmp_path / "secret")
    (outputs / "folder").symlink_to(tmp_path)
    (outputs / "latest").symlink_to("model.pt")
    (outputs / "told").symlink_to(running.paths.launch_spec(0))
    (running.paths.work / "train.py").write_text("")
    os.mkfifo(outputs / "pipe")
    (running.paths.user_logs / "std_log_9.txt").symlink_to(tmp_path / "secret")
    feed = RunFeed(running.paths)
    feed.refresh()
    names = [file["name"] for file in feed.files()]
    assert names == ["outputs/latest", "outputs/model.pt", "plots/x.png"]
    assert len(feed.logs()["files"]) == 1
    assert feed.read_file("outputs/latest")[1] == b"m" * 1500
    for name in (
        "outputs/link",
        "outputs/folder/secret",
        "outputs/../../../secret",
        str(tmp_path / "secret"),
        "../../../secret",
        "outputs/pipe",
        "outputs/told",
        "outputs/../train.py",
        "user_logs/../launch/0.json",
        "outputs",
        "outputs/",
        "",
        "nowhere",
        "a\0b",
    ):
        with pytest.raises(UserErrorException):
            feed.read_file(name)
    with pytest.raises(UserErrorException, match="it has: user_logs"):
        feed.lines("../../secret", 0, 1)


def test_outputs_that_are_a_link_to_elsewhere(running: Live, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "secret").write_text("secret")
    (running.paths.work / "outputs").rename(running.paths.work / "before")
    (running.paths.work / "outputs").symlink_to(elsewhere)
    feed = RunFeed(running.paths)
    feed.refresh()
    assert [file["name"] for file in feed.files()] == ["plots/x.png"]


def test_lines_search_and_series(running: Live) -> None:
    feed = RunFeed(running.paths)
    feed.refresh()
    file = "user_logs/std_log.txt"
    assert feed.lines(file, 1, 5) == {"file": file, "first": 1, "total": 2, "lines": ["epoch 1"], "times": []}
    assert feed.search(file, "EPOCH") == {"total": 1, "lines": [1]}
    assert feed.series("loss", "step", 3, 5)["x"] == [2, 3, 4, 5, 6]
    with pytest.raises(UserErrorException, match="it has: loss, best, plot"):
        feed.series("nothing")
    with pytest.raises(UserErrorException, match="choose one of"):
        feed.topic("refresh")


def test_a_log_of_long_lines_has_a_short_tail(running: Live) -> None:
    running.print(("x" * 10_000 + "\n") * 600)
    feed = RunFeed(running.paths)
    feed.refresh()
    tail = feed.tail()
    assert sum(map(len, tail["lines"])) <= 256 * 1024
    assert tail["first"] + len(tail["lines"]) == tail["total"] == 602


def test_damaged_records_do_no_harm(running: Live) -> None:
    with running.paths.events.open("ab") as events:
        events.write(b'garbage\n{"t":"x","status":"Failed"}\n[]\n{"t":5')
    running.paths.run_json.write_text("{")
    feed = RunFeed(running.paths)
    feed.refresh()
    assert feed.run()["status"] == "Running"
    assert feed.details() == []


_WRITER = """
import os, sys
log = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
metrics = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
n = 0
while True:
    os.write(log, b"line %d\\nhal" % n); os.write(log, b"f\\n")
    os.write(metrics, b'{"n":"a","v":%d,' % n); os.write(metrics, b'"t":1}\\n')
    n += 1
"""


def test_reading_while_it_is_written_and_when_the_writer_is_killed(running: Live) -> None:
    log = running.paths.user_logs / "std_log.txt"
    feed = RunFeed(running.paths)
    stop = threading.Event()
    failures: list[BaseException] = []

    def ask() -> None:
        try:
            while not stop.is_set():
                tail = feed.tail()
                feed.lines("user_logs/std_log.txt", max(0, tail["total"] - 50), 50)
                feed.search("user_logs/std_log.txt", "line 7")
                feed.metrics()
        except BaseException as failure:  # noqa: BLE001 - it is asserted below
            failures.append(failure)

    feed.refresh()
    reader = threading.Thread(target=ask)
    writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(log), str(running.paths.metrics)])
    reader.start()
    try:
        deadline = time.monotonic() + 20
        while feed.tail()["total"] < 10_000 and time.monotonic() < deadline:
            feed.refresh()
    finally:
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait(10)
        stop.set()
        reader.join(20)
    feed.read_all()
    assert failures == []
    expected = log.read_text().splitlines()
    assert feed.tail()["total"] == len(expected) >= 10_000
    assert feed.tail()["lines"] == expected[-500:]
    values = feed.values()["a"]
    assert values == list(range(len(values)))


def test_a_million_lines_and_points_are_served(running: Live) -> None:
    with (running.paths.user_logs / "std_log.txt").open("wb") as log:
        log.write(b"".join(b"%-99d\n" % number for number in range(1_000_000)))
    with running.paths.metrics.open("wb") as metrics:
        metrics.write(b"".join(b'{"n":"m","v":%d.5,"t":%d}\n' % (n, n) for n in range(1_000_000)))
    feed = RunFeed(running.paths)
    feed.refresh()
    told = {topic: feed.topic(topic) for topic in TOPICS}
    assert told["logs"]["files"][0]["lines"] == 1_000_000
    assert told["metrics"][0]["count"] == 1_000_000
