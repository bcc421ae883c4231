"""``azureml.widgets``: the run widget, which is the run monitor."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from jupyter_ext import monitor
from jupyter_ext.core.times import iso
from jupyter_ext.runtime.inside.jupyter_aml_run.events import read_state
from jupyter_ext.store.records import RunSpec, read_record

if TYPE_CHECKING:
    from jupyter_ext.core.runs.run import Run
    from jupyter_ext.monitor import RunMonitor

__all__ = ["RunDetails"]


class RunDetails:
    """Shows a run.

    Parameters
    ----------
    run_instance
        The run.

    Attributes
    ----------
    widget_instance
        The monitor, once it has been shown in a notebook.
    """

    def __init__(self, run_instance: Run) -> None:
        self._run = run_instance
        self.widget_instance: RunMonitor | None = None

    def show(self, render_lib: Any = None, widget_settings: Any = None) -> None:
        """Show the run's monitor under the cell, in a terminal its summary."""
        del render_lib, widget_settings
        self.widget_instance = monitor.show(self._run)

    def get_widget_data(self, widget_settings: Any = None) -> dict[str, Any]:
        """Return what the widget shows, under v1's keys."""
        del widget_settings
        run = self._run
        details = run.get_details()
        definition = details["runDefinition"]
        spec = read_record(run.paths.run_json, RunSpec)
        created = spec.created if spec else 0.0
        ended = read_state(str(run.paths.root))["ended"]
        return {
            "status": details["status"],
            "workbench_run_details_uri": run.get_portal_url(),
            "run_id": run.id,
            "run_properties": {
                "run_id": run.id,
                "created_utc": iso(created),
                "properties": details["properties"],
                "tags": run.tags,
                "script_name": definition.get("script"),
                "arguments": " ".join(definition.get("arguments") or []),
                "end_time_utc": details.get("endTimeUtc"),
                "status": details["status"],
                "log_files": details["logFiles"],
                "log_groups": [[name] for name in details["logFiles"]],
                "run_duration": _clock((ended or time.time()) - created),
                "run_number": str(run.number),
                "run_queued_details": {"status": details["status"], "details": None},
            },
            "child_runs": [{"run_id": child.id, "status": child.get_status()} for child in run.get_children()],
            "children_metrics": {},
            "run_metrics": [
                {"name": name, "run_id": run.id, "categories": [0], "series": [{"data": _listed(value)}]}
                for name, value in run.get_metrics().items()
            ],
            "run_logs": _active_log(details["logFiles"], run),
            "graph": {},
            "widget_settings": {},
        }


def _clock(seconds: float) -> str:
    minutes, second = divmod(int(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _active_log(names: dict[str, str], run: Run) -> str:
    script = [name for name in names if name.startswith("user_logs/")]
    name = next(iter(script or names), None)
    return (run.paths.root / name).read_text(encoding="utf-8", errors="replace") if name else ""
