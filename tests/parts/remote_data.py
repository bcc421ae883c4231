"""Places for data on the network, as real servers: S3, and plain http."""

from __future__ import annotations

import functools
import http.server
import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY, SECRET = "AKIAEXAMPLEEXAMPLE00", "s3cret-of-the-bucket"


class Bucket:
    """A bucket of an S3 server.

    Attributes
    ----------
    credentials
        What a datastore of it is registered with.
    """

    def __init__(self, endpoint: str, name: str) -> None:
        import boto3

        self.name = name
        self.credentials: dict[str, Any] = {"key": KEY, "secret": SECRET, "endpoint_url": endpoint}
        self._client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
        )
        self._client.create_bucket(Bucket=name)

    def put(self, key: str, data: bytes) -> None:
        self._client.put_object(Bucket=self.name, Key=key, Body=data)

    def keys(self) -> list[str]:
        return [item["Key"] for item in self._client.list_objects_v2(Bucket=self.name).get("Contents", [])]

    def get(self, key: str) -> bytes:
        return bytes(self._client.get_object(Bucket=self.name, Key=key)["Body"].read())

    def remove(self) -> None:
        """Remove it with all that it holds."""
        for key in self.keys():
            self._client.delete_object(Bucket=self.name, Key=key)
        self._client.delete_bucket(Bucket=self.name)


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of an S3 server."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3: str, request: pytest.FixtureRequest) -> Bucket:
    """A bucket of this test's own."""
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name.lower())
    return Bucket(s3, f"b{os.urandom(4).hex()}-{name}"[:60].strip("-"))


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Say nothing."""


class Site:
    """A folder behind an http address; ``asked`` is what was asked for, ``authorized`` by whom."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        self.authorized: list[str | None] = []
        site = self

        class Handler(_Quiet):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                site.authorized.append(self.headers.get("Authorization"))
                super().do_GET()

        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Handler, directory=str(folder))
        )
        self.address = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """An http server of this test's own."""
    folder = tmp_path / "site"
    folder.mkdir()
    made = Site(folder)
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()
