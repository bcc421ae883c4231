"""What a script prints: live, fast, and never lost."""

import os
import pathlib
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from in_run import INSIDE, Inside

FLOOD = "line = 'x' * 92\nfor n in range({count}):\n    print('%07d' % n + line)\n"


def wait_until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, f"not within {seconds} s"
        time.sleep(0.01)


def numbers(log: pathlib.Path) -> list[int]:
    return [int(line[:7]) for line in log.read_text().splitlines()]


def test_a_line_is_there_at_once(inside: Inside, any_python: str) -> None:
    inside.run("import os\nprint('hello')\nprint('there')\nos._exit(0)", python=any_python, PYTHONUNBUFFERED="")
    assert inside.log.read_text() == "hello\nthere\n"


def test_a_line_is_there_while_the_script_goes_on(inside: Inside) -> None:
    process = inside.start("import time\nprint('hello')\ntime.sleep(60)", PYTHONUNBUFFERED="")
    wait_until(lambda: inside.log.read_text() == "hello\n")
    process.kill()
    process.wait(10)


COUNTED = """
import sys
{}
writes = [line.split()[1] for line in open("/proc/self/io") if line.startswith("syscw")]
sys.stderr.write(*writes)
"""


def test_a_flood_loses_nothing_and_is_written_in_pieces(inside: Inside) -> None:
    inside.run(COUNTED.format(FLOOD.format(count=1_000_000)), PYTHONUNBUFFERED="")
    lines = inside.log.read_bytes().splitlines()
    assert len(lines) == 1_000_001
    assert all(int(line[:7]) == n for n, line in enumerate(lines[:-1]))
    assert int(lines[-1]) < 100_000


def test_the_end_of_a_flood_is_live_again(inside: Inside) -> None:
    process = inside.start(
        FLOOD.format(count=100_000) + "import time\ntime.sleep(1)\n"
        "for n in range(100000, 100010):\n    print('%07d' % n)\n    time.sleep(0.01)\ntime.sleep(60)"
    )
    wait_until(lambda: inside.log.read_text().endswith("0100009\n"), 30)
    assert numbers(inside.log) == list(range(100_010))
    process.kill()
    process.wait(10)


def test_a_flood_is_seen_as_it_comes(inside: Inside) -> None:
    """Its last lines are there while the script computes on."""
    process = inside.start(FLOOD.format(count=50_000) + "while True: pass")
    wait_until(lambda: inside.log.read_text().endswith("x\n") and len(numbers(inside.log)) == 50_000, 30)
    process.kill()
    process.wait(10)


