"""A real Jupyter server on a folder and a home of its own."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_START_SECONDS = 180


@dataclass
class Answer:
    """What a server has answered."""

    status: int
    body: bytes
    headers: dict[str, str]

    def json(self) -> Any:
        return json.loads(self.body)


class JupyterServer:
    """A Jupyter server, which can be killed and started again at the same address.

    Parameters
    ----------
    place
        Where it may write; what it serves and the run home are folders there.
    base_url
        Where it serves, as behind a proxy.
    arguments
        More of them for the server.
    environment
        More of it for the server.
    """

    module = "jupyter_server"

    def __init__(
        self,
        place: Path,
        *,
        base_url: str = "/",
        arguments: tuple[str, ...] = (),
        environment: dict[str, str] | None = None,
    ) -> None:
        self.place = place
        self.folder = place / "notebooks"
        self.folder.mkdir(parents=True)
        self.home = place / "home"
        self.token = secrets.token_hex(8)
        self.base_url = base_url
        self._port = _free_port()
        self._arguments = arguments
        self._environment = environment or {}
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}{self.base_url}"

    def start(self) -> None:
        with (self.place / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", self.module, "--no-browser", "--allow-root", "--ip=127.0.0.1"),
                    *(f"--ServerApp.port={self._port}", "--ServerApp.port_retries=0"),
                    *(f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={self.folder}"),
                    *(f"--ServerApp.base_url={self.base_url}", *self._arguments),
                ],
                env={
                    **os.environ,
                    "AML_HOME": str(self.home),
                    "JUPYTER_CONFIG_DIR": str(self.place / "config"),
                    "JUPYTER_RUNTIME_DIR": str(self.place / "runtime"),
                    **self._environment,
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"{self.address}api/status?token={self.token}", timeout=1).close()
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
            else:
                return
        raise TimeoutError((self.place / "server.log").read_text())

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it without a word, as a crash does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def ask(self, path: str, method: str = "GET", *, token: str | None = None, body: Any = None) -> Answer:
        """Ask for a path under ``aml/api``, with the server's own token if none is given."""
        token = self.token if token is None else token
        headers = {"Authorization": f"token {token}"} if token else {}
        data = None if method == "GET" else json.dumps(body or {}).encode()
        request = urllib.request.Request(f"{self.address}aml/api{path}", data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return Answer(response.status, response.read(), dict(response.headers))
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read(), dict(error.headers))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
