"""Run a notebook as a run's script: every code cell from the top, with what the run's own environment has.

    python run_notebook.py NOTEBOOK [ARGUMENTS ...]

With nbclient and a kernel (which papermill and nbconvert bring too) it runs in a kernel; else, with IPython,
in this process; else as plain Python, where magics cannot be. What cells print is in the run's log at once, and
the notebook with its outputs is written to ``outputs`` after each cell. ``sys.argv`` is the notebook and its
arguments. The cell that fails ends the run, and the traceback names it and the line.
"""

import os
import sys

if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    # as where a script runs, its own folder comes first; ours is seen for the import alone
    sys.path[0] = here
    from executing.main import main  # type: ignore[import-not-found]

    sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[1])) if len(sys.argv) > 1 else ""
    sys.exit(main(sys.argv[1:]))
