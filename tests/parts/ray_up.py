"""A Ray cluster that ``ray up`` has started over ssh on two machines: this one, and a namespace of it.

What runs on each is in a namespace of processes, which ends with its ssh server, and has a home of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_ext.engines.ports import free_ports
from jupyter_ext.engines.ray.local_cluster import _own_environment
from parts import MissingPart, last_lines, program
from parts.cut_network import Link

if TYPE_CHECKING:
    from collections.abc import Iterator

_START_SECONDS = 20
_UP_SECONDS = 300
_RAY = Path(sys.executable).parent / "ray"
_START = "ray start --num-cpus=1 --disable-usage-stats --include-log-monitor=false"
_SERVE = 'mount --bind "$0/passwd" /etc/passwd && exec "$1" -F -E -s -r "$0/host-key" -P "" -p "$2:22"'
_APART = "mount -t tmpfs none /tmp/ray && "  # where Ray keeps its own


@contextmanager
def _served(home: Path, address: str, key: Path, before: list[str], apart: str) -> Iterator[None]:
    """Let root log in at an address with a key, and find Ray."""
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "authorized_keys").write_text(key.with_suffix(".pub").read_text())
    found = {"PATH": f"{_RAY.parent}:$PATH", "PYTHONPATH": _own_environment()["PYTHONPATH"]}
    (home / ".profile").write_text("".join(f"export {name}={value}\n" for name, value in found.items()))
    (home / ".bashrc").touch()
    (home / "passwd").write_text(f"root:x:0:0:root:{home}:/bin/bash\n")
    _do(program("dropbearkey", "dropbear-bin"), "-t", "ed25519", "-f", str(home / "host-key"))
    unshare = [program("unshare", "util-linux"), "--pid", "--mount", "--fork", "--kill-child", "--mount-proc"]
    command = [*before, *unshare, "sh", "-c", apart + _SERVE, str(home), program("dropbear", "dropbear-bin"), address]
    log = home.with_suffix(".log")
    with log.open("wb") as said:
        server = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        deadline = time.monotonic() + _START_SECONDS
        while "Not backgrounding" not in log.read_text():
            if server.poll() is not None or time.monotonic() > deadline:
                raise MissingPart(f"no ssh server starts at {address}:\n{last_lines(log)}")
            time.sleep(0.05)
        yield
    finally:
        server.kill()
        server.wait()


@contextmanager
def started(folder: Path) -> Iterator[str]:
    """Give the address of a cluster whose head and only node have a CPU each."""
    program("rsync", "rsync")
    Path("/tmp/ray").mkdir(exist_ok=True)
    key, file, log = folder / "key", folder / "cluster.json", folder / "up.log"
    _do(program("ssh-keygen", "openssh-client"), "-q", "-t", "ed25519", "-N", "", "-f", str(key))
    with ExitStack() as after:
        link = Link()
        link.make()
        after.callback(link.remove)
        after.enter_context(_served(folder / "head", link.here, key, [], ""))
        after.enter_context(_served(folder / "node", link.node, key, link.inside(), _APART))
        port, client = free_ports(2)
        head = f"--head --node-ip-address={link.here} --port={port} --ray-client-server-port={client}"
        head += " --include-dashboard=false --autoscaling-config=~/ray_bootstrap_config.yaml"
        configuration = {
            "cluster_name": link.name,
            "provider": {"type": "local", "head_ip": link.here, "worker_ips": [link.node]},
            "auth": {"ssh_user": "root", "ssh_private_key": str(key)},
            "head_start_ray_commands": [f"{_START} {head}"],
            "worker_start_ray_commands": [f"{_START} --address=$RAY_HEAD_IP:{port}"],
        }
        file.write_text(json.dumps(configuration))
        # the second of Ray's autoscalers takes the head of a list of machines for missing, and starts no node
        own = {**_own_environment(), "RAY_TMPDIR": str(folder), "RAY_UP_enable_autoscaler_v2": "0"}
        command = [str(_RAY), "up", "--yes", "--no-config-cache", str(file)]
        with log.open("wb") as said:
            done = subprocess.run(command, stdout=said, stderr=said, env=own, timeout=_UP_SECONDS, check=False)
        if done.returncode:
            raise MissingPart(f"'ray up' does not work here:\n{last_lines(log, 20)}")
        yield f"{link.here}:{port}"


def _do(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
