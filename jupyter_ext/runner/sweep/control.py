"""One sweep, from its first child to its last.

As any runner, the controller may be killed at any moment and another started in its place: the parameters of each
child are among the sweep's tags before the child begins, so that none is lost and none begins twice.
"""

from __future__ import annotations

import json
import shlex
import shutil
import time
import traceback
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.runner.report import Reporter, no_space, say
from jupyter_ext.runtime.inside.jupyter_aml_run.events import append_event, read_state
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException
from jupyter_ext.runtime.inside.jupyter_aml_run.metric_logger import MetricLogger
from jupyter_ext.store.beginning import begin
from jupyter_ext.store.handed import forget_handed, read_handed
from jupyter_ext.store.live.metric_file import MetricFile
from jupyter_ext.store.records import TERMINAL
from jupyter_ext.store.runners import request_cancel, tend
from jupyter_ext.store.sweep_record import BEST_CHILD, as_option
from jupyter_ext.store.sweeps import MetricSeries, best_of, child_id, parameters_of

from .draws import draw
from .policies import Stopping

if TYPE_CHECKING:
    from jupyter_ext.store.catalogue import Catalogue
    from jupyter_ext.store.paths import RunPaths
    from jupyter_ext.store.records import RunSpec
    from jupyter_ext.store.sweep_record import Sweep

_SCRIPT_RUN = "azureml.scriptrun"
_TICK_SECONDS = 0.2
_TEND_SECONDS = 2.0


class Child:
    """One child of a sweep.

    Parameters
    ----------
    paths
        Where it lies.
    parameters
        What it tries.
    metric
        The primary metric.
    """

    def __init__(self, paths: RunPaths, parameters: dict[str, Any], metric: str) -> None:
        self.paths = paths
        self.parameters = parameters
        self.values: list[float] = []
        self.status = "NotStarted"
        self.stopped = False
        self._series = MetricSeries(paths, metric)

    @property
    def live(self) -> bool:
        """Whether it has not ended."""
        return self.status not in TERMINAL

    def look(self) -> None:
        """Read how it is, and what it has logged."""
        self.status = read_state(str(self.paths.root))["status"]
        self.values = self._series.read()


