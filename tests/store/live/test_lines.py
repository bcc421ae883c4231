import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jupyter_ext.store.live.lines import BLOCK, LONGEST_LINE, LineIndex


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "std_log.txt"


def _index(log: Path) -> LineIndex:
    index = LineIndex(log)
    index.refresh()
    return index


def test_no_file_has_no_lines(log: Path) -> None:
    index = LineIndex(log)
    assert index.refresh() is False
    assert (index.total, index.size) == (0, 0)
    assert index.lines(0, 10) == []
    assert index.search("x") == (0, [])
    assert index.offset_of(3) == 0


def test_last_line_without_newline_counts_and_is_completed(log: Path) -> None:
    log.write_bytes(b"one\ntwo\nthr")
    index = _index(log)
    assert index.total == 3
    assert index.lines(0, 10) == ["one", "two", "thr"]
    with log.open("ab") as file:
        file.write(b"ee\n")
    assert index.refresh() is True
    assert index.refresh() is False
    assert index.total == 3
    assert index.lines(2, 10) == ["three"]


def test_empty_lines_and_carriage_returns(log: Path) -> None:
    log.write_bytes(b"\r\n\n10%\r20%\r30%\nplain\r\nwaiting 5%\r")
    index = _index(log)
    assert index.lines(0, 9) == ["", "", "30%", "plain", "waiting 5%"]
    with log.open("ab") as file:
        file.write(b"waiting 9%\r")
    index.refresh()
    assert index.lines(4, 1) == ["waiting 9%"]


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_every_line_of_many_blocks_is_found(log: Path, newline: bytes) -> None:
    texts = [f"{number} {'x' * (number * 7919 % 977)}" for number in range(3000)]
    log.write_bytes(b"".join(text.encode() + newline for text in texts))
    index = _index(log)
    assert index.total == 3000
    assert index.lines(0, 5000) == texts
    data = log.read_bytes()
    for first in range(0, 3000, 37):
        assert index.lines(first, 3) == texts[first : first + 3]
        offset = index.offset_of(first)
        assert data[offset:].startswith(texts[first].encode())
    assert index.offset_of(3000) == index.offset_of(10**9) == len(data)


def test_grown_in_pieces_equals_read_at_once(log: Path) -> None:
    data = b"".join(b"line %d\n" % number for number in range(40_000))
    index = LineIndex(log)
    with log.open("ab", buffering=0) as file:
        for start in range(0, len(data), 100_003):
            file.write(data[start : start + 100_003])
            index.refresh()
    assert index.total == 40_000
    assert index.lines(0, 5000) == [f"line {number}" for number in range(5000)]
    assert index.lines(39_999, 5) == ["line 39999"]


@pytest.mark.parametrize("data", [b"", b"new\n", b"other 1\nother 2\nother 3\nother 4\n"])
def test_truncated_or_rewritten_file_is_read_anew(log: Path, data: bytes) -> None:
    log.write_bytes(b"line 1\nline 2\n")
    index = _index(log)
    log.write_bytes(data)
    assert index.refresh() is True
    assert index.lines(0, 10) == data.decode().splitlines()


def test_replaced_file_is_read_anew_and_a_vanished_one_is_empty(log: Path, tmp_path: Path) -> None:
    log.write_bytes(b"line 1\n")
    index = _index(log)
    other = tmp_path / "other"
    other.write_bytes(b"line A\n")
    other.replace(log)
    assert index.refresh() is True
    assert index.lines(0, 10) == ["line A"]
    log.unlink()
    assert index.lines(0, 10) == []
    assert index.refresh() is True
    assert index.refresh() is False
    assert index.total == 0


