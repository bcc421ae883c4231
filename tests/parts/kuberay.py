"""A Ray cluster as KubeRay keeps one: the autoscaler is Ray's own, Kubernetes and KubeRay's operator are played.

``ray kuberay-autoscaler`` is what a head's pod runs beside Ray. Its API server here is a small one of ours, over TLS
and with a client's certificate, which has the RayCluster and the pods that it asks for; and what the operator would do
when the RayCluster changes is done by starting and ending nodes of Ray's own, each of which stands for a pod.
"""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from jupyter_ext.engines.ports import free_ports
from jupyter_ext.engines.ray.local_cluster import _address_of, _own_environment, _start, end_cluster
from parts import MissingPart, last_lines, program

if TYPE_CHECKING:
    from collections.abc import Iterator

_START_SECONDS = 240
_CLUSTER = "scaled"
_NAMESPACE = "ml"
_PODS = f"/api/v1/namespaces/{_NAMESPACE}/pods"
_RAY_CLUSTER = f"/apis/ray.io/v1/namespaces/{_NAMESPACE}/rayclusters/{_CLUSTER}"
_PULL_SECONDS = 3  # a pod is scheduled and its image pulled, long enough for the autoscaler to tell of it
IDLE_SECONDS = 2  # after which the autoscaler ends a node
_TEMPLATE = {"spec": {"containers": [{"name": "ray", "resources": {"limits": {"cpu": "1"}}}]}}


class _Pod:
    """One node of Ray's."""

    def __init__(self, group: str, number: int, address: str = "") -> None:
        self.name = f"{_CLUSTER}-{group}-{number}"
        self.address = address
        self.starts: Any = None  # the future of its process
        self.leaves = False
        self._group = group

    def variables(self) -> dict[str, str]:
        """Return what KubeRay tells the container of itself."""
        return {"RAY_CLOUD_INSTANCE_ID": self.name, "RAY_NODE_TYPE_NAME": self._group}

    def described(self) -> dict[str, Any]:
        """Return the pod as the API server tells of it."""
        kind = "head" if self._group == "headgroup" else "worker"
        labels = {"ray.io/cluster": _CLUSTER, "ray.io/node-type": kind, "ray.io/group": self._group}
        leaves = {"deletionTimestamp": "2026-01-01T00:00:00Z"} if self.leaves else {}
        state: dict[str, Any] = {"running": {}} if self.starts.done() else {"waiting": {"reason": "ContainerCreating"}}
        return {
            "metadata": {"name": self.name, "labels": labels, "resourceVersion": "1", **leaves},
            "spec": {"containers": [{"name": "ray"}]},
            "status": {"podIP": self.address, "containerStatuses": [{"name": "ray", "state": state}]},
        }


class _Kubernetes:
    """What the API server has, and what the operator does."""

    def __init__(self, folder: Path, most: int, variables: dict[str, str]) -> None:
        self._folder = folder
        self._variables = variables
        self._lock = threading.Lock()
        self._at_once = ThreadPoolExecutor(2 * most)
        self._made = 0
        self._group: dict[str, Any] = {"groupName": "workers", "minReplicas": 0, "maxReplicas": most, "replicas": 0}
        self._group |= {"rayStartParams": {}, "template": _TEMPLATE}
        port, client = free_ports(2)
        head = ["--head", f"--port={port}", f"--ray-client-server-port={client}", "--num-cpus=0"]
        self._head = _Pod("headgroup", 0)
        self._pods = {self._head.name: self._head}
        self._begin(self._head, [*head, "--no-monitor", "--include-dashboard=false"])
        self._head.starts.result()
        self.address = _address_of(folder / f"{self._head.name}.log", port)
        self._head.address = self.address.rpartition(":")[0]

    def get(self, path: str) -> Any:
        """Return what there is at a path, or nothing."""
        with self._lock:
            pods = {f"{_PODS}/{name}": pod.described() for name, pod in self._pods.items()}
            named = {"name": _CLUSTER, "namespace": _NAMESPACE}
            head = {"rayStartParams": {"num-cpus": "0"}, "template": _TEMPLATE}
            options = {"idleTimeoutSeconds": IDLE_SECONDS}
            spec = {"autoscalerOptions": options, "headGroupSpec": head, "workerGroupSpecs": [self._group]}
            there = {
                _RAY_CLUSTER: {"metadata": named, "spec": spec},
                f"{_PODS}?labelSelector=ray.io/cluster%3D{_CLUSTER}": {
                    "metadata": {"resourceVersion": "1"},
                    "items": list(pods.values()),
                },
            }
            return {**there, **pods}.get(path)

    def patch(self, path: str, changes: list[dict[str, Any]]) -> Any:
        """Change the only group of the RayCluster, and begin to make it true."""
        with self._lock:
            for change in changes:
                self._group[change["path"].removeprefix("/spec/workerGroupSpecs/0/")] = change["value"]
            for name in self._group.get("scaleStrategy", {}).get("workersToDelete", []):
                pod = self._pods.get(name)
                if pod and not pod.leaves:
                    pod.leaves = True
                    self._at_once.submit(self._end, pod)
            workers = [pod for pod in self._pods.values() if pod is not self._head and not pod.leaves]
            for _ in range(self._group["replicas"] - len(workers)):
                self._made += 1
                pod = _Pod("workers", self._made, f"127.0.1.{self._made}")
                self._pods[pod.name] = pod
                self._begin(
                    pod,
                    [f"--address={self.address}", f"--node-ip-address={pod.address}", "--num-cpus=1"],
                    _PULL_SECONDS,
                )
        return self.get(path)

    def _begin(self, pod: _Pod, arguments: list[str], pull_seconds: float = 0.0) -> None:
        told = {**self._variables, **pod.variables(), "XDG_CACHE_HOME": str(self._folder / f"cache-{pod.name}")}
        log = self._folder / f"{pod.name}.log"

        def start() -> tuple[int, float]:
            time.sleep(pull_seconds)
            return _start(sys.executable, log, arguments, told)

        pod.starts = self._at_once.submit(start)

    def _end(self, pod: _Pod) -> None:
        end_cluster([pod.starts.result()])
        with self._lock:
            del self._pods[pod.name]

    def end(self) -> None:
        """End all nodes, the head last."""
        self._at_once.shutdown()
        end_cluster([pod.starts.result() for pod in self._pods.values()])


