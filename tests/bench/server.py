"""Monitors that are read from the Jupyter server: how soon they are there, and what it costs."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

import psutil
import websocket
from e2e.lab import WAIT_MS, Lab, browser_page, output
from parts.home_run import HomeRun
from parts.jupyter_server import JupyterServer
from parts.saved import save_notebook

from tests.bench.table import Row, at_most, median_of, ratio_at_most

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

_MILLION = 1_000_000
_CLIENTS = 50
_WATCH_SECONDS = 10.0
_SEEN = """([text]) => new Promise(done => {
    const look = () => document.querySelector('.jp-AmlMonitor')?.innerText.includes(text)
        ? done(Date.now() / 1000) : requestAnimationFrame(look);
    look();
})"""
_OPENED = """async ([path]) => {
    const began = performance.now();
    window.jupyterapp.commands.execute('docmanager:open', { path });
    const until = test => new Promise(done => {
        const look = () => test() ? done() : requestAnimationFrame(look);
        look();
    });
    const monitor = () =>
        [...document.querySelectorAll('.jp-AmlMonitor .aml')].find(one => one.innerText.includes('large_1'));
    await until(() => monitor()?.innerText.includes('line 999999'));
    [...monitor().querySelectorAll('[role=tab]')].find(tab => tab.innerText.startsWith('Metrics')).click();
    await until(() => monitor().querySelector('canvas'));
    return performance.now() - began;
}"""


def measure(place: Path) -> list[Row]:
    return [*_in_the_browser(place), *_of_the_server(place)]


def _in_the_browser(place: Path) -> list[Row]:
    lab = Lab(place / "lab")
    lab.start()
    try:
        large = _large_run(lab)
        save_notebook(lab.folder / "large.ipynb", large)
        run = HomeRun(lab.home, "states_1")
        save_notebook(lab.folder / "states.ipynb", run)
        with browser_page() as page:
            lab.show(page, "states.ipynb")
            output(page, 0).get_by_text("epoch 1").wait_for(timeout=WAIT_MS)
            page.locator(".jp-Dialog .jp-mod-reject").click()
            states = iter(("Finalizing", "CancelRequested", "Canceled"))
            seen = median_of(3, lambda: _state_seen(page, run, next(states)))
            opened = page.evaluate(_OPENED, ["large.ipynb"])
    finally:
        lab.stop()
    return [
        at_most("a run's change of state is on screen (from the server)", 1000 * seen, "ms", 300),
        at_most("monitor reopened: 1,000,000 lines, 1,000,000 points", opened, "ms", 1000),
    ]


def _state_seen(page: Page, run: HomeRun, status: str) -> float:
    words = {"CancelRequested": "Stopping"}
    began = time.time()
    run.live.event(60.0, status=status)
    seen: float = page.evaluate(_SEEN, [words.get(status, status)])
    return seen - began


def _large_run(lab: Lab) -> HomeRun:
    run = HomeRun(lab.home, "large_1")
    run.live.print("".join(f"line {number}\n" for number in range(_MILLION)))
    points = (
        json.dumps({"t": 1763600000 + number * 0.01, "n": "loss", "v": 1 / (number + 1), "s": number})
        for number in range(_MILLION)
    )
    with run.live.paths.metrics.open("a") as file:
        file.writelines(f"{point}\n" for point in points)
    run.end()
    return run


def _of_the_server(place: Path) -> list[Row]:
    server = JupyterServer(place / "server")
    server.start()
    try:
        run = HomeRun(server.home, "busy_1")
        assert server.process is not None
        process = psutil.Process(server.process.pid)
        server.ask("/workspaces/default/runs")
        idle = _busy_share(process, _WATCH_SECONDS)
        one = _watched_by(server, process, run, 1)
        many = _watched_by(server, process, run, _CLIENTS)
    finally:
        server.stop()
    return [
        at_most("the idle server extension", 100 * idle, "% of a core", 1),
        ratio_at_most("50 clients watch one run", many, "CPU s", "1 client", one, 2),
    ]


def _watched_by(server: JupyterServer, process: psutil.Process, run: HomeRun, clients: int) -> float:
    """Measure the server's CPU seconds while a run prints twenty times a second and clients are told."""
    address = f"{server.address.replace('http', 'ws', 1)}aml/api/events?token={server.token}"
    sockets = [websocket.create_connection(address, timeout=30) for _ in range(clients)]
    for socket in sockets:
        socket.send(json.dumps({"op": "subscribe", "topic": f"run/default/{run.live.id}"}))
        _read_until(socket, lambda message: message.get("event") == "details")
    before = _spent(process)
    end = time.monotonic() + _WATCH_SECONDS
    while time.monotonic() < end:
        run.live.print("a line of a script that prints\n")
        time.sleep(0.05)
    last = f"the last for {clients}"
    run.live.print(f"{last}\n")
    for socket in sockets:
        _read_until(socket, lambda message: message.get("event") == "tail" and message["data"]["lines"][-1] == last)
    spent = _spent(process) - before
    for socket in sockets:
        socket.shutdown()
    return spent


def _read_until(socket: websocket.WebSocket, test: Any) -> None:
    while not any(test(event) for event in json.loads(socket.recv()).get("events", [])):
        pass


def _busy_share(process: psutil.Process, seconds: float) -> float:
    before = _spent(process)
    time.sleep(seconds)
    return (_spent(process) - before) / seconds


def _spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    assert os.sysconf("SC_CLK_TCK") >= 100
    return float(times.user + times.system)
