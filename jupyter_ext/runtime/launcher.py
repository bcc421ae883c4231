"""Start the ranks of one node of a run, wait for them, and write down how they ended.

    python launcher.py RUN_DIR NODE

With the folder ``launching`` beside it, it needs nothing but the standard library of Python 3.6 or
newer, so the same files serve a local process, any image that holds a Python, and a worker of a
cluster. It reads ``launch/NODE.json``:

    {"version": 1, "node": 0, "argv": ["python", "train.py"] or "shell": "python train.py && ls",
     "cwd": "work", "env": {...}, "path": {"PYTHONPATH": ["first"]},
     "ranks": [{"rank": 0, "env": {...}, "log": "user_logs/std_log.txt"}],
     "max_seconds": null, "grace_seconds": 10,
     "serve": {"port": 6106, "token": "...", "log": "user_logs/mpi_log_1.txt", "env": {...}} or null}

and appends one JSON object a line to ``launch/NODE.jsonl``: ``launcher``, a ``rank`` and an ``exit``
for each rank, and ``end``. Where it is to ``serve``, it is the remote shell by which another node's
``mpirun`` starts its daemon here. The output of a rank goes straight to its log file, through no pipe that
may block or break.

The exit status, which is also the code of the ``end`` event, is 0 when every rank ended with 0, else
the code of the rank that failed first (128 + n when signal n ended it), 124 after ``max_seconds``,
143 when a signal ended it (SIGUSR1: another node has ended), 127 when something could not be started,
and 3 when another launcher of this node is alive.

``launch/NODE.lock`` stays locked until the launcher is gone and its ranks with it, whatever ended
it: a guard process, forked first, sees the launcher die and kills what it left; on Linux the kernel
kills the ranks too.
"""

import os
import sys

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    # a module's compiled form is kept between runs, a script's own is not: half of the time to start
    from launching.node import main  # type: ignore[import-not-found]

    os._exit(main(sys.argv[1:]))
