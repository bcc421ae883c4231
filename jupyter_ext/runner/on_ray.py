"""A run whose nodes are machines of a Ray cluster: they are placed, get what they need, and are followed."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.build import credentials, lock_of
from jupyter_ext.build.definition import Registry
from jupyter_ext.engines.ray.cluster import Cluster, Machine, asked
from jupyter_ext.engines.ray.mirror import Mirror
from jupyter_ext.engines.ray.node import RayNode
from jupyter_ext.engines.ray.sending import send
from jupyter_ext.engines.run_network import node_name
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EngineNotAnswering, UserErrorException
from jupyter_ext.store.handed import read_handed
from jupyter_ext.store.image_registry import read_registry
from jupyter_ext.store.records import LaunchSpec, encode, read_record, replace
from jupyter_ext.store.spelling import size_text

from . import data, launch, retries, sent
from .gang import Gang
from .ranks import launchers, nodes_apart
from .supervise import Supervised

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_ext.build import Built
    from jupyter_ext.store.paths import RunPaths
    from jupyter_ext.store.records import RunSpec

_BEAT_SECONDS = 15.0
_LOOK_SECONDS = 1
_ELSEWHERE_LOOKS = 5
_CLOCK_SECONDS = 2.0
_START_SECONDS = 3600.0  # an environment may have to be made there


class RayGang(Gang):
    """The nodes of a run on a cluster."""

    def __init__(self, paths: RunPaths, spec: RunSpec, cluster: Cluster) -> None:
        super().__init__(paths, spec)
        self._cluster = cluster
        self._adopted = False
        mirror = Mirror(paths)
        self.on_ray = [RayNode(paths, node, mirror) for node in range(launchers(spec))]
        self.nodes = list(self.on_ray)

    @property
    def begun(self) -> Path:
        """The file that says that launchers were started."""
        return self._paths.launch / "ray.json"

    def started(self) -> list[int]:
        """Return all nodes where they were started; an earlier runner's are found, and followed from where it was."""
        if not self.begun.exists():
            return []
        if not self._adopted:
            self._adopted = True
            self._cluster.find([Machine(*one) for one in msgspec.json.decode(self.begun.read_bytes())])
            self._follow(resume=True)
        return list(range(len(self.nodes)))

    def follow(self) -> None:
        """Read from now on what the nodes tell."""
        self._adopted = True
        self._follow(resume=False)

    def _follow(self, *, resume: bool) -> None:
        for node, agent, machine in zip(self.on_ray, self._cluster.agents, self._cluster.machines, strict=True):
            node.follow(agent, machine, resume=resume)

    def _events(self, node: int) -> list[dict[str, Any]]:
        """Return what a launcher has written, dated by this machine's clock, as what came first is told by it."""
        ahead = self._cluster.machines[node].ahead if self._cluster.machines else 0.0
        return [{**one, "t": one["t"] - ahead} for one in super()._events(node)]

    def remove(self) -> list[str | None]:
        """Tidy up after the nodes, and give them back to the cluster."""
        said = super().remove()
        self._cluster.remove()
        return said


