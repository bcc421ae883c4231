"""The launcher, with real processes."""

import contextlib
import fcntl
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from in_run import old_python

from jupyter_ext.runtime import launcher

PROGRAM = launcher.__file__


class Node:
    """A run directory with one node to launch."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        self.process: subprocess.Popen[bytes] | None = None
        (path / "launch").mkdir()
        (path / "work").mkdir()

    def spec(self, ranks: int = 1, **fields: object) -> None:
        logs = ["user_logs/std_log.txt"] if ranks == 1 else [f"user_logs/std_log_process_{k}.txt" for k in range(ranks)]
        spec = {
            "version": 1,
            "node": 0,
            "cwd": "work",
            "env": {},
            "ranks": [{"rank": k, "env": {"AML_RANK": str(k)}, "log": log} for k, log in enumerate(logs)],
            "max_seconds": None,
            "grace_seconds": 10,
            **fields,
        }
        (self.path / "launch" / "0.json").write_text(json.dumps(spec))

    def script(self, text: str) -> list[str]:
        (self.path / "work" / "script.py").write_text(text)
        return [sys.executable, "-S", "script.py"]

    def start(self) -> "subprocess.Popen[bytes]":
        self.process = subprocess.Popen([sys.executable, "-I", "-S", PROGRAM, str(self.path), "0"])
        return self.process

    def run(self) -> int:
        return self.start().wait(30)

    def events(self, kind: str | None = None) -> list[dict[str, object]]:
        path = self.path / "launch" / "0.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return [event for event in map(json.loads, lines) if kind in (None, event["event"])]

    def end(self) -> dict[str, object]:
        (event,) = self.events("end")
        return event

    def log(self, name: str = "std_log.txt") -> str:
        path = self.path / "user_logs" / name
        return path.read_text() if path.exists() else ""

    def locked(self) -> bool:
        with (self.path / "launch" / "0.lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False


def wait_until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, f"not within {seconds} s"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


@pytest.fixture
def node(tmp_path: pathlib.Path) -> Iterator[Node]:
    node = Node(tmp_path)
    yield node
    if node.process is not None and node.process.poll() is None:
        node.process.kill()
        node.process.wait(10)


def test_one_rank_ends_well(node: Node) -> None:
    node.spec(argv=node.script("import sys; print('hello'); print('there', file=sys.stderr)"))
    assert node.run() == 0
    assert node.log().splitlines() == ["there", "hello"] or node.log().splitlines() == ["hello", "there"]
    assert [event["event"] for event in node.events()] == ["launcher", "rank", "exit", "end"]
    assert node.end()["code"] == 0
    assert node.end()["reason"] is None
    assert not node.locked()


def test_what_a_rank_gets(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/last")
    script = node.script(
        "import json, os, sys\n"
        "leads = os.getsid(0) == os.getpid()\n"
        "print(json.dumps([os.getcwd(), dict(os.environ), sys.argv[1:], leads, sys.stdin.read()]))"
    )
    node.spec(
        argv=[*script, "$AML_RANK/${WORD}", "$UNKNOWN", "schön"],
        env={"WORD": "größe", "N": 3},
        path={"PYTHONPATH": ["/first", "/second"], "NEW": ["/only"]},
    )
    assert node.run() == 0
    folder, variables, arguments, leads_session, stdin = json.loads(node.log())
    assert folder == str(node.path / "work")
    assert variables["PYTHONPATH"] == "/first:/second:/last"
    assert variables["NEW"] == "/only"
    assert variables["N"] == "3"
    assert arguments == ["0/größe", "$UNKNOWN", "schön"]
    assert leads_session
    assert stdin == ""


def test_ranks_have_their_own_logs_and_variables(node: Node) -> None:
    node.spec(ranks=3, argv=node.script("import os; print(os.environ['AML_RANK'])"))
    assert node.run() == 0
    assert [node.log(f"std_log_process_{k}.txt") for k in range(3)] == ["0\n", "1\n", "2\n"]
    assert sorted(event["rank"] for event in node.events("exit")) == [0, 1, 2]


def test_shell_command(node: Node) -> None:
    node.spec(shell='echo "$AML_RANK" && exit 7')
    assert node.run() == 7
    assert node.log() == "0\n"
    assert node.end()["reason"] == "rank 0 ended with code 7"


def test_python3_stands_in_for_python(node: Node, tmp_path: pathlib.Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "python3").symlink_to(sys.executable)
    node.spec(argv=["python", "-S", "-c", "import sys; print(sys.executable)"], env={"PATH": str(programs)})
    assert node.run() == 0
    assert node.log().strip() == str(programs / "python3")


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["no-such-program"], "there is no program 'no-such-program' on the PATH"),
        (["./no-such-program"], "there is no program /"),
        (["./not-executable"], "is not executable; chmod +x it"),
        (["./no-program"], "is not a program; name the program that runs it"),
        (["./no-interpreter"], "names an interpreter in its first line that is not there"),
        ([], "no command is given"),
    ],
)
def test_what_cannot_start_is_told(node: Node, argv: list[str], reason: str) -> None:
    for name, text, mode in [
        ("not-executable", "#!/bin/sh\n", 0o644),
        ("no-program", "text", 0o755),
        ("no-interpreter", "#!/no/such/python\n", 0o755),
    ]:
        path = node.path / "work" / name
        path.write_text(text)
        path.chmod(mode)
    node.spec(argv=argv)
    assert node.run() == 127
    assert node.end()["code"] == 127
    assert node.end()["reason"].startswith("cannot start: ")
    assert reason in node.end()["reason"]
    assert not node.events("exit")


def test_missing_folder(node: Node) -> None:
    node.spec(argv=["true"], cwd="nowhere")
    assert node.run() == 127
    assert f"there is no folder {node.path}/nowhere" in node.end()["reason"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_broken_specification(node: Node, text: str) -> None:
    (node.path / "launch" / "0.json").write_text(text)
    assert node.run() == 127
    assert node.end()["reason"].startswith("cannot start: launch/0.json: ")


def test_no_run_directory(tmp_path: pathlib.Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", PROGRAM, str(tmp_path / "none"), "0"],
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 127
    assert b"No such file" in done.stderr


def test_second_launcher_leaves_quietly(node: Node) -> None:
    node.spec(argv=node.script("import time; print('up', flush=True); time.sleep(60)"))
    first = node.start()
    wait_until(lambda: "up" in node.log())
    assert node.locked()
    second = subprocess.run([sys.executable, "-I", "-S", PROGRAM, str(node.path), "0"], timeout=30, check=False)
    assert second.returncode == 3
    assert len(node.events("launcher")) == 1
    first.terminate()
    assert first.wait(10) == 143


def test_sigterm_ends_the_ranks_and_their_children(node: Node) -> None:
    node.spec(
        ranks=2,
        argv=node.script(
            "import signal, subprocess, sys\n"
            "signal.signal(signal.SIGTERM, lambda *_: (print('bye', flush=True), sys.exit(0)))\n"
            "child = subprocess.Popen(['sleep', '60'])\n"
            "print(child.pid, flush=True)\n"
            "signal.pause()\n"
        ),
    )
    process = node.start()
    logs = [f"std_log_process_{k}.txt" for k in range(2)]
    wait_until(lambda: all(node.log(name) for name in logs))
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 143
    assert time.monotonic() - began < 5
    assert node.end()["reason"] == "terminated"
    for name in logs:
        child, word = node.log(name).split()
        assert word == "bye"
        assert not alive(int(child))


def test_sigint_is_like_sigterm(node: Node) -> None:
    node.spec(argv=node.script("import time; print('up', flush=True); time.sleep(60)"))
    process = node.start()
    wait_until(lambda: "up" in node.log())
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 143
    assert node.events("exit")[0]["code"] == -signal.SIGTERM


def test_rank_that_ignores_sigterm_is_killed_after_the_grace(node: Node) -> None:
    node.spec(
        grace_seconds=0.5,
        argv=node.script(
            "import signal, time\n"
            "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up', flush=True)\ntime.sleep(60)"
        ),
    )
    process = node.start()
    wait_until(lambda: "up" in node.log())
    began = time.monotonic()
    process.terminate()
    assert process.wait(10) == 143
    assert 0.4 < time.monotonic() - began < 5
    assert node.events("exit")[0]["code"] == -signal.SIGKILL


def test_timeout(node: Node) -> None:
    node.spec(max_seconds=0.5, argv=node.script("import time; time.sleep(60)"))
    assert node.run() == 124
    assert node.end()["reason"] == "timeout"


def test_a_failing_rank_ends_the_others(node: Node) -> None:
    node.spec(
        ranks=3,
        argv=node.script(
            "import os, signal, sys, time\n"
            "rank = int(os.environ['AML_RANK'])\n"
            "if rank == 2: signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            "print('up', flush=True)\n"
            "time.sleep(60 if rank != 1 else 0.5)\n"
            "sys.exit(3)"
        ),
    )
    began = time.monotonic()
    assert node.run() == 3
    assert time.monotonic() - began < 7
    assert node.end()["reason"] == "rank 1 ended with code 3"
    codes = {event["rank"]: event["code"] for event in node.events("exit")}
    assert codes == {0: -signal.SIGTERM, 1: 3, 2: -signal.SIGKILL}


def test_rank_killed_by_a_signal(node: Node) -> None:
    node.spec(argv=node.script("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"))
    assert node.run() == 128 + signal.SIGSEGV
    assert node.events("exit")[0]["code"] == -signal.SIGSEGV
    assert node.end()["reason"] == f"rank 0 ended by signal {int(signal.SIGSEGV)}"


def test_what_a_rank_leaves_behind_is_ended(node: Node) -> None:
    node.spec(shell="sleep 60 & echo $!; (trap '' TERM; sleep 61) & echo $!")
    assert node.run() == 0
    for pid in node.log().split():
        wait_until(lambda pid=int(pid): not alive(pid), 5)


@pytest.mark.parametrize("form", ["argv", "shell"])
def test_killing_the_launcher_ends_everything(node: Node, form: str) -> None:
    script = node.script(
        "import os, signal, subprocess, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        "print(os.getpid(), child.pid, flush=True)\n"
        "time.sleep(60)"
    )
    node.spec(**{form: script if form == "argv" else " ".join(script) + " && echo never"})
    process = node.start()
    wait_until(lambda: node.log().endswith("\n"))
    process.kill()
    process.wait(10)
    for pid in node.log().split():
        wait_until(lambda pid=int(pid): not alive(pid), 5)
    wait_until(lambda: not node.locked(), 5)
    assert not node.events("end")
    assert "never" not in node.log()


def test_the_lock_tells_that_the_ranks_are_gone(node: Node) -> None:
    node.spec(argv=node.script("import os, time; print(os.getpid(), flush=True); time.sleep(60)"))
    process = node.start()
    wait_until(lambda: node.log().endswith("\n"))
    process.kill()
    process.wait(10)
    wait_until(lambda: not node.locked(), 5)
    assert not alive(int(node.log()))


def test_without_prctl_the_guard_does_it(node: Node) -> None:
    """macOS has no prctl."""
    node.spec(argv=node.script("import os, time; print(os.getpid(), flush=True); time.sleep(60)"))
    code = (
        f"import os, sys; sys.path.insert(0, {str(pathlib.Path(PROGRAM).parent)!r})\n"
        "from launching import node\n"
        f"node.find_prctl = lambda: None\nos._exit(node.main([{str(node.path)!r}, '0']))"
    )
    node.process = subprocess.Popen([sys.executable, "-c", code])
    wait_until(lambda: node.log().endswith("\n"))
    node.process.kill()
    node.process.wait(10)
    wait_until(lambda: not alive(int(node.log())), 5)


def test_killing_the_guard_changes_nothing(node: Node) -> None:
    node.spec(argv=node.script("import os, time; print(os.getpid(), flush=True); time.sleep(1)"))
    process = node.start()
    wait_until(lambda: node.log().endswith("\n"))
    rank = int(node.log())
    (guard,) = [pid for pid in children(process.pid) if pid != rank]
    os.kill(guard, signal.SIGKILL)
    assert process.wait(15) == 0
    assert node.end()["code"] == 0


def children(pid: int) -> list[int]:
    return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_the_launcher_costs_nothing_while_it_waits(node: Node) -> None:
    node.spec(argv=node.script("import time; print('up', flush=True); time.sleep(60)"))
    process = node.start()
    wait_until(lambda: "up" in node.log())

    def ticks() -> int:
        fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    before = ticks()
    time.sleep(1)
    assert ticks() == before
    process.terminate()
    process.wait(10)


def fill(path: pathlib.Path) -> None:
    with path.open("wb", 0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 512)


def test_full_disk(small_disk: pathlib.Path) -> None:
    node = Node(small_disk)
    node.spec(argv=node.script("import sys\nsys.exit(5)"))
    fill(small_disk / "fill")
    assert node.run() == 5


def test_events_that_a_full_disk_delays(small_disk: pathlib.Path) -> None:
    node = Node(small_disk)
    node.spec(argv=node.script("import os, sys\nos.remove('../fill')\nsys.exit(5)"))
    fill(small_disk / "fill")
    assert node.run() == 5
    assert [event["event"] for event in node.events()] == ["launcher", "rank", "exit", "end"]
    assert node.end()["reason"] == "rank 0 ended with code 5"


def test_runs_in_python_3_6(node: Node) -> None:
    old = old_python()
    if old is None:
        pytest.skip("no Python 3.6 is installed")
    node.spec(argv=node.script("print('hello')"), env={"ÄÖ": "ü"}, shell=None)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LC_")}
    environment["LANG"] = "C"
    done = subprocess.run([old, "-I", "-S", PROGRAM, str(node.path), "0"], env=environment, timeout=30, check=False)
    assert done.returncode == 0
    assert node.log() == "hello\n"


def test_it_ends_when_nobody_looks_after_it(node: Node) -> None:
    """As when the actor that has started it on a cluster is gone."""
    argv = node.script("import time\nprint('here', flush=True)\ntime.sleep(300)\n")
    node.spec(argv=argv, beat={"file": "launch/0.beat", "seconds": 2})
    process = node.start()
    beat = node.path / "launch" / "0.beat"
    for _ in range(8):
        beat.write_text(str(time.time()))
        time.sleep(0.5)
    assert process.poll() is None
    assert process.wait(20) == 143
    assert node.events("end")[0]["reason"] == "nobody on its machine looks after it any more"
