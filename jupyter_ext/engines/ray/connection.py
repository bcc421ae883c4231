"""Ray's module, where it is needed, and this process's connection to a cluster."""

from __future__ import annotations

import importlib.util
import logging
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
_CONNECT_SECONDS = 5.0
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
    with warnings.catch_warnings(), _without_slow_syntax():
        warnings.simplefilter("ignore")
        import ray  # noqa: PLC0415 - half a second, where a cluster is used
    return ray


@contextmanager
def _without_slow_syntax() -> Iterator[None]:
    """Let Ray's imports do without what they do not need: see ``lighter/rfc3987_syntax.py``."""
    name = "rfc3987_syntax"
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


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
    except Exception as error:
        said = " ".join(str(error).split())[:400]
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
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or "://" in address:
        what = _NOT_OF_THE_CLUSTER.get(address.partition("://")[0], "is no address of a Ray cluster")
        raise ComputeTargetException(
            f"{address!r} {what}: write HOST:PORT, as 'ray start --head' tells it (6379 where it was given no other), "
            "on a machine that is one of the cluster's."
        )
    try:
        socket.create_connection((host, int(port)), timeout=_CONNECT_SECONDS).close()
    except OSError as error:
        raise ComputeTargetException(
            f"Nothing answers at {host}:{port} ({error.strerror or error}): is the Ray cluster up, and the port right?"
        ) from error
