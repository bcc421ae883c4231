"""A page's connection to the server's events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import websocket

if TYPE_CHECKING:
    from collections.abc import Callable

    from parts.home_run import HomeRun
    from parts.jupyter_server import JupyterServer


class Page:
    """What a page does."""

    def __init__(self, server: JupyterServer, *, token: str | None = None, **options: Any) -> None:
        token = server.token if token is None else token
        address = f"{server.address.replace('http', 'ws', 1)}aml/api/events?token={token}"
        self.socket = websocket.create_connection(address, timeout=20, **options)
        self.told: list[dict[str, Any]] = []
        self._asked = 0
        self._unread: list[dict[str, Any]] = []

    def say(self, **message: Any) -> None:
        self.socket.send(json.dumps(message))

    def subscribe(self, to: HomeRun | str, start: int = 0, epoch: str = "") -> dict[str, Any]:
        topic = to if isinstance(to, str) else f"run/default/{to.live.id}"
        self.say(op="subscribe", topic=topic, **{"from": start, "epoch": epoch})
        return self.read(lambda message: "epoch" in message or "error" in message)

    def read(self, until: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:
            while self._unread:
                message = self._unread.pop(0)
                self.told.append(message)
                if until(message):
                    return message
            received = json.loads(self.socket.recv())
            self._unread = received.get("events", [received])

    def read_event(self, event: str, until: Callable[[Any], bool] = bool) -> dict[str, Any]:
        def fits(message: dict[str, Any]) -> bool:
            return message.get("event") == event and until(message["data"])

        return next(filter(fits, self.told), None) or self.read(fits)

    def ask(self, run: HomeRun, request: str, **params: Any) -> tuple[dict[str, Any], list[bytes]]:
        self._asked += 1
        topic = f"run/default/{run.live.id}"
        self.say(op="request", topic=topic, id=self._asked, request=request, params=params)
        answer = self.read(lambda message: message.get("id") == self._asked)
        return answer, [self.socket.recv() for _ in range(answer.get("buffers", 0))]
