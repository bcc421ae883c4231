"""The remote shell of ``mpirun``: it hands a command to the launcher of another node, and waits for its end.

mpi_shell.py NODE COMMAND...
"""

import os
import sys

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from launching.serving import main  # type: ignore[import-not-found]

    os._exit(main(sys.argv[1:]))