class SweepControl:
    """The controller of one sweep.

    Parameters
    ----------
    paths, spec, sweep
        The sweep's own run.
    catalogue
        That of its workspace.
    """

    def __init__(self, paths: RunPaths, spec: RunSpec, sweep: Sweep, catalogue: Catalogue) -> None:
        self.paths = paths
        self.spec = spec
        self.sweep = sweep
        self.catalogue = catalogue
        self.report = Reporter(paths, catalogue)
        self.children: dict[str, Child] = {}
        self._stopping = Stopping(sweep)
        self._handed = read_handed(paths)
        self._exhausted = False
        self._best: tuple[str, float] | None = None
        self._tended = 0.0

    def go(self) -> None:
        """Bring the sweep to its end."""
        try:
            self._take_up()
            while not self._tick():
                time.sleep(_TICK_SECONDS)
        except Exception as error:  # noqa: BLE001 - whatever happens, the sweep must not stay as if it went on
            say(traceback.format_exc())
            self._cancel_children()
            told = error.message if isinstance(error, AzureMLException) else f"{type(error).__name__}: {error}"
            reason = no_space(self.paths) or f"The sweep cannot go on: {told}"
            self.report.status("Failed", reason=reason, log="system_logs/runner.log")
        forget_handed(self.paths)
        self.report.close()

    def _take_up(self) -> None:
        """Find the children that an earlier controller has begun; begin those that it was about to."""
        state = read_state(str(self.paths.root))
        for run_id, parameters in parameters_of(self.spec.run_id, state["tags"]).items():
            paths = self.catalogue.paths.run(run_id)
            if not paths.run_json.exists():
                shutil.rmtree(paths.root, ignore_errors=True)  # what that one had written of it
                forget_handed(paths)
                self._begin(run_id, parameters)
            self.children[run_id] = Child(paths, parameters, self.sweep.metric)
        if state["status"] == "NotStarted":
            self.report.status("Running")
            self._say(f"{self.sweep.sampling} over {', '.join(self.sweep.space)}: at most {self.sweep.max_total} runs.")

    def _tick(self) -> bool:
        """Look at every child and do what is to be done; return whether the sweep has ended."""
        self._look()
        if self.report.cancel_requested():
            return self._wind_up("Canceled", None)
        if time.time() > self.spec.created + self.sweep.max_minutes * 60:
            return self._wind_up("Completed", f"max_duration_minutes, {self.sweep.max_minutes:g}, is over.")
        series = {run_id: child.values for run_id, child in self.children.items()}
        live = [run_id for run_id, child in self.children.items() if child.live]
        for run_id in self._stopping.hopeless([one for one in live if not self.children[one].stopped], series):
            self._say(f"The {self.sweep.policy} policy asks {run_id} to end.")
            self.children[run_id].stopped = True
            request_cancel(self.children[run_id].paths)
        self._fill_up(len(live))
        if self._exhausted and not any(child.live for child in self.children.values()):
            return self._conclude()
        return False

    def _look(self) -> None:
        now = time.monotonic()
        tending = now - self._tended > _TEND_SECONDS
        self._tended = now if tending else self._tended
        for run_id, child in self.children.items():
            if not child.live:
                continue
            if tending:
                tend(child.paths, self.catalogue)
            child.look()
            if not child.live:
                best = best_of(child.values, self.sweep.goal)
                said = (
                    f"{self.sweep.metric} {best:g}" if best is not None else f"no {self.sweep.metric}{_logged(child)}"
                )
                self._say(f"{run_id} ended {child.status}: {said}.")
        self._note_best()

    def _fill_up(self, live: int) -> None:
        """Begin children while there is room for them and there are parameters left."""
        while live < self.sweep.max_concurrent and not self._exhausted:
            number = len(self.children)
            drawn = draw(self.sweep, number, self._results()) if number < self.sweep.max_total else None
            if drawn is None:
                self._exhausted = True
                return
            run_id = child_id(self.spec.run_id, number)
            append_event(str(self.paths.root), tags={run_id: json.dumps(drawn)})
            self._begin(run_id, drawn)
            self.children[run_id] = Child(self.catalogue.paths.run(run_id), drawn, self.sweep.metric)
            live += 1

    def _results(self) -> list[tuple[dict[str, Any], float | None]]:
        """Return what is known of each child; one that ended without a value teaches nothing."""
        told = [(child, best_of(child.values, self.sweep.goal)) for child in self.children.values()]
        told = [(child, None if child.live else best) for child, best in told if child.live or best is not None]
        return [(child.parameters, best) for child, best in told]

    def _begin(self, run_id: str, parameters: dict[str, Any]) -> None:
        words = [word for name, value in parameters.items() for word in (as_option(name), str(value))]
        command = self.spec.command
        definition = {**self.spec.run_definition}
        definition["arguments"] = [*definition.get("arguments", []), *words]
        outputs = [  # each child's own, where their place is the run's
            msgspec.structs.replace(one, path=one.path.replace(self.spec.run_id, run_id)) for one in self.spec.outputs
        ]
        spec = msgspec.structs.replace(
            self.spec,
            outputs=outputs,
            run_id=run_id,
            type=_SCRIPT_RUN,
            parent=self.spec.run_id,
            sweep=None,
            created=time.time(),
            display_name=None,
            arguments=[*self.spec.arguments, *words],
            command=f"{command} {shlex.join(words)}" if command else None,
            run_definition=definition,
            snapshot_seconds=0.0,
            tags={"hyperparameters": json.dumps(parameters)},
        )
        begin(
            self.catalogue,
            spec,
            self._handed.hidden,
            self._handed.registry_password,
            environment=self._handed.environment,
        )
        self._say(f"{run_id} begins with {' '.join(words)}")

    def _note_best(self) -> None:
        values = {run_id: best_of(child.values, self.sweep.goal) for run_id, child in self.children.items()}
        known = {run_id: value for run_id, value in values.items() if value is not None}
        if not known:
            return
        value = best_of(list(known.values()), self.sweep.goal)
        best = next((run_id, one) for run_id, one in known.items() if one == value)
        if best != self._best:
            self._best = best
            self._log_best(final=False)

    def _log_best(self, *, final: bool) -> None:
        if self._best is not None:
            run_id, value = self._best
            MetricLogger(str(self.paths.root)).log_row(
                BEST_CHILD, run_id=run_id, metric_name=self.sweep.metric, metric_value=value, final=final
            )

    def _wind_up(self, status: str, reason: str | None) -> bool:
        self._cancel_children()
        if any(child.live for child in self.children.values()):
            return False
        self._log_best(final=True)
        self.report.status(status, reason=reason)
        return True

    def _cancel_children(self) -> None:
        for child in self.children.values():
            if child.live and not child.stopped:
                child.stopped = True
                request_cancel(child.paths)

    def _conclude(self) -> bool:
        self._log_best(final=True)
        failed = [run_id for run_id, child in self.children.items() if child.status == "Failed"]
        if failed and len(failed) == len(self.children):
            why = read_state(str(self.children[failed[0]].paths.root))["reason"]
            self.report.status("Failed", reason=f"All of its {len(failed)} runs failed, the first with: {why}")
        else:
            self.report.status("Completed", reason=self._without_metric(), exit_code=0)
        return True

    def _without_metric(self) -> str | None:
        if self._best is not None or not self.children:
            return None
        return f"None of its runs logged the primary metric {self.sweep.metric!r}{_logged(*self.children.values())}."

    def _say(self, text: str) -> None:
        """Write a line into the sweep's log, which is followed as a script's is."""
        with (self.paths.user_logs / "std_log.txt").open("a", encoding="utf-8") as log:
            log.write(f"{time.strftime('%H:%M:%S')} {text}\n")


def _logged(*children: Child) -> str:
    """Say what children have logged, as the name of what was looked for may be misspelled."""
    names: dict[str, None] = {}
    for child in children:
        metrics = MetricFile(child.paths.metrics)
        metrics.refresh()
        names |= dict.fromkeys(metrics.metrics)
    return f", but {', '.join(names)}" if names else ""
