"""A proxy before a Jupyter server that gives its address another path, in both directions."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler, websocket_connect

if TYPE_CHECKING:
    from tornado.websocket import WebSocketClientConnection

_SOCKETS = r"api/kernels/[^/]+/channels|api/events/subscribe|terminals/websocket/.*|aml/api/events"
_OWN = {"Content-Length", "Transfer-Encoding", "Content-Encoding", "Connection"}


class RewritingProxy:
    """Serves what a server has under one path under another: what names the server's own path does not get through.

    Parameters
    ----------
    port
        Of the server.
    inner
        Its base address, as ``/x/y/``.
    outer
        The path that browsers know, as ``/user/ada/``.
    """

    def __init__(self, port: int, *, inner: str, outer: str) -> None:
        self.inner, self.outer = inner, outer
        self.server = f"127.0.0.1:{port}"
        self.port = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> RewritingProxy:
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.outer}"

    def to_inner(self, path: str) -> str:
        return self.inner + path.removeprefix(self.outer)

    def to_outer(self, text: str) -> str:
        return text.replace(self.inner, self.outer)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        options = {"proxy": self}
        routes = [
            (rf"{self.outer}(?:{_SOCKETS})", _Socket, options),
            (rf"{self.outer}.*", _Page, options),
        ]
        server = HTTPServer(Application(routes))
        (socket,) = bind_sockets(0, "127.0.0.1")
        self.port = socket.getsockname()[1]
        server.add_sockets([socket])
        self._ready.set()
        await self._stop.wait()
        server.stop()
        await server.close_all_connections()


class _Page(RequestHandler):
    SUPPORTED_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")

    def initialize(self, proxy: RewritingProxy) -> None:
        self.proxy = proxy

    async def prepare(self) -> None:
        proxy, request = self.proxy, self.request
        answer = await AsyncHTTPClient(max_clients=50).fetch(
            HTTPRequest(
                f"http://{proxy.server}{proxy.to_inner(request.uri or '')}",
                method=request.method or "GET",
                headers=request.headers,
                body=request.body or None,
                allow_nonstandard_methods=True,
                follow_redirects=False,
                request_timeout=60,
            ),
            raise_error=False,
        )
        self.set_status(answer.code if answer.code != 599 else 502)
        self.clear_header("Content-Type")
        for name, value in answer.headers.get_all():
            if name not in _OWN:
                self.add_header(name, proxy.to_outer(value))
        body = answer.body or b""
        if "html" in answer.headers.get("Content-Type", ""):
            body = proxy.to_outer(body.decode()).encode()
        self.finish(body if answer.code not in (204, 304) else None)


class _Socket(WebSocketHandler):
    def initialize(self, proxy: RewritingProxy) -> None:
        self.proxy = proxy

    def check_origin(self, _origin: str) -> bool:
        return True

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return subprotocols[0] if subprotocols else None

    async def get(self, *args: Any, **kwargs: Any) -> None:
        proxy, headers = self.proxy, self.request.headers
        asked = headers.get("Sec-WebSocket-Protocol", "")
        carried = {name: headers[name] for name in ("Host", "Origin", "Cookie", "Authorization") if name in headers}
        self.inner: WebSocketClientConnection = await websocket_connect(
            HTTPRequest(f"ws://{proxy.server}{proxy.to_inner(self.request.uri or '')}", headers=carried),
            subprotocols=[one.strip() for one in asked.split(",") if one.strip()],
            max_message_size=2**30,
        )
        await super().get(*args, **kwargs)

    def open(self, *_: str, **__: str) -> None:
        self.task = asyncio.ensure_future(self._carry())

    async def _carry(self) -> None:
        while (message := await self.inner.read_message()) is not None:
            try:
                await self.write_message(message, binary=isinstance(message, bytes))
            except WebSocketClosedError:
                return
        self.close()

    def on_message(self, message: str | bytes) -> None:
        self.inner.write_message(message, binary=isinstance(message, bytes))

    def on_close(self) -> None:
        self.inner.close()
