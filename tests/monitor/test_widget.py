"""The monitor in a real kernel."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from parts.live_run import PIXEL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jupyter_client.blocking.client import BlockingKernelClient
    from parts.live_run import Live

_TESTS = Path(__file__).resolve().parent.parent
_VIEW = "application/vnd.jupyter.widget-view+json"
_RUN = "application/vnd.jupyter-aml.run+json"
_SETUP = f"""
import sys, threading, time
from pathlib import Path
sys.path.insert(0, {str(_TESTS)!r})
from parts.live_run import fill, make_run
from jupyter_ext.monitor import RunMonitor, show
from jupyter_ext.store.live.watcher import WATCHER
"""

# The kernel is busy while the run goes on and ends, and nothing of that is this cell's output.
_END_THE_RUN = """
fill(live)
deadline = time.monotonic() + 20
while monitor.run['status'] != 'Running' or monitor.tail['lines'][-1:] != ['epoch 1']:
    assert time.monotonic() < deadline, monitor.run
    time.sleep(0.05)
live.print('the last line\\n')
live.event(60.0, status='Finalizing')
live.event(61.0, status='Completed')
deadline = time.monotonic() + 20
while WATCHER.is_running:
    assert time.monotonic() < deadline
    time.sleep(0.05)
assert monitor.run['status'] == 'Completed'
"""


class _Kernel:
    """A kernel, and everything it has published."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client
        self.messages: list[dict[str, Any]] = []

    def read(self, until: Callable[[dict[str, Any]], bool], seconds: float = 30) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=max(0.01, deadline - time.monotonic()))
            except Empty:
                kinds = [message["msg_type"] for message in self.messages]
                pytest.fail(f"nothing came in {seconds} s after {kinds}")
            self.messages.append(message)
            if message["msg_type"] == "error":
                pytest.fail("\n".join(message["content"]["traceback"]))
            if until(message):
                return message

    def run(self, code: str) -> str:
        sent = self.client.execute(code)
        self.read(lambda message: _is_idle(message, sent))
        return sent

    def ask(self, comm_id: str, op: str, **params: object) -> tuple[dict[str, Any], list[bytes]]:
        content = {"comm_id": comm_id, "data": {"method": "custom", "content": {"id": 7, "op": op, "params": params}}}
        self.client.shell_channel.send(self.client.session.msg("comm_msg", content))
        reply = self.read(
            lambda message: message["msg_type"] == "comm_msg" and message["content"]["data"].get("method") == "custom"
        )
        answer = reply["content"]["data"]["content"]
        assert answer["id"] == 7
        return answer, [bytes(buffer) for buffer in reply["buffers"]]

    def state(self, comm_id: str) -> dict[str, Any]:
        """What a front end would know of the widget by now."""
        state: dict[str, Any] = {}
        for message in self.messages:
            if message["content"].get("comm_id") == comm_id:
                state |= message["content"]["data"].get("state", {})
        return state


def _is_idle(message: dict[str, Any], parent: str) -> bool:
    return (
        message["msg_type"] == "status"
        and message["content"]["execution_state"] == "idle"
        and message["parent_header"].get("msg_id") == parent
    )


def _is_update(message: dict[str, Any], topic: str) -> bool:
    return message["msg_type"] == "comm_msg" and topic in message["content"]["data"].get("state", {})


@pytest.fixture
def kernel() -> Iterator[_Kernel]:
    manager, client = start_new_kernel(startup_timeout=60)
    try:
        yield _Kernel(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _shown(kernel: _Kernel, live: Live) -> str:
    """Show a run that is there already; return the widget's comm id."""
    kernel.run(
        _SETUP + f"from parts.live_run import Live\nfrom jupyter_ext.store.paths import RunPaths\n"
        f"live = Live(RunPaths(Path({str(live.paths.root)!r})), {live.created!r})\nmonitor = show(live)"
    )
    display = next(message for message in kernel.messages if message["msg_type"] == "display_data")
    return str(display["content"]["data"][_VIEW]["model_id"])


def test_saved_notebook_of_quick_cells_holds_the_final_state(tmp_path: Path) -> None:
    """The watcher's message may come between two cells, and the kernel ends before it looks."""
    begin = f"live = make_run(Path({str(tmp_path / 'runs' / 'birds_7')!r}))\nmonitor = show(live)"
    end = "fill(live)\nlive.event(60.0, status='Finalizing')\nlive.event(61.0, status='Completed')"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (_SETUP + begin, end)])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    (output,) = notebook.cells[0].outputs
    assert "Completed" in output.data["text/plain"]
    assert notebook.cells[1].outputs == []