def test_links_and_pipes_are_not_opened(log: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret\n")
    log.symlink_to(tmp_path / "secret")
    assert _index(log).lines(0, 1) == []
    log.unlink()
    os.mkfifo(log)
    assert _index(log).lines(0, 1) == []


def test_bytes_that_are_not_text_are_replaced(log: Path) -> None:
    log.write_bytes(b"caf\xe9 \xff\n\xe2\x82\xac\x00\n")
    assert _index(log).lines(0, 2) == ["caf\ufffd \ufffd", "€\x00"]


def test_long_line_is_cut_and_tells_how_much_more(log: Path) -> None:
    log.write_bytes(b"a" * LONGEST_LINE + b"\n" + b"b" * (LONGEST_LINE + 1) + b"\n" + b"c" * 1_000_000 + b"\nend\n")
    lines = _index(log).lines(0, 4)
    assert lines[0] == "a" * LONGEST_LINE
    assert lines[1] == "b" * LONGEST_LINE + " … (1 more characters)"
    assert lines[2] == "c" * LONGEST_LINE + f" … ({1_000_000 - LONGEST_LINE} more characters)"
    assert lines[3] == "end"


def test_long_progress_bar_shows_its_last_state(log: Path) -> None:
    states = b"".join(b"\r%6d of 100000" % number for number in range(100_000))
    log.write_bytes(b"begin\n" + states + b"\nend\n")
    assert _index(log).lines(0, 3) == ["begin", " 99999 of 100000", "end"]


def test_search_counts_lines_and_names_the_first(log: Path) -> None:
    log.write_bytes(b"".join(b"Step %d\n" % number if number % 3 else b"step step\n" for number in range(60_000)))
    index = _index(log)
    total, numbers = index.search("step")
    assert (total, len(numbers), numbers[:3]) == (60_000, 10_000, [0, 1, 2])
    total, numbers = index.search("step", case=True)
    assert (total, numbers[:3]) == (20_000, [0, 3, 6])
    assert index.search("STEP 59999") == (1, [59_999])
    assert index.search("nowhere") == index.search("") == index.search("a\nb") == (0, [])


def test_search_ignores_colours_and_finds_other_alphabets(log: Path) -> None:
    log.write_text("\x1b[32mepo\x1b[0mch 1\nÉCOLE\nplain\n", encoding="utf-8")
    index = _index(log)
    assert index.search("epoch 1") == (1, [0])
    assert index.search("école") == (1, [1])
    assert index.search("école", case=True) == (0, [])


def test_search_in_a_line_longer_than_any_buffer(log: Path) -> None:
    log.write_bytes(b"first\n" + b"x" * 3_000_000 + b"needle" + b"x" * 3_000_000 + b"needle\nlast needle")
    assert _index(log).search("needle") == (2, [1, 2])


def test_match_across_two_blocks_is_found(log: Path) -> None:
    log.write_bytes(b"x" * (4 * BLOCK - 3) + b"needle" + b"\n")
    assert _index(log).search("needle") == (1, [0])


def test_writer_killed_in_the_middle_of_a_line(log: Path) -> None:
    script = "import os\nwhile True:\n    os.write(1, b'0123456789' * 7 + b'\\n')\n    os.write(1, b'half')\n"
    with log.open("ab") as file:
        writer = subprocess.Popen([sys.executable, "-c", script], stdout=file)
    index = LineIndex(log)
    deadline = time.monotonic() + 20
    while index.total < 2000 and time.monotonic() < deadline:
        index.refresh()
        time.sleep(0.01)
    writer.send_signal(signal.SIGKILL)
    writer.wait(10)
    while index.refresh():
        pass
    expected = log.read_bytes().decode().splitlines()
    assert index.total == len(expected) >= 2000
    assert index.lines(len(expected) - 100, 100) == expected[-100:]


def test_a_sparse_file_of_10_gb_is_read_in_bounded_steps(log: Path) -> None:
    with log.open("wb") as file:
        file.truncate(10 * 1024**3)
    index = LineIndex(log)
    index.refresh()
    assert not index.complete
    assert index.size == 128 * 1024**2
    assert index.lines(0, 10)[0].endswith("more characters)")


def test_a_million_lines(log: Path) -> None:
    line = b"epoch 1 loss 0.123456 acc 0.81 ".ljust(99, b"x") + b"\n"
    log.write_bytes(line * 1_000_000)
    index = LineIndex(log)
    index.refresh()
    assert index.total == 1_000_000
    assert index.lines(999_500, 500) == [line.decode().rstrip()] * 500
    assert index.search("EPOCH")[0] == 1_000_000
