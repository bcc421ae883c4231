"""Every form that a requirement line may have, installed by the real uv."""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import http.server
import os
import shutil
import subprocess
import threading
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ext.build import build_from_lock, failures, lock_of
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException, UserErrorException

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Builds

PASSWORD = "hush-hush"
_PROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
_BACKEND = """\
import os, zipfile
INFO = "mine-1.0.dist-info"
def wheel(folder, files):
    with zipfile.ZipFile(os.path.join(folder, "mine-1.0-py3-none-any.whl"), "w") as archive:
        archive.writestr(INFO + "/METADATA",
            "Metadata-Version: 2.1\\nName: mine\\nVersion: 1.0\\nProvides-Extra: more\\n"
            "Requires-Dist: aml-one; extra == 'more'\\n")
        archive.writestr(INFO + "/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        archive.writestr(INFO + "/RECORD", "")
        for name, text in files.items(): archive.writestr(name, text)
    return "mine-1.0-py3-none-any.whl"
def build_wheel(folder, config_settings=None, metadata_directory=None):
    return wheel(folder, {"mine.py": open("mine.py").read()})
def build_editable(folder, config_settings=None, metadata_directory=None):
    return wheel(folder, {"mine.pth": os.getcwd()})
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """The folder of a package of the user's own, with an extra that wants ``aml-one``."""
    folder = tmp_path / "my work" / "mine"
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(_PROJECT)
    (folder / "backend.py").write_text(_BACKEND)
    (folder / "mine.py").write_text("VALUE = 1\n")
    return folder


class _Index(http.server.SimpleHTTPRequestHandler):
    """A package index of the files of a folder, which asks for a user and a password."""

    def do_GET(self) -> None:
        expected = "Basic " + base64.b64encode(f"me:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != expected:
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic")
            self.end_headers()
        elif self.path.startswith("/simple/"):
            wanted = self.path.split("/")[2].replace("-", "_")
            names = [path.name for path in Path(self.directory).iterdir() if path.name.startswith(wanted + "-")]
            body = "".join(f'<a href="/{name}">{name}</a>' for name in names).encode()
            self.send_response(200 if names else 404)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        else:
            super().do_GET()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def index(wheels: Path) -> Iterator[str]:
    """The address of an index that asks for the user ``me`` and a password, without ``http://``."""
    handler = functools.partial(_Index, directory=str(wheels))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}/simple"
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))


def run(python: str, code: str) -> str:
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_extras_markers_and_constraints(builds: Builds, define: Any, wheels: Path, mine: Path) -> None:
    (mine.parent / "limits.txt").write_text("aml-one<2\n")
    (mine.parent / "more.txt").write_text("aml-two; python_version < '3'\n./mine[more]\n")
    lines = ["--no-index", "--find-links ../wheels", "-r more.txt", "-c limits.txt"]
    built = builds(define(lines), folder=mine.parent)
    assert built.lock[0] == "aml-one==1.0"
    assert built.lock[1].startswith("mine @ file:///")
    assert len(built.lock) == 2


def test_an_editable_package_is_used_where_it_lies(builds: Builds, define: Any, mine: Path) -> None:
    built = builds(define(["-e ./mine"]), folder=mine.parent)
    (mine / "mine.py").write_text("VALUE = 2\n")
    assert run(built.python, "import mine; print(mine.VALUE)") == "2"
    assert builds(define(["-e ./mine"]), folder=mine.parent).cached


def test_a_changed_folder_is_installed_again(builds: Builds, define: Any, mine: Path) -> None:
    first = builds(define(["./mine"]), folder=mine.parent)
    assert builds(define(["./mine"]), folder=mine.parent).cached
    (mine / "mine.py").write_text("VALUE = 22\n")
    second = builds(define(["./mine"]), folder=mine.parent)
    assert [run(each.python, "import mine; print(mine.VALUE)") for each in (first, second)] == ["1", "22"]


def test_a_changed_requirements_file_is_noticed(builds: Builds, define: Any, wheels: Path, tmp_path: Path) -> None:
    file = tmp_path / "r.txt"
    asked = define(["--no-index", f"--find-links {wheels}", f"-r {file}"])
    file.write_text("aml-one<2\n")
    assert builds(asked).lock == ["aml-one==1.0"]
    file.write_text("aml-one\n")
    assert builds.find(asked) is None
    assert builds(asked).lock == ["aml-one==2.0"]


def test_addresses_of_files_and_of_git(builds: Builds, define: Any, wheels: Path, mine: Path, tmp_path: Path) -> None:
    git = ["git", "-C", str(mine), "-c", "user.name=me", "-c", "user.email=me@here"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *words], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    wheel = wheels / "aml_one-1.0-py3-none-any.whl"
    source = mine.as_uri()
    built = builds(define(["--no-index", f"aml-one @ {wheel.as_uri()}", f"git+{source}#egg=mine"]))
    assert built.lock == [f"aml-one @ {wheel.as_uri()}", f"mine @ git+{source}@{commit}"]
    lock = lock_of(built, builds.root)
    assert lock is not None
    assert commit in (lock.pylock or "")
    (mine / "mine.py").write_text("VALUE = 3\n")
    again = build_from_lock(lock, root=tmp_path / "elsewhere", report=builds.reports.append)
    assert again.lock == built.lock
    assert run(again.python, "import mine; print(mine.VALUE)") == "1"


