from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from jupyter_ext.store.locks import Lock, is_locked, locked

HOLD = (
    "import sys; from pathlib import Path; from jupyter_ext.store.locks import Lock\n"
    "lock = Lock(Path(sys.argv[1])); print(lock.acquire(), flush=True); sys.stdin.readline()"
)


def test_a_lock_is_held_once_and_let_go(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_locked(path)
    first, second = Lock(path), Lock(path)
    assert first.acquire()
    assert is_locked(path)
    assert not second.acquire()
    first.release()
    first.release()
    assert not is_locked(path)
    assert second.acquire()
    second.release()


def test_a_lock_ends_with_its_killed_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "True\n"
        assert is_locked(path)
        holder.kill()
    assert not is_locked(path)


INHERIT = (
    "import subprocess, sys; from pathlib import Path; from jupyter_ext.store.locks import Lock\n"
    "lock = Lock.inherited(Path(sys.argv[1]), int(sys.argv[2]))\n"
    "child = subprocess.Popen(['sleep', '60'], close_fds=False)\n"
    "print(child.pid, flush=True); sys.stdin.readline()"
)


def test_a_lock_taken_for_another_process_is_its_own_from_then_on(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = Lock(path)
    lock.acquire()
    command = [sys.executable, "-c", INHERIT, str(path), str(lock.fileno())]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, pass_fds=[lock.fileno()]
    ) as holder:
        lock.release()
        assert is_locked(path)
        assert holder.stdout
        grandchild = int(holder.stdout.readline())
        assert is_locked(path)
        holder.kill()
        holder.wait()
        assert not is_locked(path)  # though a child of it lives
        os.kill(grandchild, signal.SIGKILL)


def test_a_child_does_not_inherit_it(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "lock")
    lock.acquire()
    with subprocess.Popen(["sleep", "60"], close_fds=False) as child:
        lock.release()
        assert not is_locked(tmp_path / "lock")
        child.kill()


def test_waiting_for_a_lock(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "lock"
    order = []

    def wait() -> None:
        with locked(path):
            order.append("second")

    with locked(path):
        thread = threading.Thread(target=wait)
        thread.start()
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def test_looking_takes_no_file_descriptors(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "lock")
    lock.acquire()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(10):
        is_locked(tmp_path / "lock")
        Lock(tmp_path / "lock").acquire()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before  # what others left open may close meanwhile
    lock.release()


def test_who_looks_is_not_taken_for_the_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            is_locked(path)

    looker = threading.Thread(target=look)
    looker.start()
    try:
        for _ in range(3000):
            lock = Lock(path)
            assert lock.acquire()
            lock.release()
    finally:
        done.set()
        looker.join()
