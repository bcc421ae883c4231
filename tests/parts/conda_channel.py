"""A conda channel on this machine: packages of a few lines, and real Pythons, as conda packages."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import hashlib
import http.server
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parts import alone, folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

SUBDIR = "linux-64" if platform.machine() == "x86_64" else f"linux-{platform.machine()}"
_SKIPPED = {"test", "tests", "idlelib", "ensurepip", "lib2to3", "turtledemo", "tkinter", "__pycache__", "site-packages"}
_FACTS = (
    "import json, platform, sys, sysconfig; "
    "print(json.dumps([platform.python_version(), sysconfig.get_path('stdlib'), sys.base_prefix]))"
)
_OF_DEBIAN = ("prefix_scheme = 'posix_local'", "prefix_scheme = 'posix_prefix'")  # its Python has places of its own
_SITE = (
    "import os, site, sys\n"
    "folder = 'lib/python%d.%d/site-packages' % sys.version_info[:2]\n"
    "site.addsitedir(os.path.join(sys.prefix, folder))\n"
)


@dataclass(frozen=True)
class Channel:
    """A channel in a folder."""

    root: Path

    @property
    def url(self) -> str:
        return self.root.as_uri()

    def add(
        self,
        name: str,
        version: str = "1.0",
        files: Mapping[str, bytes | str | Path] | None = None,
        depends: Iterable[str] = (),
        *,
        noarch: str | None = None,
        build_number: int = 0,
    ) -> Path:
        """Add a package, whose files are text, or are taken from a path; return its archive."""
        subdir = "noarch" if noarch else SUBDIR
        build = f"{'py_' if noarch == 'python' else ''}{build_number}"
        index = {
            "name": name,
            "version": version,
            "build": build,
            "build_number": build_number,
            "depends": list(depends),
            "subdir": subdir,
            **({"noarch": noarch} if noarch else {}),
        }
        path = self.root / subdir / f"{name}-{version}-{build}.tar.bz2"
        path.parent.mkdir(parents=True, exist_ok=True)
        _pack(path, index, files or {}, noarch)
        return path

    def add_python(self, interpreter: str | Path = sys.executable) -> str:
        """Add a Python of this machine; return its version."""
        kept = folder() / "conda-pythons-2"
        kept.mkdir(exist_ok=True)
        code = subprocess.run([interpreter, "-c", _FACTS], check=True, capture_output=True, text=True).stdout
        version, library, prefix = json.loads(code)
        name = f"python-{version}-0.tar.bz2"
        with alone("conda-python"):
            if not (kept / name).exists():
                path = Channel(kept / "making").add("python", version, _of_python(version, Path(library), Path(prefix)))
                path.replace(kept / name)
        (self.root / SUBDIR).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept / name, self.root / SUBDIR / name)
        return str(version)

    @contextlib.contextmanager
    def served(self, seconds: float = 0, password: str | None = None) -> Iterator[str]:
        """Serve the channel over http; yield its address.

        Sending the middle of a package takes ``seconds``. A ``password`` is asked for as that of the user ``me``, or as
        a token: below ``/t/<password>``.
        """
        over = threading.Event()
        handler = functools.partial(_Server, directory=str(self.root), over=over, seconds=seconds, password=password)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            yield f"http://127.0.0.1:{server.server_address[1]}"
            over.set()
            server.shutdown()
            thread.join()

    def index(self) -> None:
        """Write ``repodata.json``: without it, what was added is not offered."""
        from rattler.index import index_fs

        for subdir in (SUBDIR, "noarch"):
            (self.root / subdir).mkdir(parents=True, exist_ok=True)
        asyncio.run(index_fs(self.root, force=True))


class _Server(http.server.SimpleHTTPRequestHandler):
    def __init__(
        self, *arguments: Any, over: threading.Event, seconds: float, password: str | None, **options: Any
    ) -> None:
        self._over, self._seconds, self._password = over, seconds, password
        super().__init__(*arguments, **options)

    def send_head(self) -> Any:
        del self.headers["If-Modified-Since"]  # this server's answer to it lacks what rattler looks for
        token = f"/t/{self._password}/"
        known = "Basic " + base64.b64encode(f"me:{self._password}".encode()).decode()
        if self._password and not self.path.startswith(token) and self.headers.get("Authorization") != known:
            self.send_error(401)
            return None
        self.path = "/" + self.path.removeprefix(token).removeprefix("/")
        return super().send_head()

    def copyfile(self, source: Any, outputfile: Any) -> None:
        if self._seconds and self.path.endswith(".tar.bz2"):
            outputfile.write(source.read(100))
            outputfile.flush()
            self._over.wait(self._seconds)
        with contextlib.suppress(ConnectionError):
            super().copyfile(source, outputfile)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


def _of_python(version: str, library: Path, prefix: Path) -> dict[str, bytes | str | Path]:
    """Return a Python's program and standard library, without its tests."""
    minor = version.rpartition(".")[0]
    program = f"python{minor}"
    files: dict[str, bytes | str | Path] = {f"bin/{program}": prefix / "bin" / program, "bin/python": "-> " + program}
    for place, names, found in os.walk(library):
        names[:] = [name for name in names if name not in _SKIPPED and not name.startswith("config-")]
        for name in set(found) - {"EXTERNALLY-MANAGED"}:
            path = Path(place) / name
            files[f"lib/{program}/{path.relative_to(library)}"] = path
    files[f"lib/{program}/sysconfig.py"] = (library / "sysconfig.py").read_text().replace(*_OF_DEBIAN)
    files[f"lib/{program}/sitecustomize.py"] = _SITE
    return files


def _pack(path: Path, index: dict[str, object], files: Mapping[str, bytes | str | Path], noarch: str | None) -> None:
    paths = []
    with tarfile.open(path, "w:bz2", compresslevel=1) as archive:
        for name, content in files.items():
            kind = "softlink" if isinstance(content, str) and content.startswith("-> ") else "hardlink"
            data = b"" if kind == "softlink" else _data(content)
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o755 if "bin/" in name else 0o644
            if kind == "softlink":
                entry.type, entry.linkname = tarfile.SYMTYPE, str(content)[3:]
            archive.addfile(entry, io.BytesIO(data))
            digest = hashlib.sha256(data).hexdigest()
            paths.append({"_path": name, "path_type": kind, "sha256": digest, "size_in_bytes": len(data)})
        info = {"info/index.json": index, "info/paths.json": {"paths": paths, "paths_version": 1}}
        if noarch == "python":
            info["info/link.json"] = {"noarch": {"type": "python"}, "package_metadata_version": 1}
        for name, document in info.items():
            data = json.dumps(document).encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))


def _data(content: bytes | str | Path) -> bytes:
    if isinstance(content, Path):
        return content.read_bytes()
    return content.encode() if isinstance(content, str) else content
