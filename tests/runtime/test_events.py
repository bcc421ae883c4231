"""Events and what they add up to."""

import pathlib

from jupyter_ext.runtime.inside.jupyter_aml_run import events
from jupyter_ext.runtime.inside.jupyter_aml_run.records import read_records


def state(*statuses: str) -> dict[str, object]:
    return events.reduce_events({"t": float(t), "status": status} for t, status in enumerate(statuses))


def test_no_events() -> None:
    assert events.reduce_events([])["status"] == "NotStarted"


def test_times() -> None:
    result = state("Preparing", "Queued", "Running", "Finalizing", "Completed")
    assert result["status"] == "Completed"
    assert (result["started"], result["ended"]) == (2.0, 4.0)
    assert result["times"]["Queued"] == 1.0


def test_the_first_terminal_status_wins() -> None:
    assert state("Running", "Failed", "Completed", "Running")["status"] == "Failed"


def test_cancel_requested_sticks_until_the_end() -> None:
    assert state("Running", "CancelRequested", "Running", "Finalizing")["status"] == "CancelRequested"
    assert state("Running", "CancelRequested", "Running", "Canceled")["status"] == "Canceled"


def test_the_reason_is_that_of_the_status() -> None:
    result = events.reduce_events(
        [
            {"t": 1.0, "status": "Queued", "reason": "2 runs ahead"},
            {"t": 2.0, "status": "Running"},
            {"t": 3.0, "status": "Failed", "reason": "rank 0", "exit_code": 3, "log": "user_logs/std_log.txt"},
            {"t": 4.0, "status": "Completed", "reason": "no"},
        ]
    )
    assert (result["reason"], result["exit_code"], result["log"]) == ("rank 0", 3, "user_logs/std_log.txt")


def test_a_note_belongs_to_its_phase() -> None:
    assert events.reduce_events([{"status": "Preparing"}, {"note": "cached"}])["note"] == "cached"
    assert events.reduce_events([{"status": "Preparing"}, {"note": "cached"}, {"status": "Running"}])["note"] is None


def test_tags_and_properties() -> None:
    result = events.reduce_events(
        [
            {"tags": {"a": "2", "b": None}},
            {"removed_tags": ["c", "unknown"]},
            {"properties": {"p": "2", "q": "3"}},
            {"display_name": "x", "description": "y"},
        ],
        {"tags": {"a": "1", "c": "3"}, "properties": {"p": "1"}, "display_name": "was"},
    )
    assert result["tags"] == {"a": "2", "b": None}
    assert result["properties"] == {"p": "1", "q": "3"}
    assert (result["display_name"], result["description"]) == ("x", "y")


def test_half_a_line_is_read_when_it_is_whole(tmp_path: pathlib.Path) -> None:
    events.append_event(str(tmp_path), status="Running", reason="läuft")
    path = tmp_path / "events.jsonl"
    with path.open("a") as file:
        file.write('{"t":1,"status":')
    assert events.read_state(str(tmp_path))["status"] == "Running"
    with path.open("a") as file:
        file.write('"Completed"}\n{"broken\n[]\n')
    assert events.read_state(str(tmp_path))["status"] == "Completed"
    assert len(list(read_records(str(path)))) == 2
