"""RayCompute: the machines of a Ray cluster as the nodes of runs."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import ComputeTargetException
from jupyter_ext.store.records import RAY_IDLE_SECONDS, ComputeRecord, RayCluster

from .aml_compute_configuration import checked_count
from .compute import ComputeTarget, state_of_node

if TYPE_CHECKING:
    import builtins
    from pathlib import Path


class RayAttachConfiguration:
    """A Ray cluster that is to be attached; see :meth:`RayCompute.attach_configuration`."""

    def __init__(
        self, address: str, min_nodes: int, max_nodes: int | None, cpus: float | None, gpus: float | None, idle: int
    ) -> None:
        self.address = address
        self.min_nodes = min_nodes
        self.max_nodes = max_nodes
        self.cpus = cpus
        self.gpus = gpus
        self.idle_seconds_before_scaledown = idle

    def _attached(self, name: str, folder: Path) -> ComputeRecord:
        """Look at the cluster, and return what is written down of it."""
        from jupyter_ext.engines.ray.looking import keep_at_least, nodes_of  # noqa: PLC0415 - for Ray alone

        del folder
        offered = [one["Resources"] for one in nodes_of(self.address)]
        workers = [one for one in offered if one.get("CPU", 0) >= 1]
        most = self.max_nodes or len(workers)
        if not most:
            raise ComputeTargetException(
                f"The Ray cluster at {self.address} has no node with a CPU to give: start one ('ray start "
                "--address=...'), or name max_nodes where its autoscaler starts them."
            )
        cpus = self.cpus or min((one["CPU"] for one in workers), default=1.0)
        gpus = min((one.get("GPU", 0.0) for one in workers), default=0.0) if self.gpus is None else self.gpus
        if self.min_nodes:
            keep_at_least(self.address, self.min_nodes, cpus, gpus)
        idle = self.idle_seconds_before_scaledown
        place = RayCluster(address=self.address, cpus=cpus, gpus=gpus, idle_seconds=idle)
        return _record(name, self.min_nodes, most, place)


class RayProvisioningConfiguration:
    """A Ray cluster that is to be started on this machine; see :meth:`RayCompute.provisioning_configuration`."""

    def __init__(self, nodes: int, cpus: float) -> None:
        self.nodes = nodes
        self.cpus = cpus

    def _attached(self, name: str, folder: Path) -> ComputeRecord:
        from jupyter_ext.engines.ray.local_cluster import start_cluster  # noqa: PLC0415 - for Ray alone

        address, processes = start_cluster(folder, self.nodes, self.cpus)
        place = RayCluster(address=address, cpus=self.cpus, processes=processes)
        return _record(name, self.nodes, self.nodes, place)


class RayCompute(ComputeTarget):
    """The machines of a Ray cluster, at most ``max_nodes`` in use at once."""

    _compute_type = "Ray"

    @staticmethod
    def attach_configuration(
        address: str,
        min_nodes: Any = 0,
        max_nodes: Any = None,
        cpus_per_node: float | None = None,
        gpus_per_node: float | None = None,
        idle_seconds_before_scaledown: Any = RAY_IDLE_SECONDS,
    ) -> RayAttachConfiguration:
        """Describe a cluster for :meth:`ComputeTarget.attach`.

        Parameters
        ----------
        address
            ``HOST:PORT``, as ``ray start --head`` tells it, on a machine of the cluster.
        min_nodes
            How many nodes the cluster's autoscaler keeps, whether runs need them or not: room for so many times what a
            run takes of one. A cluster has one such wish, the last.
        max_nodes
            How many nodes are in use at most; as many as there are now, where it is not given.
        cpus_per_node, gpus_per_node
            What a run takes of each node: as much as the smallest has, where it is not given, and one CPU of a cluster
            that has no node yet.
        idle_seconds_before_scaledown
            How long a node stays ready for the next run, which starts at once there; an autoscaler's own waiting, after
            which it ends the node, begins then.

        Raises
        ------
        ComputeTargetException
            A number is negative, or less than another that it must reach.
        """
        if cpus_per_node is not None and cpus_per_node <= 0:
            raise ComputeTargetException(f"cpus_per_node is {cpus_per_node:g}: it must be more than 0.")
        if gpus_per_node is not None and gpus_per_node < 0:
            raise ComputeTargetException(f"gpus_per_node is {gpus_per_node:g}: it must be 0 or more.")
        least = checked_count("min_nodes", min_nodes)
        most = None if max_nodes is None else checked_count("max_nodes", max_nodes)
        if most is not None and most < max(least, 1):
            raise ComputeTargetException(f"max_nodes is {most}: it must be at least 1, and at least min_nodes.")
        idle = checked_count("idle_seconds_before_scaledown", idle_seconds_before_scaledown)
        return RayAttachConfiguration(address, least, most, cpus_per_node, gpus_per_node, idle)

    @staticmethod
    def provisioning_configuration(max_nodes: Any = 2, cpus_per_node: float = 1) -> RayProvisioningConfiguration:
        """Describe a cluster of ``max_nodes`` nodes that :meth:`ComputeTarget.create` starts on this machine.

        It goes on when the notebook ends; :meth:`delete` ends it.
        """
        nodes = checked_count("max_nodes", max_nodes)
        if not nodes:
            raise ComputeTargetException("max_nodes is 0: a cluster needs at least 1.")
        return RayProvisioningConfiguration(nodes, cpus_per_node)

    @property
    def address(self) -> str:
        """Where the cluster is."""
        return self._place.address

    @property
    def _place(self) -> RayCluster:
        assert self._record.ray is not None  # noqa: S101 - it makes the record one of these
        return self._record.ray

    def _each_node(self) -> str:
        """Tell what a run takes of each node."""
        from jupyter_ext.engines.ray.cluster import each_node  # noqa: PLC0415 - for Ray alone

        return each_node(self._place)

    def list_nodes(self) -> builtins.list[dict[str, Any]]:
        """Return the nodes of the cluster that can take runs now: what each has, and which run has it.

        Returns
        -------
        list of dict
            v1's keys, and ``hostName``; ``cpus`` and ``gpus``, how many of them Ray has there; ``sample``, what the
            node's run last said of it (see :meth:`Run.node_samples`), and None where no run of this workspace is there.

        Raises
        ------
        ComputeTargetException
            The cluster does not answer.
        """
        from jupyter_ext.engines.ray.cluster import that_take  # noqa: PLC0415 - for Ray alone
        from jupyter_ext.engines.ray.looking import nodes_of  # noqa: PLC0415 - as above

        return [self._told(one) for one in that_take(self._place, nodes_of(self.address))]

    def _told(self, node: dict[str, Any]) -> dict[str, Any]:
        run_id, number = node["Run"] or (None, 0)
        return {
            "nodeId": node["NodeID"],
            "port": None,
            "publicIpAddress": None,
            "privateIpAddress": node["NodeManagerAddress"],
            "nodeState": state_of_node(self.workspace, run_id),
            "runId": run_id,
            "hostName": node["NodeManagerHostname"],
            "cpus": node["Resources"].get("CPU", 0.0),
            "gpus": node["Resources"].get("GPU", 0.0),
            "sample": self._sample(run_id, number),
        }

    def _sample(self, run_id: str | None, number: int) -> dict[str, Any] | None:
        from jupyter_ext.core.runs.glance import latest_samples  # noqa: PLC0415 - seldom asked for

        paths = self.workspace._catalogue.run_paths(run_id) if run_id else None
        sample = latest_samples(paths.nodes).get(number) if paths else None
        return msgspec.to_builtins(sample) if sample else None

    def update(self, min_nodes: Any = None, max_nodes: Any = None, idle_seconds_before_scaledown: Any = None) -> None:
        """Change how many nodes are kept, in use at most, and how long they stay ready; what is not given stays."""
        self.refresh_state()
        record, place = self._record, self._place
        asked = RayCompute.attach_configuration(
            place.address,
            record.min_nodes if min_nodes is None else min_nodes,
            record.max_nodes if max_nodes is None else max_nodes,
            idle_seconds_before_scaledown=(
                place.idle_seconds if idle_seconds_before_scaledown is None else idle_seconds_before_scaledown
            ),
        )
        if asked.min_nodes != record.min_nodes:
            from jupyter_ext.engines.ray.looking import keep_at_least  # noqa: PLC0415 - for Ray alone

            keep_at_least(place.address, asked.min_nodes, place.cpus, place.gpus)
        most = asked.max_nodes or record.max_nodes
        idle = asked.idle_seconds_before_scaledown
        changed = msgspec.structs.replace(
            record,
            min_nodes=asked.min_nodes,
            max_nodes=most,
            idle_seconds=idle,
            ray=msgspec.structs.replace(place, idle_seconds=idle),
            modified=time.time(),
        )
        self._rescale(changed)

    def detach(self) -> None:
        """Forget the cluster, which goes on and keeps no nodes for this target any more; one started here is ended.

        Raises
        ------
        ComputeTargetException
            Runs use it, or wait for it.
        """
        self.delete()

    def delete(self) -> None:
        """Forget the cluster, as :meth:`detach` does."""
        super().delete()
        if self._place.processes:
            from jupyter_ext.engines.ray.local_cluster import end_cluster  # noqa: PLC0415 - for Ray alone

            end_cluster(self._place.processes)
        elif self._record.min_nodes:
            from jupyter_ext.engines.ray.looking import keep_at_least  # noqa: PLC0415 - for Ray alone

            with suppress(ComputeTargetException):  # the cluster is gone
                keep_at_least(self.address, 0, self._place.cpus, self._place.gpus)


def _record(name: str, least: int, most: int, place: RayCluster) -> ComputeRecord:
    now = time.time()
    return ComputeRecord(
        name=name,
        type="Ray",
        min_nodes=least,
        max_nodes=most,
        idle_seconds=place.idle_seconds,
        ray=place,
        created=now,
        modified=now,
    )
