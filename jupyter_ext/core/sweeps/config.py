"""What a sweep is to try: v1's HyperDriveConfig."""

from __future__ import annotations

import enum
import json
import secrets
import uuid
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.core.runs.ids import checked_run_id
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import TrainingException, UserErrorException
from jupyter_ext.store.sweep_record import HYPERDRIVE, SYSTEM_TAG, Sweep, as_option

from .policies import EarlyTerminationPolicy, NoTerminationPolicy
from .sampling import BayesianParameterSampling, HyperParameterSampling

if TYPE_CHECKING:
    from jupyter_ext.core.submission.script_run_config import ScriptRunConfig
    from jupyter_ext.core.workspaces.experiment import Experiment

    from .hyperdrive_run import HyperDriveRun

_LARGEST_SEED = 2**31


class PrimaryMetricGoal(enum.Enum):
    """Whether more or less of the primary metric is better."""

    MAXIMIZE = "MAXIMIZE"
    MINIMIZE = "MINIMIZE"

    @staticmethod
    def from_str(goal: str) -> PrimaryMetricGoal:
        """Return the goal of a name, whatever its casing.

        Raises
        ------
        UserErrorException
            It is none of the two.
        """
        try:
            return PrimaryMetricGoal[str(goal).upper()]
        except KeyError:
            raise UserErrorException(f"A goal is 'maximize' or 'minimize', not {goal!r}.") from None


