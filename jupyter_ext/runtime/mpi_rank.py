"""One rank under ``mpirun``: its command, with a log of its own, and a word on how it ended.

mpirun -np 2 python mpi_rank.py

Which command and which log it is, the specification of the node's launcher tells, since ``mpirun`` gives the same words
to every node, and what they name may lie elsewhere on each.
"""

import os
import sys

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from launching.mpi import main  # type: ignore[import-not-found]

    os._exit(main())
