"""One rank under ``mpirun``: its command, with a log of its own, and a word on how it ended.

mpirun -np 2 python mpi_rank.py RUN_DIR LOG,LOG [PROGRAM ARGUMENTS...]

Without a program it is the shell command in the environment variable AML_COMMAND.
"""

import os
import sys

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from launching.mpi import main  # type: ignore[import-not-found]

    os._exit(main(sys.argv[1:]))
