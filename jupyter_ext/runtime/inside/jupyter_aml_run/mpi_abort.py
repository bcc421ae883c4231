"""A rank that raises ends the others, which would wait for it for ever: as it exits, mpi4py waits for them."""

import sys

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Optional, Type


def install() -> None:
    """Have what no ``except`` has caught abort the ranks once it is told."""
    tell = sys.excepthook

    def tell_and_abort(kind: "Type[BaseException]", error: BaseException, trace: "Optional[TracebackType]") -> None:
        tell(kind, error, trace)
        mpi = sys.modules.get("mpi4py.MPI")
        if mpi is not None and mpi.Is_initialized() and not mpi.Is_finalized():
            sys.stdout.flush()
            sys.stderr.flush()
            mpi.COMM_WORLD.Abort(1)

    sys.excepthook = tell_and_abort