def test_saved_notebook_holds_the_final_state(tmp_path: Path) -> None:
    begin = f"live = make_run(Path({str(tmp_path / 'runs' / 'birds_7')!r}))\nmonitor = show(live)"
    cells = [_SETUP + begin, _END_THE_RUN, "assert 'aml-monitor' not in [t.name for t in threading.enumerate()]"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    (output,) = notebook.cells[0].outputs
    assert output.output_type == "display_data"
    assert set(output.data) == {_RUN, _VIEW, "text/html", "text/plain"}
    assert (output.data[_RUN]["workspace"], output.data[_RUN]["id"]) == ("default", "birds_7")
    assert "✓ Completed" in output.data["text/html"]
    assert "the last line" in output.data["text/html"]
    assert output.data["text/plain"].startswith("✓ Completed")
    assert [cell.outputs for cell in notebook.cells[1:]] == [[], []]


def test_topics_are_pushed_while_a_cell_runs(kernel: _Kernel, running: Live) -> None:
    model = _shown(kernel, running)
    state = kernel.state(model)
    assert state["run"]["status"] == "Running"
    assert "export" in state["_esm"]
    busy = kernel.client.execute("time.sleep(3)")
    running.print("a line while the kernel is busy\n")
    pushed = kernel.read(lambda message: _is_update(message, "tail"), 2)
    assert pushed["content"]["data"]["state"]["tail"]["lines"][-1] == "a line while the kernel is busy"
    running.metric(n="accuracy", v=0.5)
    kernel.read(lambda message: _is_update(message, "metrics"), 2)
    running.event(60.0, status="Failed", reason="it broke")
    kernel.read(lambda message: _is_update(message, "run"), 2)
    kernel.read(lambda message: message["msg_type"] == "update_display_data", 5)
    assert not any(_is_idle(message, busy) for message in kernel.messages)
    kernel.read(lambda message: _is_idle(message, busy))
    final = kernel.state(model)
    assert (final["run"]["status"], final["run"]["reason"]) == ("Failed", "it broke")
    assert [metric["name"] for metric in final["metrics"]] == ["accuracy", "best", "loss", "plot"]
    assert not [message for message in kernel.messages if message["msg_type"] == "stream"]


def test_requests_are_answered_while_it_lives_and_after(kernel: _Kernel, running: Live) -> None:
    model = _shown(kernel, running)
    file = "user_logs/std_log.txt"
    assert kernel.ask(model, "lines", file=file, first=1, count=9)[0]["ok"]["lines"] == ["epoch 1"]
    assert kernel.ask(model, "search", file=file, query="EPOCH", case=False)[0]["ok"] == {"total": 1, "lines": [1]}
    series = kernel.ask(model, "series", name="loss", axis="step", **{"from": 0, "to": 3}, pixels=100)[0]["ok"]
    assert series["x"] == [0, 1, 2, 3, 4]
    about, buffers = kernel.ask(model, "file", name="plots/x.png", offset=0, limit=1000)
    assert about["ok"] == {"name": "plots/x.png", "size": len(PIXEL), "mime": "image/png", "offset": 0}
    assert buffers == [PIXEL]
    assert kernel.ask(model, "cancel")[0]["ok"] == {}
    assert "has no file" in kernel.ask(model, "file", name="outputs/../../../x", offset=0, limit=1)[0]["error"]
    assert "has no log" in kernel.ask(model, "lines", file="../x", first=0, count=1)[0]["error"]
    assert "Unknown request" in kernel.ask(model, "explode")[0]["error"]
    assert "KeyError" in kernel.ask(model, "lines")[0]["error"]
    running.event(60.0, status="Completed")
    kernel.read(lambda message: message["msg_type"] == "update_display_data")
    assert kernel.ask(model, "lines", file=file, first=1, count=9)[0]["ok"]["lines"] == ["epoch 1"]
    kernel.run("assert live.canceled == ['birds_1']")


def test_follow_switches_the_tail(kernel: _Kernel, running: Live) -> None:
    running.paths.build_log.write_text("step 1\n")
    model = _shown(kernel, running)
    assert kernel.ask(model, "follow", file="system_logs/build.log")[0]["ok"] == {}
    assert kernel.state(model)["tail"]["lines"] == ["step 1"]
    with running.paths.build_log.open("a") as log:
        log.write("step 2\n")
    kernel.read(lambda message: _is_update(message, "tail"), 5)
    assert kernel.state(model)["tail"]["lines"] == ["step 1", "step 2"]
    assert "has no log" in kernel.ask(model, "follow", file="nothing.log")[0]["error"]


def test_a_run_that_has_ended_is_shown_whole_and_keeps_no_thread(kernel: _Kernel, ended: Live) -> None:
    _shown(kernel, ended)
    display = next(message for message in kernel.messages if message["msg_type"] == "display_data")
    assert "✓ Completed" in display["content"]["data"]["text/html"]
    kernel.run("deadline = time.monotonic() + 10\nwhile WATCHER.is_running:\n    assert time.monotonic() < deadline")
    assert not [message for message in kernel.messages if message["msg_type"] == "update_display_data"]


def test_closing_stops_the_pushing(kernel: _Kernel, running: Live) -> None:
    model = _shown(kernel, running)
    kernel.run("monitor.close()\nother = RunMonitor(live)\nother.close()")
    kernel.run("while WATCHER.is_running:\n    time.sleep(0.01)")
    before = kernel.state(model)["tail"]
    running.print("nobody sees this\n")
    kernel.run("time.sleep(0.5)")
    assert kernel.state(model)["tail"] == before


def test_many_monitors_share_one_thread(kernel: _Kernel, running: Live) -> None:
    _shown(kernel, running)
    kernel.run(
        "monitors = [RunMonitor(live) for _ in range(5)]\n"
        "assert len([t for t in threading.enumerate() if t.name == 'aml-monitor']) == 1"
    )


def test_a_terminal_gets_text(ended: Live) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom types import SimpleNamespace\n"
        "from jupyter_ext.monitor import show\nfrom jupyter_ext.store.paths import RunPaths\n"
        f"run = SimpleNamespace(id='x', paths=RunPaths(Path({str(ended.paths.root)!r})))\n"
        "assert show(run) is None\nassert 'anywidget' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith("✓ Completed  birds / birds_1")


def test_importing_costs_nothing() -> None:
    code = "import sys, jupyter_ext.monitor as m\nprint(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(json.loads(done.stdout.replace("'", '"')))
    assert not loaded & {"anywidget", "ipywidgets", "IPython", "numpy", "msgspec", "traitlets"}
