from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import SnapshotException
from jupyter_ext.store.catalogue import Catalogue
from jupyter_ext.store.paths import WorkspacePaths
from jupyter_ext.store.snapshots import manifest, snapshot

NOBODY = 65534


@pytest.fixture
def paths(home: Path) -> WorkspacePaths:
    return WorkspacePaths(home / "ws")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "src"
    folder.mkdir()
    return folder


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def take(folder: Path, paths: WorkspacePaths) -> snapshot.Snapshot:
    return snapshot.take(folder, paths, Catalogue(paths))


def names(paths: WorkspacePaths, snapshot_id: str) -> list[str]:
    return sorted(entry.name for entry in manifest.read_manifest(paths, snapshot_id))


def tree(root: Path) -> dict[str, object]:
    """Return all that a folder holds: content and mode of files, targets of links, empty folders."""
    found: dict[str, object] = {}
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        for name in [*files, *(one for one in folders if (here / one).is_symlink())]:
            path = here / name
            executable = os.access(path, os.X_OK)
            content = str(path.readlink()) if path.is_symlink() else (path.read_bytes(), executable)
            found[path.relative_to(root).as_posix()] = content
        if here != root and not any(here.iterdir()):
            found[here.relative_to(root).as_posix()] = "empty folder"
    return found


def test_the_same_content_has_the_same_id_wherever_it_lies(paths: WorkspacePaths, source: Path, tmp_path: Path) -> None:
    put(source, {"train.py": "print(1)\n", "data/a.csv": "1,2\n"})
    first = take(source, paths)
    shutil.copytree(source, tmp_path / "copy")
    assert take(source, paths).id == first.id == take(tmp_path / "copy", paths).id
    assert (first.files, first.size) == (2, 13)
    assert len(list(paths.objects.glob("*.pack"))) == 1


def test_one_changed_file_changes_the_id_and_alone_is_stored(paths: WorkspacePaths, source: Path) -> None:
    put(source, {"train.py": "print(1)\n", "big.txt": "x" * 100_000})
    first = take(source, paths)
    put(source, {"train.py": "print(2)\n"})
    second = take(source, paths)
    assert second.id != first.id
    assert sum(pack.stat().st_size for pack in paths.objects.glob("*.pack")) == 100_000 + 9 + 9
    put(source, {"train.py": "print(1)\n"})
    assert take(source, paths).id == first.id
    (source / "train.py").unlink()
    assert names(paths, take(source, paths).id) == ["big.txt"]


def test_a_change_within_the_same_tick_of_the_clock_is_seen(paths: WorkspacePaths, source: Path) -> None:
    ids = set()
    for number in range(10):
        put(source, {"train.py": f"print({number})\n"})
        ids.add(take(source, paths).id)
    assert len(ids) == 10


def test_it_is_laid_out_as_it_was(paths: WorkspacePaths, source: Path, tmp_path: Path) -> None:
    put(source, {"a.py": "1", "empty.txt": "", "deep/er/b.bin": "\x00" * 300_000, "run.sh": "#!/bin/sh\n"})
    (source / "run.sh").chmod(0o755)
    (source / "read-only.txt").write_text("r")
    (source / "read-only.txt").chmod(0o444)
    (source / "nothing" / "here").mkdir(parents=True)
    (source / "deep" / "link.py").symlink_to("../a.py")
    (source / "folder-link").symlink_to("deep")
    taken = take(source, paths)
    manifest.lay_out(paths, taken.id, tmp_path / "out")
    assert tree(tmp_path / "out") == tree(source)
    (tmp_path / "out" / "read-only.txt").write_text("a run may write in its own folder")


def test_a_large_file_comes_back_whole(
    paths: WorkspacePaths, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "_BLOCK", 4096)
    content = os.urandom(4096 * 50 + 7) * 2
    (source / "big.bin").write_bytes(content)
    manifest.lay_out(paths, take(source, paths).id, tmp_path / "out")
    assert (tmp_path / "out" / "big.bin").read_bytes() == content


def test_a_pack_that_was_cut_is_told_and_not_waited_for(
    paths: WorkspacePaths, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "_BLOCK", 4096)
    put(source, {"big.bin": "x" * 100_000})
    taken = take(source, paths)
    (pack,) = paths.objects.glob("*.pack")
    os.truncate(pack, 50_000)
    with pytest.raises(SnapshotException, match=r"big\.bin"):
        manifest.lay_out(paths, taken.id, tmp_path / "out")


def test_the_executable_bit_counts_and_other_bits_do_not(paths: WorkspacePaths, source: Path) -> None:
    put(source, {"run.sh": "#!/bin/sh\n"})
    first = take(source, paths)
    (source / "run.sh").chmod(0o600)
    assert take(source, paths).id == first.id
    (source / "run.sh").chmod(0o700)
    assert take(source, paths).id != first.id


