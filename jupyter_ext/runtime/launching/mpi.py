"""A rank that ``mpirun`` or ``torchrun`` starts: what stands between it and the rank's own command."""

import os

from . import signals
from .events import Events, decode
from .guard import signal_group
from .node import exit_code, find_prctl
from .rank import CANNOT_START, PR_SET_PDEATHSIG, CannotStart, Rank

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any

_RANK_VARIABLES = ("OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "RANK")
_OF_TORCHRUN = "TORCHELASTIC_RESTART_COUNT"
_INTERFACES = "OMPI_MCA_btl_tcp_if_include"


def main() -> int:
    """Start the command, wait for it, write down how it ended, and end in the same way."""
    run_dir = os.environ["AML_RUN_DIR"]
    node = os.environ.get("AZ_BATCHAI_TASK_INDEX") or "0"  # whose launcher has started the daemon of mpirun
    with open(os.path.join(run_dir, "launch", node + ".json"), encoding="utf-8") as file:
        command = decode(file.read())["each"]
    logs = command["logs"]
    number = next(int(os.environ[name]) for name in _RANK_VARIABLES if name in os.environ)
    variables = {"AML_RANK": str(number)}
    if "nodes" in command:  # this machine stands for several, which one mpirun serves
        variables["AZ_BATCHAI_TASK_INDEX"] = str(command["nodes"][number])
    if _INTERFACES not in os.environ and _is_here(command.get("address")):
        # Open MPI would try every address, those of Docker's bridges too, which each machine has, and wait for ever;
        # /32 is any address to its version 4.1, which shifts the mask away
        variables[_INTERFACES] = command["address"] + "/31"
    if _OF_TORCHRUN in os.environ:
        variables["NODE_RANK"] = os.environ["GROUP_RANK"]  # v1's name
    entry = {"rank": number, "log": logs[number], "env": variables}
    events = Events(os.path.join(run_dir, "launch", node + ".jsonl"))
    prctl = find_prctl()
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, int(signals.SIGKILL), 0, 0, 0)  # no rank outlives its mpirun
    try:
        pid = Rank(run_dir, command, entry).start(prctl)
    except CannotStart as error:
        with open(os.path.join(run_dir, logs[number]), "a", encoding="utf-8") as log:
            log.write("cannot start: {}\n".format(error))
        _tell(events, number, CANNOT_START)
        return CANNOT_START

    def forward(received: int, _: "Any") -> None:
        signal_group(pid, received)

    for each in (signals.SIGTERM, signals.SIGINT):
        signals.signal(each, forward)
    code = exit_code(os.waitpid(pid, 0)[1])
    signal_group(pid, signals.SIGKILL)  # what it left behind
    _tell(events, number, code)
    return code if code >= 0 else 128 - code


def _is_here(address: "str | None") -> bool:
    """Tell whether an address is one of this node's own, as a container sees it."""
    if address is None:
        return False
    import socket  # noqa: PLC0415 - few ranks need it

    with socket.socket() as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def _tell(events: Events, rank: int, code: int) -> None:
    """Write down how the rank has ended; under torchrun, another may be started in its place."""
    if _OF_TORCHRUN in os.environ:
        events.write("worker", rank=rank, code=code, restart=int(os.environ[_OF_TORCHRUN]))
    else:
        events.write("exit", rank=rank, code=code, mpi=1)
