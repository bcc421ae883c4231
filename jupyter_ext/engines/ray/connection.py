"""Ray's module, where it is needed, and this process's connection to a cluster."""

from __future__ import annotations

import importlib.util
import logging
import os
import re
import socket
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import ComputeTargetException, UserErrorException

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMESPACE = "jupyter-aml"
LIGHTER = Path(__file__).parent / "lighter"
"""What goes before Python's own packages in the processes of a cluster that is started here."""
_CONNECT_SECONDS = 3.0
_GREET_SECONDS = 2.0
_GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
"""What a client of gRPC, which Ray speaks, begins with: it is of HTTP/2, and has no settings of its own."""
_SETTINGS = 4
"""The kind of what a server of gRPC answers at once; it is that answer's fourth byte."""
_VERSIONS = re.compile(r"started with: Ray: (\S+) Python: (\S+) .*started with: Ray: (\S+) Python: (\S+)")
_NOT_OF_THE_CLUSTER = {
    "ray": "is for Ray's client, which does not reach the nodes that a run is on",
    "http": "is that of a cluster's dashboard",
    "https": "is that of a cluster's dashboard",
    "auto": "does not say which cluster it is, once another is started",
}
_connected = ""


def loaded() -> Any:
    """Return Ray's module; see :func:`check_installed`."""
    check_installed()
    with warnings.catch_warnings(), _without("rfc3987_syntax"):  # see lighter/rfc3987_syntax.py
        warnings.simplefilter("ignore")
        import ray  # noqa: PLC0415 - half a second, where a cluster is used
    return ray


@contextmanager
def _without(name: str) -> Iterator[None]:
    """Let Ray's imports do without a module that they do not need."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


def get_ready_to_send(ray: Any) -> None:
    """Let Ray load what it sends values with, but for what it needs for tables alone: half a second, and 40 MB."""
    with _without("pyarrow"):
        ray.put(None)


def check_installed() -> None:
    """Refuse where Ray is not installed.

    Raises
    ------
    UserErrorException
        It is not; the message tells how to get it.
    """
    if importlib.util.find_spec("ray") is None:
        raise UserErrorException("Ray is not installed: pip install 'jupyter-aml[ray]', and try again.")


def connect(address: str) -> Any:
    """Connect this process to the cluster at ``address``, and to no other any more; return Ray's module.

    Raises
    ------
    ComputeTargetException
        Nobody answers there, or Ray or Python is of another version.
    """
    ray = loaded()
    global _connected  # noqa: PLW0603 - as Ray's own connection is the process's
    if ray.is_initialized():
        if _connected == address:
            return ray
        ray.shutdown()
    knock(address)
    try:
        ray.init(
            address=address,
            namespace=NAMESPACE,
            log_to_driver=False,
            logging_level=logging.ERROR,
            ignore_reinit_error=True,
        )
    except ConnectionError as error:
        raise _not_a_head(address) from error
    except Exception as error:
        said = " ".join(str(error).split())[:400]
        if versions := _VERSIONS.search(said):
            raise _another_version(address, *versions.groups()) from error
        raise ComputeTargetException(
            f"The Ray cluster at {address} cannot be used: {said}. Check that it runs, that this machine is one of its "
            f"nodes ('ray start --address={address}'), and that Ray and Python are of the same version here."
        ) from error
    _connected = address
    return ray


def knock(address: str) -> None:
    """See that something listens at an address, as Ray itself takes long to say that nothing does.

    Raises
    ------
    ComputeTargetException
        Nothing does, or it is no address, or that of something else than the cluster itself.
    """
    _reached(address).close()


def greet(address: str) -> None:
    """See that what listens at an address speaks as Ray does, who would wait for a minute and more.

    Raises
    ------
    ComputeTargetException
        It does not; or as :func:`knock` says.
    """
    with _reached(address) as connection:
        if os.environ.get("RAY_USE_TLS", "0").lower() in ("1", "true"):  # that is Ray's to speak
            return
        connection.settimeout(_GREET_SECONDS)
        try:
            connection.sendall(_GREETING)
            answer = connection.recv(_SETTINGS, socket.MSG_WAITALL)
        except OSError as error:
            raise _not_a_head(address) from error
        if answer[-1:] != bytes((_SETTINGS,)):
            raise _not_a_head(address)


def _reached(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or "://" in address:
        what = _NOT_OF_THE_CLUSTER.get(address.partition("://")[0], "is no address of a Ray cluster")
        raise ComputeTargetException(
            f"{address!r} {what}: write HOST:PORT, as 'ray start --head' tells it (6379 where it was given no other), "
            "on a machine that is one of the cluster's."
        )
    try:
        return socket.create_connection((host, int(port)), timeout=_CONNECT_SECONDS)
    except OSError as error:
        raise ComputeTargetException(
            f"Nothing answers at {host}:{port} ({error.strerror or error}): is the Ray cluster up, and the port right?"
        ) from error


def _not_a_head(address: str) -> ComputeTargetException:
    return ComputeTargetException(
        f"What listens at {address} is not the head of a Ray cluster: write HOST:PORT as 'ray start --head' tells it "
        "(6379 where it was given no other), not the port of its dashboard, of its client, or of another node."
    )


def _another_version(address: str, ray: str, python: str, our_ray: str, our_python: str) -> ComputeTargetException:
    remedy = f"Start the kernel with Python {python}, or the cluster with {our_python}"
    if python == our_python:
        remedy = f"Install Ray's version of the cluster here (pip install 'ray=={ray}'), and restart the kernel"
    return ComputeTargetException(
        f"The Ray cluster at {address} has Ray {ray} on Python {python}, and here is Ray {our_ray} on Python "
        f"{our_python}: both have to be the same. {remedy}."
    )