class HyperDriveConfig:
    """A sweep over the parameters of a script, ready to be submitted.

    Parameters
    ----------
    hyperparameter_sampling
        The search space, and how it is drawn from.
    primary_metric_name, primary_metric_goal
        The metric that the script logs, and whether more or less of it is better.
    max_total_runs, max_concurrent_runs
        How many child runs, and how many at once: all, where it is None.
    max_duration_minutes
        When children that go on are canceled; 7 days.
    policy
        When a child is ended before its time; never, where it is None.
    estimator, run_config
        One of both: what is run.
    resume_from
        Earlier sweeps whose results sampling that learns begins with.
    resume_child_runs
        Runs whose parameters are tried first.
    pipeline, debug_flag
        v1's; pipelines are not run here.
    custom_run_id
        An id of your own.

    Raises
    ------
    UserErrorException, TrainingException
        What is asked cannot be; the message tells the remedy.
    """

    def __init__(
        self,
        hyperparameter_sampling: HyperParameterSampling,
        primary_metric_name: str,
        primary_metric_goal: PrimaryMetricGoal,
        max_total_runs: int,
        max_concurrent_runs: int | None = None,
        max_duration_minutes: float = 10080,
        policy: EarlyTerminationPolicy | None = None,
        estimator: Any = None,
        run_config: ScriptRunConfig | None = None,
        resume_from: Any = None,
        resume_child_runs: Any = None,
        pipeline: Any = None,
        debug_flag: Any = None,
        custom_run_id: str | None = None,
    ) -> None:
        del debug_flag
        if pipeline is not None:
            raise TrainingException("Pipelines are not run here: give the ScriptRunConfig as run_config.")
        if (estimator is None) == (run_config is None):
            raise TrainingException("A sweep takes either an estimator or a run_config, a ScriptRunConfig.")
        if not isinstance(hyperparameter_sampling, HyperParameterSampling):
            raise TrainingException("hyperparameter_sampling is RandomParameterSampling({...}) or the like.")
        if int(max_total_runs) < 1 or int(max_concurrent_runs or 1) < 1 or float(max_duration_minutes) <= 0:
            raise TrainingException("max_total_runs, max_concurrent_runs and max_duration_minutes are above 0.")
        if isinstance(hyperparameter_sampling, BayesianParameterSampling) and not isinstance(
            policy, NoTerminationPolicy | None
        ):
            raise TrainingException("BayesianParameterSampling takes no policy: it learns from runs that end (v1).")
        self._sampling = hyperparameter_sampling
        self._metric = primary_metric_name
        goal = primary_metric_goal
        self._goal = goal if isinstance(goal, PrimaryMetricGoal) else PrimaryMetricGoal.from_str(goal)
        self._total = int(max_total_runs)
        self._concurrent = min(int(max_concurrent_runs or max_total_runs), self._total)
        self._minutes = float(max_duration_minutes)
        self._policy = policy or NoTerminationPolicy()
        self._estimator = estimator
        self._run_config = run_config
        self._resume_from = _listed(resume_from)
        self._resume_children = _listed(resume_child_runs)
        self._run_id = custom_run_id

    @property
    def estimator(self) -> Any:
        """The estimator that is run, if it is one."""
        return self._estimator

    @property
    def run_config(self) -> ScriptRunConfig | None:
        """The ScriptRunConfig that is run, if it is one."""
        return self._run_config

    @property
    def pipeline(self) -> None:
        """None: pipelines are not run here."""

    @property
    def source_directory(self) -> str | None:
        """The folder that is sent."""
        described: Any = self._run_config or self._estimator
        return str(described.source_directory)

    def _submit_to(
        self, experiment: Experiment, *, tags: dict[str, str] | None = None, parent: str | None = None
    ) -> HyperDriveRun:
        """Submit the sweep; see :meth:`Experiment.submit`."""
        from jupyter_ext.core.submission.submit import describe  # noqa: PLC0415 - 40 ms that a notebook spends when it submits
        from jupyter_ext.store.beginning import begin  # noqa: PLC0415 - as above

        from .hyperdrive_run import HyperDriveRun  # noqa: PLC0415 - runs need experiments

        self._sampling._check()
        run_id = checked_run_id(self._run_id) if self._run_id else f"HD_{uuid.uuid4()}"
        sweep = self._sweep()
        spec, hidden, password = describe(experiment, self._script(), {**self._tags(), **(tags or {})}, run_id, parent)
        properties = {**spec.properties, "azureml.runsource": HYPERDRIVE}
        spec = msgspec.structs.replace(spec, type=HYPERDRIVE, sweep=sweep, properties=properties)
        paths = begin(experiment.workspace._catalogue, spec, hidden, password)
        return HyperDriveRun(experiment, run_id, hyperdrive_config=self, _paths=paths)

    def _script(self) -> ScriptRunConfig:
        """Return what each child runs; what the sweep sets is taken out of an estimator's arguments (v1)."""
        if self._run_config is not None:
            return self._run_config
        config: ScriptRunConfig = self._estimator._script_run_config()
        configuration = config.run_config
        swept, kept, skipping = {as_option(name) for name in self._sampling._space}, list[Any](), False
        for word in configuration.arguments:
            is_name = isinstance(word, str) and word.startswith("-") and not word[1:2].isdigit()
            skipping = word in swept if is_name else skipping
            if not skipping:
                kept.append(word)
        configuration.arguments = kept
        return config

    def _sweep(self) -> Sweep:
        drawn, policy = self._sampling.to_json(), self._policy.to_json()
        earlier = [child for run in self._resume_from for child in run._results()]
        first = [json.loads(run.get_tags()["hyperparameters"]) for run in self._resume_children]
        seed = drawn["properties"].get("seed")
        return Sweep(
            sampling=drawn["name"],
            space=drawn["parameter_space"],
            seed=secrets.randbelow(_LARGEST_SEED) if seed is None else int(seed),
            metric=self._metric,
            goal=self._goal.value,
            policy=policy["name"],
            policy_properties=policy["properties"],
            max_total=self._total,
            max_concurrent=self._concurrent,
            max_minutes=self._minutes,
            first=first,
            known=earlier,
        )

    def _tags(self) -> dict[str, str]:
        """Return v1's tags of a sweep, each under both of its names."""
        tags = {
            "generator_config": json.dumps(self._sampling.to_json()),
            "primary_metric_config": json.dumps({"name": self._metric, "goal": self._goal.value.lower()}),
            "policy_config": json.dumps(self._policy.to_json()),
            "max_total_jobs": str(self._total),
            "max_concurrent_jobs": str(self._concurrent),
            "max_duration_minutes": f"{self._minutes:g}",
            "platform_config": json.dumps({"ServiceAddress": "local"}),
        }
        return {**tags, **{SYSTEM_TAG + name: value for name, value in tags.items()}}


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
