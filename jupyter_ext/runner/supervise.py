"""One run, from Preparing to its end.

A runner may be killed at any moment, and another started in its place: so it keeps nothing in memory that the run
directory does not tell, and finds out from there how far the run has come.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import time
import traceback
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.events import read_state
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException
from jupyter_ext.store.catalogue import Catalogue
from jupyter_ext.store.handed import forget_handed, read_handed
from jupyter_ext.store.queueing.queue import Queue
from jupyter_ext.store.records import TERMINAL, BuiltRecord, RunSpec, read_record
from jupyter_ext.store.runners import advance, advance_and_take

from . import data, launch, retries
from .answers import Answers
from .data_out import collect
from .gang import Gang
from .gpus import check_gpus
from .log_marks import LogMarks
from .prepare import as_given, prepare
from .ranks import nodes_apart
from .report import Reporter, no_space, say, why_it_failed
from .sampling import Sampling
from .sweep.control import SweepControl

if TYPE_CHECKING:
    from jupyter_ext.build import Built
    from jupyter_ext.store.locks import Lock
    from jupyter_ext.store.paths import RunPaths

    from .gang import Outcome

_TICK_SECONDS = 0.1
_MOVE_SECONDS = 0.01
_SECOND_CANCEL_SECONDS = 15.0


class Canceled(Exception):  # noqa: N818 - it is the way out of a run that was canceled
    """The run was asked to end before its ranks started."""


def supervise(paths: RunPaths, lock: Lock) -> tuple[RunPaths, Lock] | None:
    """Bring the run, whose lock this is, to its end, or leave it in the queue; return the one to go on with, if any.

    An interpreter takes longer to start than a short run, so whose turn comes by the end of a run has its runner.
    """
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    spec = read_record(paths.run_json, RunSpec)
    if spec is None or read_state(str(paths.root))["status"] in TERMINAL:
        return None
    os.environ.update(read_handed(paths).environment)  # where the engine and the package index are, say
    catalogue = Catalogue(paths.workspace)
    run = SweepControl(paths, spec, spec.sweep, catalogue) if spec.sweep else _kind(spec)(paths, spec, catalogue)
    try:
        run.go()
        # a run that waits has no process: the lock is free before the line moves, so no turn is ever missed
        lock.release()
        return advance_and_take(Queue(catalogue), spec.target)
    except sqlite3.OperationalError as error:  # a full disk; who waits in the line moves it later
        say(f"catalogue: {error}")
        return None


def _kind(spec: RunSpec) -> type[Supervised]:
    if spec.ray is None:
        return Supervised
    from .on_ray import OnRay  # noqa: PLC0415 - it is one of these

    return OnRay


class Supervised:
    """A run, whose nodes are on this machine."""

    samples_here = True

    def __init__(self, paths: RunPaths, spec: RunSpec, catalogue: Catalogue) -> None:
        self.paths = paths
        self.spec = as_given(spec, read_record(paths.built, BuiltRecord))
        self.queue = Queue(catalogue)
        self.report = Reporter(paths, catalogue)
        self.marks = LogMarks(paths)
        self.gang = self._new_gang()

    def go(self) -> None:
        """Bring the run to its end, or leave it waiting in the queue."""
        try:
            while True:
                if not self.gang.started():
                    built = self._prepare()
                    self.marks.mark()
                    if not self._has_slots():
                        return
                    self._lay_out(built)
                self._start()
                outcome, engine_says = self._see_through(self.gang)
                if not self._place_again(outcome, engine_says):
                    break
            self._conclude(outcome, engine_says)
        except Canceled:
            self._clear()
            again = self.paths.restarts
            self._end("Canceled", reason=None if again else "Canceled before it started.")
        except AzureMLException as error:
            self._clear()
            log = "system_logs/build.log" if self.paths.build_log.exists() else None
            self._end("Failed", reason=error.message, log=log)
        except Exception as error:  # noqa: BLE001 - whatever happens, the run must not stay as if it went on
            say(traceback.format_exc())
            self._clear()
            reason = no_space(self.paths) or f"The runner met an unexpected {type(error).__name__}: {error}"
            self._end("Failed", reason=reason, log="system_logs/runner.log")
        forget_handed(self.paths)
        self.report.close()
        self.queue.leave(self.spec.run_id)

    def _new_gang(self) -> Gang:
        return Gang(self.paths, self.spec)

    def _clear(self) -> None:
        """Leave nothing of a run that ends before its nodes have; its end is told whatever becomes of that."""
        try:
            self._end_nodes()
        except Exception as error:  # noqa: BLE001 - an engine and a cluster have many
            say(f"what is left of its nodes: {error}")

    def _end_nodes(self) -> None:
        if self.gang.started():
            self.gang.end(_SECOND_CANCEL_SECONDS)
            self.gang.remove()

    def _end(self, status: str, **fields: Any) -> None:
        data.remove_inputs(self.paths, self.spec, self.report.note)
        self.marks.mark()  # readers stop at the end
        self.report.status(status, **fields)

    def _prepare(self) -> Built | None:
        self._look()
        if read_state(str(self.paths.root))["status"] != "Queued":
            self.report.status("Preparing")
        built = prepare(self.paths, self.spec, read_handed(self.paths), self.report, self._look, self._give_way)
        self.spec = as_given(self.spec, built)
        self.gang = self._new_gang()
        data.prepare(self.paths, self.spec, self.report.note, self._look)
        return built

    def _give_way(self) -> None:
        """Let the runs behind this one go first, as its environment takes a while."""
        self.queue.give_way(self.spec.run_id)
        advance(self.queue, self.spec.target)

    def _has_slots(self) -> bool:
        run_id, target = self.spec.run_id, self.spec.target
        check_gpus(self.paths, self.spec)
        self.queue.enter(run_id, target, self.spec.node_count, self.spec.gpus, self.spec.seconds_at_most)
        advance(self.queue, target)
        place = self.queue.place(run_id, target)
        while place and self.queue.is_held_up(run_id, target):
            time.sleep(_MOVE_SECONDS)
            advance(self.queue, target)
            place = self.queue.place(run_id, target)
        if read_state(str(self.paths.root))["status"] != "Queued":
            self.report.status("Queued")
            if place:
                self.report.note(self.queue.standing(run_id, target))
        self._check_canceled()
        return place == 0

    def _lay_out(self, built: Built | None) -> None:
        launch.lay_out(self.paths, self.spec)
        launch.write_specs(self.paths, self.spec, built)
        self._check_canceled()
        self.report.status("Running")

    def _start(self) -> None:
        launch.start(self.gang, self.paths, self.spec, read_handed(self.paths))

    def _see_through(self, gang: Gang) -> tuple[Outcome, list[str | None]]:
        """Wait for the ranks, sample their nodes, carry out a cancellation; return how they and the nodes ended."""
        sampling = Sampling(self.paths, nodes_apart(self.spec) if self.samples_here else 0)
        answers = Answers(self.paths, self.spec)
        asked_to_stop: float | None = None
        lost: set[int] = set()
        while not gang.wait(_TICK_SECONDS):
            sampling.tick()
            self.marks.tick()
            answers.tick()
            for node in set(gang.lost()) - lost:
                lost.add(node)
                self.report.note(f"node {node} was lost: the run goes on without it")
            if self.paths.handed.exists() and gang.has_begun() and not self.spec.max_retries:
                forget_handed(self.paths)
            if asked_to_stop is None and self._is_cancel_requested():
                asked_to_stop = time.monotonic()
                gang.stop()
            elif asked_to_stop and time.monotonic() > asked_to_stop + _SECOND_CANCEL_SECONDS:
                gang.stop(at_once=True)
        return gang.outcome(), gang.remove()

    def _place_again(self, outcome: Outcome, engine_says: list[str | None]) -> bool:
        """Make ready for another start, where a node has died and that is one it may have."""
        count = self.paths.restarts + 1
        if count > self.spec.max_retries or not retries.node_died(outcome) or self._is_cancel_requested():
            return False
        why = why_it_failed(self.paths, self.spec, outcome, engine_says[outcome.node])[0]
        self.report.status("Queued", reason=f"{why} Placed again ({count} of {self.spec.max_retries}).")
        self.report.note(f"{why} Placed again ({count} of {self.spec.max_retries})")
        retries.set_aside(self.paths)
        retries.wait_for_engine(self.spec, self._look, self.report.note)
        self.gang = self._new_gang()
        return True

    def _conclude(self, outcome: Outcome, engine_says: list[str | None]) -> None:
        self.report.status("Finalizing")
        succeeded = outcome.succeeded
        try:
            collect(self.paths, self.spec, self.report.note, succeeded=succeeded)
        except AzureMLException as error:
            if succeeded:
                self._end("Failed", reason=error.message, log="system_logs/runner.log")
                return
            self.report.note(error.message)
        if succeeded:
            self._end("Completed", exit_code=0)
        elif self._is_cancel_requested():
            self._end("Canceled")
        else:
            reason, log = why_it_failed(self.paths, self.spec, outcome, engine_says[outcome.node])
            self._end("Failed", reason=reason, log=log, exit_code=outcome.end["code"] if outcome.end else None)

    def _is_cancel_requested(self) -> bool:
        return self.report.cancel_requested()

    def _look(self) -> None:
        self.marks.tick()
        self._check_canceled()

    def _check_canceled(self) -> None:
        if self._is_cancel_requested():
            raise Canceled
