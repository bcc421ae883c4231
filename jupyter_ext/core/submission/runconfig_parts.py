"""The parts of a run configuration that say where and in what it runs, and what of it is kept."""

from __future__ import annotations

from typing import ClassVar

from jupyter_ext.core.element import Element


class DockerConfiguration(Element):
    """Whether and how ranks run in a container.

    Parameters
    ----------
    use_docker
        Run in a container.
    shared_volumes
        Accepted as in v1.
    arguments
        Options of ``docker run``.
    shm_size
        Size of ``/dev/shm`` as Docker writes it.
    """

    _keys: ClassVar = {
        "use_docker": "useDocker",
        "shared_volumes": "sharedVolumes",
        "arguments": "arguments",
        "shm_size": "shmSize",
    }

    def __init__(
        self,
        use_docker: bool = False,
        shared_volumes: bool = True,
        arguments: list[str] | None = None,
        shm_size: str | None = "2g",
    ) -> None:
        self.use_docker = use_docker
        self.shared_volumes = shared_volumes
        self.arguments = list(arguments or [])
        self.shm_size = shm_size
        self._arm()


class HistoryConfiguration(Element):
    """What of a run is kept; everything in ``outputs`` and ``logs`` always is."""

    _keys: ClassVar = {
        "output_collection": "outputCollection",
        "snapshot_project": "snapshotProject",
        "directories_to_watch": "directoriesToWatch",
    }

    def __init__(self) -> None:
        self.output_collection = True
        self.snapshot_project = True
        self.directories_to_watch = ["logs"]
        self._arm()


class SparkConfiguration(Element):
    """Kept for v1's run configurations."""

    _keys: ClassVar = {"configuration": "configuration"}

    def __init__(self) -> None:
        self.configuration = {"spark.app.name": "Azure ML Experiment", "spark.yarn.maxAppAttempts": 1}
        self._arm()


class HdiConfiguration(Element):
    """Kept for v1's run configurations."""

    _keys: ClassVar = {"yarn_deploy_mode": "yarnDeployMode"}

    def __init__(self) -> None:
        self.yarn_deploy_mode = "cluster"
        self._arm()


class AmlComputeConfiguration(Element):
    """A target that is made for one run (v1's older mode)."""

    _keys: ClassVar = {
        "vm_size": "vmSize",
        "vm_priority": "vmPriority",
        "_retain_cluster": "retainCluster",
        "_name": "name",
        "_cluster_max_node_count": "clusterMaxNodeCount",
    }

    def __init__(self) -> None:
        self.vm_size: str | None = None
        self.vm_priority: str | None = None
        self._retain_cluster = False
        self._name: str | None = None
        self._cluster_max_node_count: int | None = None
        self._arm()


class KubernetesComputeConfiguration(Element):
    """Kept for v1's run configurations."""

    _keys: ClassVar = {"instance_type": "instanceType"}

    def __init__(self) -> None:
        self.instance_type: str | None = None