class OnRay(Supervised):
    """Supervises a run on a cluster."""

    gang: RayGang
    samples_here = False
    _cluster: Cluster

    def _new_gang(self) -> RayGang:
        assert self.spec.ray is not None  # noqa: S101 - it is what brought us here
        place = msgspec.structs.replace(self.spec.ray, gpus=self.spec.gpus_per_node or self.spec.ray.gpus)
        name = f"{self.spec.run_id}-{self.paths.restarts}"
        self._cluster = Cluster(place, name, nodes_apart(self.spec), launchers(self.spec) - nodes_apart(self.spec))
        return RayGang(self.paths, self.spec, self._cluster)

    def _lay_out(self, built: Built | None) -> None:
        """Get the nodes, and bring the run there."""
        self._place()
        self._cluster.open()
        if self.spec.container:
            self._see_engines()
        told = self._about()
        assert self.spec.ray is not None  # noqa: S101 - see above
        where = msgspec.structs.replace(
            self.spec.ray,
            hosts=[machine.address for machine in self._cluster.machines],
            ports=[each["free_ports"] for each in told],
        )
        placed = msgspec.structs.replace(self.spec, ray=where, interpreter=None)
        python = built.python if built is not None and built.kind != "venv" else None
        launch.lay_out(self.paths, msgspec.structs.replace(placed, snapshot_id=None))
        as_there = msgspec.structs.replace(built, python="" if python is None else python) if built else None
        launch.write_specs(self.paths, placed, as_there)
        self._send()
        self._check_canceled()
        self._start_there(built)
        if self._is_cancel_requested():
            self.gang.stop()
        self.report.status("Running")

    def _start(self) -> None:
        """Nothing: they run by now, or an earlier runner has started them."""

    def _place(self) -> None:
        self._cluster.ask()
        told = ""
        while not self._cluster.is_there(_LOOK_SECONDS):
            note = self._cluster.waits_for(self.spec.target)
            if note != told:
                self.report.note(note)
                told = note
            self._look()

    def _see_engines(self) -> None:
        """See that each machine's container engine answers; where the run has retries, wait for it, or for another."""
        limit = time.monotonic() + retries.ENGINE_SECONDS
        told: set[Machine] = set()
        left: set[str] = set()
        while down := self._without_engine():
            machines = {self._cluster.machines[node] for node in down}
            if not self.spec.max_retries or time.monotonic() > limit:
                raise EngineNotAnswering(next(iter(down.values())))
            for machine in machines - told:
                waiting = f"waiting up to {retries.ENGINE_SECONDS:.0f} s for it, or for another machine"
                self.report.note(f"no container engine answers on {machine.name} ({machine.address}): {waiting}")
            told |= machines
            left |= {machine.id for machine in machines}
            self._cluster.remove()
            self._cluster.ask(left)
            if not self._is_there_soon():
                left.clear()  # there is no other: look at these again
                self._cluster.remove()
            self._place()
            self._cluster.open()

    def _without_engine(self) -> dict[int, str]:
        """Return the nodes on which no container engine answers, and what is to be said of each."""
        machines = self._cluster.machines
        problems = self._on_all([("engine_problem",)] * len(machines))
        return {node: f"{self._named(node)}: {said}" for node, said in enumerate(problems) if said}

    def _is_there_soon(self) -> bool:
        for _ in range(_ELSEWHERE_LOOKS):
            self._look()
            if self._cluster.is_there(_LOOK_SECONDS):
                return True
        return False

    def _about(self) -> list[dict[str, Any]]:
        """Ask the nodes about themselves; note which of them has another time, as what happens there is dated so."""
        told: list[dict[str, Any]] = self._on_all([("about",)] * len(self._cluster.machines))
        self._cluster.compare_clocks()
        for node, (about, machine) in enumerate(zip(told, self._cluster.machines, strict=True)):
            if abs(machine.ahead) > _CLOCK_SECONDS:
                where = f"node {node} ({about['host']})"
                how = f"{abs(machine.ahead):.0f} s {'ahead of' if machine.ahead > 0 else 'behind'}"
                self.report.note(
                    f"the clock of {where} is {how} this machine's, and so are its times: let NTP set both"
                )
        return told

    def _send(self) -> None:
        workspace = self.paths.workspace
        common = {self.paths.run_json.name: self.paths.run_json, self.paths.events.name: self.paths.events}
        if self.paths.built.exists():
            common[self.paths.built.name] = self.paths.built
        checkpoints = [path for path in (self.paths.outputs / "checkpoints").rglob("*") if path.is_file()]
        common |= {f"work/outputs/{path.relative_to(self.paths.outputs)}": path for path in checkpoints}
        if (self.paths.data / data.INPUTS).exists():
            common[f"data/{data.INPUTS}"] = self.paths.data / data.INPUTS
        files = {name: path.read_bytes() for name, path in common.items()}
        laid = sent.entries(self.paths, self.spec)

        def to(node: int) -> None:
            spec = read_record(self.paths.launch_spec(node), LaunchSpec)
            assert spec is not None  # noqa: S101 - it was written just now
            beat = {"file": f"launch/{node}.beat", "seconds": _BEAT_SECONDS}
            replace(self.paths.launch_spec(node), encode(msgspec.structs.replace(spec, beat=beat)), 0o600)
            own = {f"launch/{node}.json": self.paths.launch_spec(node).read_bytes()}
            size = send(self._cluster.agents[node], workspace, laid, {**files, **own})
            if size:
                self.report.note(f"node {node}: {size_text(size)} of its files sent")

        with ThreadPoolExecutor(len(self._cluster.machines)) as pool:
            list(pool.map(to, range(len(self._cluster.machines))))

    def _start_there(self, built: Built | None) -> None:
        container = self._container(built) if built is not None and self.spec.container else None
        hidden = read_handed(self.paths).hidden
        lock = lock_of(built, self.paths.workspace.environments) if built is not None else None
        if built is not None and built.kind == "venv" and lock is None:
            raise UserErrorException(f"What environment {built.key[:8]} is made of is not known: build it with force.")
        environment = msgspec.json.encode(lock) if lock else None
        python = built.python if built is not None and built.kind == "interpreter" else None
        made: list[Any] = [(python, {})] * len(self._cluster.machines)
        if environment:
            made = self._on_all([("make_environment", environment)] * len(self._cluster.machines))
        replace(self.gang.begun, msgspec.json.encode(self._cluster.machines))
        try:
            ranked = [node < nodes_apart(self.spec) for node in range(len(made))]
            self._on_all(
                [
                    ("start", {**more, **hidden}, there, container, has_ranks)
                    for (there, more), has_ranks in zip(made, ranked, strict=True)
                ]
            )
        except BaseException:
            self.gang.begun.unlink()
            raise
        self.gang.follow()

    def _container(self, built: Built) -> dict[str, Any]:
        """Return what each node's container is made of."""
        known = read_registry(self.paths.workspace.environments)
        registry = Registry(known.address, known.username, known.password_variable) if known else None
        # each is to be found by the name that it has itself: ranks tell others where they listen by their own name
        places = enumerate(self._cluster.machines)
        names = [f"--add-host={node_name(node)}:{machine.address}" for node, machine in places]
        network = ["--network=host", *names] if launchers(self.spec) > 1 else []
        return {
            "image": built.image,
            "name": built.pushed,
            "login": credentials.find(built.pushed, registry) if built.pushed else None,
            "python": built.python or "python",
            "shm_size": self.spec.shm_size,
            "arguments": [*self.spec.docker_arguments, *network],
        }

    def _on_all(self, calls: list[tuple[Any, ...]]) -> list[Any]:
        """Call each node's agent; say which node it is where one cannot."""

        def call(node: int) -> Any:
            try:
                return asked(self._cluster.agents[node], *calls[node], seconds=_START_SECONDS)
            except UserErrorException as error:
                raise UserErrorException(f"{self._named(node)}: {error.message}") from error

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(call, range(len(calls))))

    def _named(self, node: int) -> str:
        machine = self._cluster.machines[node]
        return f"Node {node}, {machine.name} ({machine.address})"

    def _end_nodes(self) -> None:
        if self.gang.begun.exists():
            super()._end_nodes()
        else:  # they were asked for, or reserved
            self._cluster.remove()
