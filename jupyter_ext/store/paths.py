"""Where everything lies: the home, its workspaces, and their runs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


def home() -> Path:
    """Return the folder that holds all workspaces: ``AML_HOME``, else ``~/.jupyter-aml``."""
    return Path(os.environ.get("AML_HOME") or Path.home() / ".jupyter-aml").expanduser().absolute()


@dataclass(frozen=True)
class RunPaths:
    """The paths of one run directory.

    Parameters
    ----------
    root
        The run directory, ``<home>/<workspace>/runs/<run_id>``.
    """

    root: Path

    @property
    def run_id(self) -> str:
        """The run's id, which names its directory."""
        return self.root.name

    @cached_property
    def workspace(self) -> WorkspacePaths:
        """Its workspace's, where it was submitted: a run that a script has made lies in the run of the script."""
        return WorkspacePaths(self.root.parent.parent)

    @cached_property
    def run_json(self) -> Path:
        """What was asked; never changes."""
        return self.root / "run.json"

    @cached_property
    def events(self) -> Path:
        """Every change of state, a JSON line each."""
        return self.root / "events.jsonl"

    @cached_property
    def metrics(self) -> Path:
        """Every logged point, row, table and image, a JSON line each."""
        return self.root / "metrics.jsonl"

    @cached_property
    def nodes(self) -> Path:
        """Samples of every node, a JSON line each."""
        return self.root / "nodes.jsonl"

    @cached_property
    def user_logs(self) -> Path:
        """What the ranks print."""
        return self.root / "user_logs"

    @cached_property
    def system_logs(self) -> Path:
        """What the build and the runner print."""
        return self.root / "system_logs"

    @cached_property
    def build_log(self) -> Path:
        """The log of the environment's build."""
        return self.system_logs / "build.log"

    @cached_property
    def built(self) -> Path:
        """What the run's environment was built to: the image or interpreter, its Python, its packages."""
        return self.root / "environment.json"

    @cached_property
    def runner_log(self) -> Path:
        """The log of the runner."""
        return self.system_logs / "runner.log"

    @cached_property
    def log_times(self) -> Path:
        """How far each log had come at which second, a JSON line each."""
        return self.root / "log_times.jsonl"

    @cached_property
    def work(self) -> Path:
        """The snapshot laid out: the ranks' working directory."""
        return self.root / "work"

    @cached_property
    def outputs(self) -> Path:
        """The script's ``./outputs``."""
        return self.root / "outputs"

    @cached_property
    def logs(self) -> Path:
        """The script's ``./logs``."""
        return self.root / "logs"

    @cached_property
    def artifacts(self) -> Path:
        """Files uploaded under other names than ``outputs/`` and ``logs/``."""
        return self.root / "artifacts"

    @cached_property
    def children(self) -> Path:
        """Run directories of the runs that the script made with ``child_run``."""
        return self.root / "children"

    @cached_property
    def launch(self) -> Path:
        """What the launchers are told, and what they tell."""
        return self.root / "launch"

    def earlier_launch(self, number: int) -> Path:
        """Return what is kept of the launchers from before the run was placed again for the ``number``-th time."""
        return self.root / f"launch.{number}"

    @property
    def restarts(self) -> int:
        """How often the run was placed again, as a node of it had died."""
        count = 0
        while self.earlier_launch(count + 1).is_dir():
            count += 1
        return count

    @cached_property
    def runner_lock(self) -> Path:
        """Locked for as long as the run's runner lives."""
        return self.root / "runner.lock"

    @cached_property
    def data(self) -> Path:
        """The run's data: what it is given and what it writes, while it lives, and the records of both."""
        return self.root / "data"

    @cached_property
    def written(self) -> Path:
        """What the script writes for datastores, where it runs on another machine."""
        return self.root / "written"

    @cached_property
    def asks(self) -> Path:
        """What the script asks of its workspace."""
        return self.root / "asks"

    @cached_property
    def handed(self) -> Path:
        """What the submitter hands to the runner; beside the runs, so that no container sees it."""
        return self.workspace.handed / self.run_id

    def launch_spec(self, node: int) -> Path:
        """Return the file that tells the launcher of ``node`` what to start."""
        return self.launch / f"{node}.json"

    def launch_events(self, node: int) -> Path:
        """Return the file in which the launcher of ``node`` tells what happened."""
        return self.launch / f"{node}.jsonl"

    def launch_lock(self, node: int) -> Path:
        """Return the file that is locked for as long as the launcher of ``node`` lives."""
        return self.launch / f"{node}.lock"

    def rank_log(self, rank: int, ranks: int) -> str:
        """Return v1's name for the log of ``rank``, relative to the run directory."""
        if ranks == 1:
            return "user_logs/std_log.txt"
        return f"user_logs/std_log_process_{rank:0{len(str(ranks - 1))}d}.txt"


@dataclass(frozen=True)
class WorkspacePaths:
    """The paths of one workspace.

    Parameters
    ----------
    root
        ``<home>/<workspace>``.
    """

    root: Path

    @property
    def name(self) -> str:
        """The workspace's name, which names its directory."""
        return self.root.name

    @cached_property
    def record(self) -> Path:
        """What the workspace was created with."""
        return self.root / "workspace.json"

    @cached_property
    def catalogue(self) -> Path:
        """The index over the run directories, and the queue."""
        return self.root / "catalogue.db"

    @cached_property
    def objects(self) -> Path:
        """Pack files of content-addressed file contents."""
        return self.root / "objects"

    @cached_property
    def snapshots(self) -> Path:
        """Manifests of snapshots."""
        return self.root / "snapshots"

    @cached_property
    def environments(self) -> Path:
        """Built environments by content hash, and their registered definitions."""
        return self.root / "environments"

    @cached_property
    def wheels(self) -> Path:
        """Wheels of the user's own, for environments to name."""
        return self.root / "wheels"

    @cached_property
    def experiments(self) -> Path:
        """A record for each experiment."""
        return self.root / "experiments"

    @cached_property
    def computes(self) -> Path:
        """A record for each compute target."""
        return self.root / "computes"

    def compute(self, name: str) -> Path:
        """Return the file in which the compute target ``name`` is written down, if there is one."""
        return self.computes / f"{name.replace('/', '_')}.json"

    @cached_property
    def models(self) -> Path:
        """Registered models, ``<name>/<version>/``."""
        return self.root / "models"

    @cached_property
    def keyvault(self) -> Path:
        """The names of the secrets in the workspace's key vault."""
        return self.root / "keyvault.json"

    @cached_property
    def datastores(self) -> Path:
        """A record for each registered datastore."""
        return self.root / "datastores"

    @cached_property
    def datasets(self) -> Path:
        """A record for each version of a dataset, ``<name>/<version>.json``."""
        return self.root / "datasets"

    @cached_property
    def data(self) -> Path:
        """The folders of the datastores that every workspace has."""
        return self.root / "data"

    @cached_property
    def data_cache(self) -> Path:
        """Copies of remote files that runs were given."""
        return self.root / "data-cache"

    @cached_property
    def secrets(self) -> Path:
        """Sealed secrets."""
        return self.root / "secrets"

    @cached_property
    def handed(self) -> Path:
        """What is handed to the runners of runs, until these have started."""
        return self.root / "handed"

    @cached_property
    def runs(self) -> Path:
        """The run directories."""
        return self.root / "runs"

    @cached_property
    def deleted(self) -> Path:
        """Where run directories are for the moment in which they are deleted."""
        return self.root / "deleted"

    def run(self, run_id: str) -> RunPaths:
        """Return the paths of a run that was submitted under ``run_id``."""
        return RunPaths(self.runs / run_id)