class _Handler(BaseHTTPRequestHandler):
    kubernetes: _Kubernetes

    def do_GET(self) -> None:
        self._answer(self.kubernetes.get(self.path))

    def do_PATCH(self) -> None:
        changes = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(self.kubernetes.patch(self.path, changes))

    def _answer(self, found: Any) -> None:
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(json.dumps(found).encode())

    def log_message(self, *arguments: Any) -> None:
        """Print nothing."""


@contextmanager
def _served(kubernetes: _Kubernetes, certificate: Path, key: Path) -> Iterator[int]:
    """Give the port of the API server, which trusts one client, itself."""
    command = [program("openssl", "openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=tests"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=certificate)
    context.load_cert_chain(certificate, key)
    context.verify_mode = ssl.CERT_REQUIRED
    with ThreadingHTTPServer(("127.0.0.1", 0), type("", (_Handler,), {"kubernetes": kubernetes})) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def started(folder: Path, most: int, version: int) -> Iterator[str]:
    """Give the address of a cluster that has up to ``most`` nodes of one CPU, and none where none is asked for.

    ``version`` is that of the autoscaler, of which Ray has two.
    """
    common = {"RAY_CLUSTER_NAME": _CLUSTER, "RAY_enable_autoscaler_v2": str(version - 1)}
    certificate, key, log = folder / "certificate.pem", folder / "key.pem", folder / "autoscaler.log"
    with ExitStack() as after:
        kubernetes = _Kubernetes(folder, most, common)
        after.callback(kubernetes.end)
        own = {
            **_own_environment(),
            **common,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "NO_PROXY": "127.0.0.1",
            "KUBERNETES_SERVICE_HOST": "127.0.0.1",
            "KUBERNETES_SERVICE_PORT_HTTPS": str(after.enter_context(_served(kubernetes, certificate, key))),
            "RAY_KUBERAY_CA_CERT_PATH": str(certificate),
            "RAY_KUBERAY_CLIENT_CERT_PATH": str(certificate),
            "RAY_KUBERAY_CLIENT_KEY_PATH": str(key),
            "AUTOSCALER_UPDATE_INTERVAL_S": "1",
            "AUTOSCALER_METRIC_PORT": "0",
        }
        command = ["ray", "kuberay-autoscaler", "--cluster-name", _CLUSTER, "--cluster-namespace", _NAMESPACE]
        command += ["--gcs-address", kubernetes.address]
        with log.open("wb") as said:
            process = subprocess.Popen(command, stdout=said, stderr=said, start_new_session=True, env=own)
        after.callback(process.wait)
        after.callback(end_cluster, [(process.pid, psutil.Process(process.pid).create_time())])
        deadline = time.monotonic() + _START_SECONDS
        while "Fetched pod data" not in log.read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                raise MissingPart(f"Ray's autoscaler does not start here:\n{last_lines(log)}")
            time.sleep(0.1)
        yield kubernetes.address