@pytest.mark.parametrize(
    "end",
    [
        "import os; os._exit(0)",
        "import os; os.execv('/bin/true', ['true'])",
        "import os; os.execvp('true', ['true'])",
        "import sys; sys.exit(0)",
        "import sys; sys.stdout.close()",
        "import sys; sys.stdout = None",
        "import sys; del sys.stdout",
        "import sys; sys.stdout = open('/dev/null', 'w')",
        "import threading; threading.Thread(target=print).start()",
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_ends_in_the_middle_of_a_flood(inside: Inside, end: str) -> None:
    inside.run(FLOOD.format(count=50_000) + end)
    found = [line for line in inside.log.read_text().splitlines() if line]
    assert len(found) == 50_000


def test_many_short_floods_end_well(inside: Inside) -> None:
    """The interpreter ends while the other thread may be writing."""
    for count in (5_000, 20_000, 30_001, 40_002, 60_003):
        inside.log.write_text("")
        inside.run(FLOOD.format(count=count))
        assert numbers(inside.log) == list(range(count))


def test_an_error_comes_after_the_lines_before_it(inside: Inside) -> None:
    inside.run(FLOOD.format(count=50_000) + "raise ValueError('last')", code=1)
    lines = inside.log.read_text().splitlines()
    assert [int(line[:7]) for line in lines[:50_000]] == list(range(50_000))
    assert lines[50_000] == "Traceback (most recent call last):"
    assert lines[-1] == "ValueError: last"


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_that_a_script_starts(inside: Inside, method: str) -> None:
    inside.run(
        "import multiprocessing, sys\n"
        "def work(k):\n    for n in range(20000):\n        print('%d %d' % (k, n))\n"
        "if __name__ == '__main__':\n"
        "    for n in range(30000):\n        print('0 %d' % n)\n"
        f"    context = multiprocessing.get_context('{method}')\n"
        "    children = [context.Process(target=work, args=(k,)) for k in (1, 2, 3)]\n"
        "    [child.start() for child in children]\n"
        "    for n in range(30000, 60000):\n        print('0 %d' % n)\n"
        "    [child.join() for child in children]\n    sys.exit(sum(child.exitcode for child in children))\n"
    )
    lines = inside.log.read_text().splitlines()
    assert len(lines) == 120_000
    for k, count in ((0, 60_000), (1, 20_000), (2, 20_000), (3, 20_000)):
        assert [line for line in lines if line.startswith(f"{k} ")] == [f"{k} {n}" for n in range(count)]


def test_forks_in_a_flood_with_threads(inside: Inside) -> None:
    """A child never finds the stream locked, and repeats nothing."""
    inside.run(
        "import os\nn = 0\n"
        "for fork in range(200):\n"
        "    for _ in range(500):\n        print('%07d' % n)\n        n += 1\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n        print('%07d' % (9000000 + fork))\n        os._exit(0)\n"
        "    os.waitpid(pid, 0)\n"
    )
    found = numbers(inside.log)
    assert [n for n in found if n < 9_000_000] == list(range(100_000))
    assert [n for n in found if n >= 9_000_000] == list(range(9_000_000, 9_000_200))


def test_threads_that_print(inside: Inside) -> None:
    inside.run(
        "import sys, threading\n"
        "def work(k):\n    for n in range(50000):\n        sys.stdout.write('%d %d\\n' % (k, n))\n"
        "threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]\n"
        "[t.start() for t in threads]\n[t.join() for t in threads]\n"
    )
    lines = inside.log.read_text().splitlines()
    assert len(lines) == 200_000
    for k in range(4):
        assert [line for line in lines if line.startswith(f"{k} ")] == [f"{k} {n}" for n in range(50_000)]


def test_very_long_lines_among_short_ones(inside: Inside) -> None:
    inside.run(
        "import threading\n"
        "def short(k):\n    for n in range(50000):\n        print(f'{k} {n}')\n"
        "def long():\n    for n in range(60):\n        print('L' * 900_000)\n"
        "threads = [threading.Thread(target=short, args=(k,)) for k in range(2)] + [threading.Thread(target=long)]\n"
        "[t.start() for t in threads]\n[t.join() for t in threads]\n"
    )
    text = inside.log.read_text()
    assert text.count("L") == 60 * 900_000
    assert text.count("\n") == 100_060


def test_threads_that_come_in_a_flood(inside: Inside) -> None:
    inside.run(
        "import threading\n"
        "def work(k):\n    for n in range(30000):\n        print(f'{k} {n:06d}')\n"
        "for round in range(3):\n"
        "    work('m')\n"
        "    threads = [threading.Thread(target=work, args=('t',)) for k in range(2)]\n"
        "    [t.start() for t in threads]\n    work('m')\n    [t.join() for t in threads]\n"
    )
    text = inside.log.read_text()
    assert (text.count("m"), text.count("t"), text.count("\n")) == (180_000, 180_000, 360_000)


def test_killed_in_a_flood_loses_a_moment_at_most(inside: Inside) -> None:
    process = inside.start(
        "import time\n" + FLOOD.format(count=100_000) + "time.sleep(0.5)\nimport os\nos.kill(os.getpid(), 9)"
    )
    assert process.wait(60) == -9
    assert numbers(inside.log) == list(range(100_000))


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8"])
def test_any_locale_prints_anything(inside: Inside, any_python: str, locale: str) -> None:
    variables = {
        "LC_ALL": locale,
        "LANG": locale,
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONUTF8": "0",
        "PYTHONIOENCODING": "",
    }
    inside.run(
        "# coding: utf-8\nimport sys\nprint(u'größe \\u2713')\nsys.stderr.write(u'\\u2713\\n')",
        python=any_python,
        **variables,
    )
    assert inside.log.read_text(encoding="utf-8") == "größe ✓\n✓\n"


def test_the_stream_is_like_pythons_own(inside: Inside) -> None:
    process = inside.start(
        "import contextlib, io, sys\n"
        "assert sys.stdout is sys.__stdout__ and sys.stderr is sys.__stderr__\n"
        "assert (sys.stdout.name, sys.stdout.mode, sys.stdout.fileno()) == ('<stdout>', 'w', 1)\n"
        "assert (sys.stderr.name, sys.stderr.errors) == ('<stderr>', 'backslashreplace')\n"
        "with contextlib.redirect_stdout(io.StringIO()) as text: print('caught')\n"
        "assert text.getvalue() == 'caught\\n'\n"
        "sys.stdout.reconfigure(encoding='latin-1')\nprint('ü')\nsys.stdout.reconfigure(encoding='utf-8')\n"
        "sys.stdout.buffer.write(b'bytes\\n'); sys.stdout.flush()\nprint('a', end='', flush=True)\nprint('\\rb')\n"
        "import threading\nassert threading.active_count() == 1\n"
    )
    assert process.wait(60) == 0
    assert inside.log.read_bytes() == b"\xfc\nbytes\na\rb\n"


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams(inside: Inside, closed: str) -> None:
    done = subprocess.run(
        f"{sys.executable} -c \"print('x'); open('done', 'w').write('y')\" {closed}",
        shell=True,
        cwd=inside.path,
        env=inside.environment(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert (inside.path / "done").read_text() == "y"


def test_outside_a_run_nothing_is_touched() -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AML_")}
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; print(type(sys.stdout.buffer.raw).__name__, 'jupyter_aml_run' in sys.modules)",
        ],
        env={**environment, "PYTHONPATH": str(INSIDE), "PYTHONUNBUFFERED": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "FileIO False\n"


def test_the_environments_own_sitecustomize_runs(inside: Inside, tmp_path: pathlib.Path, any_python: str) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text("import sys\nVALUE = 5\nsys.from_theirs = __file__\n")
    log = inside.run(
        "import sitecustomize, sys\nprint(sitecustomize.VALUE, sys.from_theirs)\n",
        python=any_python,
        PYTHONPATH=f"{INSIDE}{os.pathsep}{site}",
    )
    assert log == f"5 {site / 'sitecustomize.py'}\n"


def test_a_broken_sitecustomize_of_theirs_is_theirs(inside: Inside, tmp_path: pathlib.Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text("raise ValueError('theirs')\n")
    log = inside.run("print('runs')\n", PYTHONPATH=f"{INSIDE}{os.pathsep}{site}")
    assert "ValueError: theirs" in log
    assert log.endswith("runs\n")


def test_a_fault_of_ours_breaks_no_interpreter(inside: Inside, tmp_path: pathlib.Path) -> None:
    broken = tmp_path / "broken"
    (broken / "jupyter_aml_run").mkdir(parents=True)
    (broken / "jupyter_aml_run" / "__init__.py").touch()
    (broken / "jupyter_aml_run" / "live.py").write_text("raise ValueError('ours')\n")
    (broken / "sitecustomize.py").write_text((INSIDE / "sitecustomize.py").read_text())
    assert inside.run("print('runs')\n", PYTHONPATH=str(broken)) == (
        "jupyter-aml: output stays as it is: ValueError('ours')\nruns\n"
    )
    inside.log.write_text("")
    assert inside.run("print('runs')\n", PYTHONPATH=str(broken), AML_DEBUG="") == "runs\n"
