"""Files come back as they grow, each byte once, whoever is killed in between."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_ext.engines.ray.growth import Growth
from jupyter_ext.engines.ray.mirror import Mirror
from jupyter_ext.store.paths import RunPaths

NAME = "work/outputs/model.bin"


class Pair:
    """A run directory on a node, and the one that it is mirrored to."""

    def __init__(self, folder: Path, number: int = 0, local: Path | None = None) -> None:
        self.number = number
        self.there = folder / f"there-{number}"
        self.here = local or folder / "here"
        (self.here / "launch").mkdir(parents=True, exist_ok=True)
        self.growth = Growth(self.there, number)
        self.mirror = Mirror(RunPaths(self.here))

    def write(self, name: str, data: bytes, mode: str = "ab") -> None:
        path = self.there / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open(mode) as file:
            file.write(data)

    def bring(self, limit: int = 1 << 20, *, ended: bool = False) -> int:
        """Bring what is new; return how many bytes that were."""
        total = 0
        while pieces := self.growth.read(limit, ended=ended):
            for piece in pieces:
                self.mirror.take(self.number, *piece)
                total += len(piece.data)
        again = self.mirror.differing(self.number, self.growth.sums())
        if again:
            self.growth.again(again)
            total += self.bring(limit, ended=ended)
        return total

    def adopt(self) -> None:
        """Let another runner go on."""
        self.mirror = Mirror(RunPaths(self.here))
        self.growth.resume(self.mirror.known(self.number))

    def read(self, name: str) -> bytes:
        return (self.here / name).read_bytes()


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def test_a_log_comes_once_as_it_grows(pair: Pair) -> None:
    log = "user_logs/std_log.txt"
    pair.write(log, b"one\n")
    assert pair.bring() == 4
    assert pair.bring() == 0
    pair.write(log, b"two\n")
    assert pair.bring() == 4
    pair.adopt()
    assert pair.bring() == 0
    pair.write(log, b"three\n")
    assert pair.bring() == 6
    assert pair.read(log) == b"one\ntwo\nthree\n"


def test_large_files_come_in_pieces(pair: Pair) -> None:
    data = os.urandom(9_000_000)
    pair.write(NAME, data)
    assert pair.bring() == len(data)
    assert pair.read(NAME) == data


@pytest.mark.parametrize("new", [b"short", b"x" * 2000, b"y" * 5000])
def test_a_file_that_is_written_anew(pair: Pair, new: bytes) -> None:
    pair.write(NAME, b"a" * 2000)
    pair.bring()
    pair.write(NAME, new, "wb")
    pair.bring()
    assert pair.read(NAME) == new


def test_a_change_in_the_middle_is_seen_in_the_end(pair: Pair) -> None:
    pair.write(NAME, b"a" * 2000)
    pair.bring()
    pair.write(NAME, b"b" * 2000)
    with (pair.there / NAME).open("r+b") as file:
        file.write(b"head")
    pair.bring()
    assert pair.read(NAME) == b"head" + b"a" * 1996 + b"b" * 2000


def test_a_checkpoint_is_renamed(pair: Pair) -> None:
    pair.write("work/outputs/model.tmp", b"weights")
    pair.bring()
    (pair.there / "work/outputs/model.tmp").rename(pair.there / NAME)
    pair.bring()
    assert pair.read(NAME) == b"weights"
    assert not (pair.here / "work/outputs/model.tmp").exists()


def test_empty_files_come_too(pair: Pair) -> None:
    pair.write("work/outputs/done", b"")
    pair.bring()
    assert pair.read("work/outputs/done") == b""
    pair.write(NAME, b"something")
    pair.bring()
    pair.write(NAME, b"", "wb")
    pair.bring()
    assert pair.read(NAME) == b""


def test_a_log_of_a_rank_that_prints_nothing_comes_too(pair: Pair) -> None:
    log = "user_logs/std_log.txt"
    pair.write(log, b"")
    assert pair.growth.read(0) == []
    assert len(pair.growth.read(1)) == 1
    pair.growth.again([log])
    pair.bring()
    assert pair.read(log) == b""
    assert pair.growth.read() == []
    pair.adopt()
    assert pair.growth.read() == []
    pair.write(log, b"late\n")
    assert pair.bring() == 5
    assert pair.read(log) == b"late\n"


def test_two_nodes_write_one_name(tmp_path: Path) -> None:
    first = Pair(tmp_path, 0)
    second = Pair(tmp_path, 1)
    second.mirror = first.mirror
    first.write("work/outputs/rank.txt", b"0")
    second.write("work/outputs/rank.txt", b"1")
    first.bring()
    second.bring()
    assert first.read("work/outputs/rank.txt") == b"0"
    assert first.read("work/outputs/node-1/rank.txt") == b"1"
    second.adopt()
    assert second.bring() == 0


def test_what_two_nodes_write_for_a_datastore(tmp_path: Path) -> None:
    """Each output's folder goes to a place of its own, so that is where a second file of a name lies."""
    first = Pair(tmp_path, 0)
    second = Pair(tmp_path, 1)
    second.mirror = first.mirror
    first.write("written/out/sub/part.csv", b"0")
    second.write("written/out/sub/part.csv", b"1")
    first.bring()
    second.bring()
    assert first.read("written/out/sub/part.csv") == b"0"
    assert first.read("written/out/node-1/sub/part.csv") == b"1"


def test_lines_of_two_nodes_do_not_mix(tmp_path: Path) -> None:
    first = Pair(tmp_path, 0)
    second = Pair(tmp_path, 1)
    second.mirror = first.mirror
    first.write("metrics.jsonl", b'{"a":1}\n{"a":')
    first.bring()
    second.write("metrics.jsonl", b'{"b":1}\n')
    second.bring()
    first.write("metrics.jsonl", b"2}\n")
    first.bring(ended=True)
    assert first.read("metrics.jsonl") == b'{"a":1}\n{"b":1}\n{"a":2}\n'


@pytest.mark.parametrize("lost", [0, 3, 8, 16])
def test_a_runner_is_killed_while_it_writes_lines(pair: Pair, lost: int) -> None:
    """What it had written of them is not written twice, and the rest is not lost."""
    lines = b'{"a":1}\n{"a":2}\n'
    pair.write("metrics.jsonl", lines)
    pair.bring()
    os.truncate(pair.here / "metrics.jsonl", len(lines) - lost)
    pair.adopt()
    pair.bring(ended=True)
    assert pair.read("metrics.jsonl") == lines


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "run.json", "work/../../evil"])
def test_a_node_cannot_write_elsewhere(pair: Pair, name: str) -> None:
    with pytest.raises(ValueError, match="belongs to no run"):
        pair.mirror.take(0, name, 0, b"x")