def test_folders_are_found_again_by_a_lock(
    builds: Builds, define: Any, mine: Path, tmp_path: Path, wheels: Path
) -> None:
    other = mine.parent / "other"
    shutil.copytree(mine, other)
    backend = other / "backend.py"
    backend.write_text(backend.read_text().replace("mine", "other"))
    (other / "mine.py").rename(other / "other.py")
    lines = ["--no-index", "-e ./mine", "./other", "../wheels/aml_one-1.0-py3-none-any.whl"]
    first = builds(define(lines), folder=mine.parent)
    lock = lock_of(first, builds.root)
    assert lock is not None
    again = build_from_lock(lock, root=tmp_path / "elsewhere", report=builds.reports.append)
    assert again.lock == first.lock
    (mine / "mine.py").write_text("VALUE = 4\n")
    assert run(again.python, "import mine, other, aml_one; print(mine.VALUE, other.VALUE)") == "4 1"


def test_hashes_are_held_to(builds: Builds, define: Any, wheels: Path) -> None:
    digest = hashlib.sha256((wheels / "aml_one-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    lines = [
        "--no-index",
        f"--find-links {wheels}",
        "--require-hashes",
        "aml-one==1.0 \\",
        f"    --hash=sha256:{digest}",
    ]
    assert builds(define(lines)).lock == ["aml-one==1.0"]
    lines[-1] = f"    --hash=sha256:{'0' * 64}"
    with pytest.raises(EnvironmentBuildException) as caught:
        builds(define(lines))
    assert (caught.value.kind, caught.value.package) == (failures.CHANGED, "aml-one")


def test_a_password_of_an_index_lets_in_and_is_kept_nowhere(builds: Builds, define: Any, index: str) -> None:
    asked = define([f"--index-url http://me:{PASSWORD}@{index}", "aml-one<2"])
    built = builds(asked)
    assert built.lock == ["aml-one==1.0"]
    kept = b"".join(path.read_bytes() for path in builds.root.rglob("*") if path.is_file())
    assert PASSWORD.encode() not in kept
    assert PASSWORD not in str(builds.reports)
    lock = lock_of(built, builds.root)
    assert lock is not None
    assert f"http://{index.partition('/')[0]}/aml_one-1.0" in (lock.pylock or "")
    without = define([f"--index-url http://{index}", "aml-one<2"])
    assert builds.find(without) is not None


def test_a_variable_stands_for_a_password(
    builds: Builds, define: Any, index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INDEX_PASSWORD", PASSWORD)
    asked = define([f"--index-url http://me:${{INDEX_PASSWORD}}@{index}", "aml-one<2"])
    assert builds(asked).lock == ["aml-one==1.0"]


def test_a_password_that_was_not_kept(builds: Builds, define: Any, index: str) -> None:
    masked = define([f"--index-url http://***@{index}", "aml-one<2"])
    with pytest.raises(UserErrorException, match=r"was not kept.*\$\{VARIABLE\}"):
        builds(masked)
    built = builds(define([f"--index-url http://me:{PASSWORD}@{index}", "aml-one<2"]))
    assert builds(masked).python == built.python


def test_a_wrong_password_is_told_without_it(builds: Builds, define: Any, index: str) -> None:
    with pytest.raises(EnvironmentBuildException) as caught:
        builds(define([f"--index-url http://me:wrong-{PASSWORD}@{index}", "aml-one"]))
    assert caught.value.kind == failures.AUTHENTICATION
    assert f"The package index http://{index} lets nobody in" in caught.value.message
    assert PASSWORD not in caught.value.message


def test_a_download_is_told(builds: Builds, define: Any, index: str, wheels: Path) -> None:
    with zipfile.ZipFile(wheels / "aml_one-2.0-py3-none-any.whl", "a") as archive:
        archive.writestr("big.bin", os.urandom(5_000_000))
    builds(define([f"--index-url http://me:{PASSWORD}@{index}", "aml-one"]))
    told = [(report.phase, report.done, report.total) for report in builds.reports if report.total]
    assert told[0][:2] == ("download", 0)
    assert 4_900_000 < told[0][2] < 5_300_000
    assert told[-1] == ("download", told[0][2], told[0][2])
    phases = [report.phase for report in builds.reports if report.text.startswith("pip install")]
    assert list(dict.fromkeys(phases)) == ["", "solve", "download", "install"]


@pytest.mark.parametrize("host", ["127.0.0.1:9", "nowhere.invalid"])
def test_an_index_that_is_not_reached(builds: Builds, define: Any, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(EnvironmentBuildException, match=host) as caught:
        builds(define([f"--index-url http://{host}/simple", "aml-one"]))
    assert caught.value.kind == failures.NO_NETWORK


def test_the_best_version_of_any_index_is_taken(
    builds: Builds, define: Any, index: str, wheels: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (wheels / "aml_one-2.0-py3-none-any.whl").rename(other / "aml_one-2.0-py3-none-any.whl")
    handler = functools.partial(_Index, directory=str(other))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, contextlib.ExitStack() as stack:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        second = f"127.0.0.1:{server.server_address[1]}/simple"
        user = f"http://me:{PASSWORD}@"
        asked = define([f"--index-url {user}{index}", f"--extra-index-url {user}{second}", "aml-one", "aml-two"])
        with pytest.raises(EnvironmentBuildException) as caught:
            builds(define([f"--index-url {user}{index}", "aml-one>1"]))
        assert caught.value.kind == failures.NOT_FOUND
        assert builds(asked).lock == ["aml-one==1.0", "aml-two==1.0"]
        assert builds(define([*asked["python"]["condaDependencies"]["dependencies"][-1]["pip"][:-1]])).lock == [
            "aml-one==2.0"
        ]


def test_options_that_uv_takes_as_arguments(builds: Builds, define: Any, wheels: Path) -> None:
    (wheels / "aml_one-2.0-py3-none-any.whl").unlink()
    lines = ["--no-index", f"--find-links={wheels}", "--prefer-binary", "--only-binary :all:", "--no-cache-dir"]
    assert builds(define([*lines, "--trusted-host example.com", "--pre", "aml-one"])).lock == ["aml-one==1.0"]
