"""Ranks under ``mpirun``: its command, its variables, and how it reaches the other nodes.

mpirun wants a remote shell. Here that is the launcher of the other node, which needs no ssh and no account, and which
ends what was started there when either side is gone.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from jupyter_ext.engines.run_network import node_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_ext.store.records import RunSpec

LOG = "user_logs/mpi_log.txt"
"""What ``mpirun`` itself says; the name is v1's."""

SHELL_PORT = 6106
"""Where the launchers of containers listen."""

_VARIABLES = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",  # as in a container, whose only user may be root
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",  # else every run is bound to the same first cores
    "OMPI_MCA_btl_vader_single_copy_mechanism": "none",  # containers forbid the other, and the log fills
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",  # the same from Open MPI 5 on
    "PRTE_MCA_hwloc_default_binding_policy": "none",
}
_REMOTE_VARIABLES = {
    "OMPI_MCA_plm_rsh_no_tree_spawn": "1",  # mpirun alone asks the launchers
    "OMPI_MCA_orte_leave_session_attached": "1",  # else the daemon leaves its launcher
    "PRTE_MCA_plm_ssh_no_tree_spawn": "1",
    "PRTE_MCA_prte_leave_session_attached": "1",
}
_ONE_MACHINE = {"OMPI_MCA_btl": "self,tcp"}  # nodes of one host name take one another for neighbours in its memory


def daemon_log(node: int) -> str:
    """Return the log of what ``mpirun`` starts on a node, so that it can start ranks there."""
    return LOG.replace(".txt", f"_{node}.txt")


def variables(hosts: Sequence[str], master_port: int) -> dict[str, str]:
    """Return what ``mpirun`` and its daemons are told.

    Parameters
    ----------
    hosts
        How each node is called.
    master_port
        A port of the first that the ranks may use.
    """
    if len(hosts) == 1:
        return _VARIABLES
    return {**_VARIABLES, "AZ_BATCH_MASTER_NODE": f"{hosts[0]}:{master_port}"}


def command(spec: RunSpec, rank: Sequence[str], nodes: int) -> list[str]:
    """Return the command that starts the ranks, each of which is ``rank``, over so many launchers."""
    names = ["localhost", *(node_name(node) for node in range(1, nodes))]  # machines have names of their own
    hosts = ",".join(f"{name}:{spec.processes_per_node}" for name in names)
    several = ["--wdir", "/", "--host", hosts] if nodes > 1 else []  # the working directory differs from node to node
    return ["mpirun", *several, "-np", str(spec.rank_count), *rank]


class RemoteShell:
    """How ``mpirun`` reaches the nodes of one run, where each has a launcher.

    Parameters
    ----------
    hosts, ports
        Where these listen.
    told
        What ``mpirun`` and its daemons are told in any case.
    """

    def __init__(self, hosts: Sequence[str], ports: Sequence[int], told: Mapping[str, str]) -> None:
        self._hosts = hosts
        self._ports = ports
        shared = _ONE_MACHINE if len(set(hosts)) < len(hosts) else {}
        self._told = {**told, **_REMOTE_VARIABLES, **shared}
        self._token = secrets.token_hex(32)

    def serving(self, node: int) -> dict[str, Any]:
        """Return what the launcher of a node is told, so that it starts what mpirun asks for."""
        return {"port": self._ports[node], "token": self._token, "log": daemon_log(node), "env": self._told}

    def asking(self, agent: str) -> dict[str, str]:
        """Return what ``mpirun`` is told, so that it asks the launchers; ``agent`` is the command that does."""
        places = enumerate(zip(self._hosts, self._ports, strict=True))
        return {
            **self._told,
            "OMPI_MCA_plm_rsh_agent": agent,
            "PRTE_MCA_plm_ssh_agent": agent,
            "AML_LAUNCHERS": ",".join(f"{node_name(node)}={host}:{port}" for node, (host, port) in places),
            "AML_LAUNCHER_TOKEN": self._token,
        }