def test_links(paths: WorkspacePaths, source: Path, tmp_path: Path) -> None:
    put(tmp_path / "outside", {"shared.py": "shared", "sub/x.txt": "x"})
    put(source, {"a/b.txt": "b"})
    (source / "file-out.py").symlink_to(tmp_path / "outside" / "shared.py")
    (source / "folder-out").symlink_to(tmp_path / "outside")
    (source / "absolute-inside").symlink_to(source / "a")
    (source / "broken-outside").symlink_to(tmp_path / "nowhere")
    (source / "broken-inside").symlink_to("nowhere")
    (source / "a" / "up").symlink_to("..")
    (tmp_path / "outside" / "back").symlink_to(source)
    (tmp_path / "outside" / "self").symlink_to(".")
    manifest.lay_out(paths, take(source, paths).id, tmp_path / "out")
    out = tmp_path / "out"
    assert tree(out) == {
        "a/b.txt": (b"b", False),
        "absolute-inside": "a",
        "broken-inside": "nowhere",
        "file-out.py": (b"shared", False),
        "folder-out/shared.py": (b"shared", False),
        "folder-out/sub/x.txt": (b"x", False),
    }


def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_sent() -> None:
    if os.geteuid():
        pytest.skip("needs root, to become a user who may not read")
    root = Path(tempfile.mkdtemp())
    try:
        put(root / "src", {"a.py": "a", "mine.py": "m", "closed/b.py": "b"})
        (root / "src" / "mine.py").chmod(0o600)
        (root / "src" / "closed").chmod(0o700)
        for path in (root, root / "src", root / "src" / "a.py"):
            os.chown(path, NOBODY, NOBODY)
        paths = WorkspacePaths(root / "home" / "ws")
        os.seteuid(NOBODY)
        try:
            taken = take(root / "src", paths)
        finally:
            os.seteuid(0)
        assert names(paths, taken.id) == ["a.py"]
        assert sorted(taken.skipped) == ["closed", "mine.py"]
    finally:
        shutil.rmtree(root)


def test_too_large_a_folder_is_refused_and_its_largest_files_named(
    paths: WorkspacePaths, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "MAX_BYTES", 2_000_000)
    put(source, {"train.py": "1", "big.bin": "x" * 2_000_000, "half.bin": "x" * 1_000_000})
    with pytest.raises(SnapshotException) as caught:
        take(source, paths)
    message = caught.value.message
    assert "holds 3 MB, more than the 2 MB" in message
    assert "big.bin (2 MB), half.bin (1 MB)" in message
    assert ".amlignore" in message
    assert not paths.objects.exists()
    (source / ".amlignore").write_text("*.bin\n")
    assert take(source, paths).size < 100


def test_a_plan_tells_sizes_and_secrets_and_stores_nothing(paths: WorkspacePaths, source: Path) -> None:
    put(source, {"train.py": "1", "big.bin": "x" * 1000, ".env": "A=1"})
    plan = snapshot.plan(source)
    assert plan.size == 1004
    assert plan.largest(1) == [("big.bin", 1000)]
    assert list(plan.secrets) == [".env"]
    assert not paths.root.exists()


def test_what_looks_secret_is_told_each_time(paths: WorkspacePaths, source: Path) -> None:
    key = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n"
    put(source, {"a.py": "1", ".env": "A=1", "conf/x.txt": key})
    for _ in range(2):
        assert take(source, paths).secrets == {".env": "its name", "conf/x.txt": "a private key"}


def test_two_processes_at_once_take_the_same(paths: WorkspacePaths, source: Path, tmp_path: Path) -> None:
    put(source, {f"f{number}.txt": str(number) * 1000 for number in range(300)})
    code = (
        "import sys; from pathlib import Path; from jupyter_ext.store.snapshots import snapshot\n"
        "from jupyter_ext.store.catalogue import Catalogue; from jupyter_ext.store.paths import WorkspacePaths\n"
        "paths = WorkspacePaths(Path(sys.argv[1])); sys.stdin.readline()\n"
        "print(snapshot.take(Path(sys.argv[2]), paths, Catalogue(paths)).id)"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(paths.root), str(source)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    answers = {process.communicate("go\n", timeout=60)[0] for process in processes}
    assert len(answers) == 1
    manifest.lay_out(paths, answers.pop().strip(), tmp_path / "out")
    assert tree(tmp_path / "out") == tree(source)


def test_a_damaged_index_is_made_again(paths: WorkspacePaths, source: Path) -> None:
    put(source, {"a.py": "1"})
    first = take(source, paths)
    (index,) = (paths.objects / "index").iterdir()
    index.write_bytes(b"\x00broken")
    assert take(source, paths).id == first.id


def test_an_unknown_snapshot_is_told(paths: WorkspacePaths, tmp_path: Path) -> None:
    with pytest.raises(SnapshotException, match="no snapshot nope"):
        manifest.lay_out(paths, "nope", tmp_path / "out")


def test_a_full_disk_is_told_and_leaves_nothing(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid():
        pytest.skip("needs root, to mount a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("this machine does not let root mount a file system")
    try:
        monkeypatch.setenv("AML_HOME", str(disk))
        (source / "big.bin").write_bytes(os.urandom(4_000_000))
        paths = WorkspacePaths(disk / "ws")
        with pytest.raises(SnapshotException, match="No space is left"):
            take(source, paths)
        assert list(paths.objects.iterdir()) == []
        (source / "big.bin").write_bytes(b"small now")
        assert take(source, paths).files == 1
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
