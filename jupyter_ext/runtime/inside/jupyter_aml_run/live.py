"""Standard output that is live and fast: a line is in the log when print() returns, but in a flood.

When more than some 20,000 lines a second come, writing each by itself would be what the script spends
its time on; then they are collected, and written every 50 ms until the flood is over. Forks, exits and
errors find everything written.
"""

import atexit
import io
import os
import sys
import time

try:
    import _thread
except ImportError:  # no threads, no floods
    _thread = None  # type: ignore[assignment]

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any, Callable

_LOOK_EVERY = 256  # writes
_FLOOD = 20000.0  # writes a second
_INTERVAL = 0.05  # seconds
_QUIET_BYTES = 16384  # within an interval
_QUIET_INTERVALS = 4
_BUFFER = 1 << 18
_LONG_LINE = _BUFFER // 2  # what is held back leaves room for what comes next
_LINE_ENDS = b"\n\r"


class _Buffer(io.BufferedWriter):
    """A buffer that tells its file when the script itself asks for everything to be written.

    In a flood of one thread, its stream gathers small writes, which saves a fifth of the time of each. The streams
    of Python lose some of them when several threads write (python/cpython#119506): `others_came` ends it.
    """

    others_came: "Callable[[], None] | None" = None

    def write(self, data: "Any") -> int:
        if self.others_came is not None and _threads() > 1:
            others_came, self.others_came = self.others_came, None
            others_came()
        done = 0
        while True:
            try:
                return done + super().write(data)
            except BlockingIOError as held:  # noqa: PERF203 - a begun line is held back: not all of this fits behind it
                done += held.characters_written
                data = memoryview(data)[held.characters_written :]
                self.flush()

    def flush(self) -> None:
        raw: "Any" = self.raw
        raw.asked = True
        try:
            super().flush()
        finally:
            raw.asked = False


class _Raw(io.FileIO):
    """A file descriptor that sees how much is written to it, and, in a flood, to whole lines.

    What a flood collects ends anywhere in a line. Writing that much would let the lines of other processes, which
    write to the same log, into the middle of one; only a very long line is not waited for.
    """

    writes = 0
    total = 0
    looked = 0.0
    collector: "int | None" = None  # the thread that writes in a flood
    asked = False
    held = False
    flood: "Callable[[], None] | None" = None
    before: "Callable[[], None] | None" = None

    def write(self, data: "Any") -> "int | None":  # type: ignore[override]
        self.writes += 1
        if self.writes >= _LOOK_EVERY:
            self._look()
        if self.before is not None:
            self.before()
        if self.collector is not None and data[-1] not in _LINE_ENDS:
            data = self._whole_lines(data)
        written = None if data is None else io.FileIO.write(self, data)
        if written:
            self.total += written
        return written

    def _whole_lines(self, data: "Any") -> "Any":
        """Cut off a begun line; None, which means that the file is not ready, leaves it in the buffer."""
        held, self.held = self.held, False
        if held and len(data) < _LONG_LINE:
            return None
        collecting = _thread.get_ident() == self.collector
        if self.asked and not collecting:
            return data
        lines = bytes(data)
        end = max(map(lines.rfind, (b"\n", b"\r"))) + 1
        self.held = end > 0  # the buffer comes back with the rest
        if end:
            return lines[:end]
        return None if collecting and len(lines) < _LONG_LINE else data

    def _look(self) -> None:
        now = time.monotonic()
        fast = now - self.looked < _LOOK_EVERY / _FLOOD
        self.writes, self.looked = 0, now
        if fast and self.flood is not None:
            self.flood()


class _Live:
    """Standard output, line by line or, in a flood, every 50 ms."""

    def __init__(self, text: io.TextIOWrapper, raw: _Raw) -> None:
        self._text = text
        self._raw = raw
        self._collector: "_Collector | None" = None
        self._ended = False
        raw.flood = self._begin
        os.register_at_fork(before=self.stop, after_in_child=self._forget)  # novm - as in install()
        atexit.register(self._end)

    def write_out(self) -> None:
        """Write what a flood has left to be written; errors are for the one who prints."""
        if self._collector is not None:
            try:  # noqa: SIM105 - contextlib costs 3 ms in each interpreter
                self._text.flush()
            except (OSError, ValueError, RuntimeError):
                pass

    def stop(self) -> None:
        """Go back to lines, and have no other thread: one that holds the stream would block a fork, or an end."""
        collector = self._collector
        if collector is not None:
            collector.stop()
            self.write_out()
            self._collector = None

    def _begin(self) -> None:
        """Start collecting; this is called in the middle of a write, so another thread has to do it."""
        if self._ended or (self._collector is not None and not self._collector.ended):
            return
        try:
            self._collector = _Collector(self._text, self._raw)
        except RuntimeError:  # no more threads
            return
        _write_out_before_leaving(self.write_out)

    def _forget(self) -> None:
        self._collector = self._raw.collector = None

    def _end(self) -> None:
        self._ended = True
        self.stop()


class _Collector:
    """The thread that writes in a flood. It is none of threading's, which the script may count.

    Raises
    ------
    RuntimeError
        When there cannot be another thread.
    """

    def __init__(self, text: io.TextIOWrapper, raw: _Raw) -> None:
        self._text = text
        self._raw = raw
        self.ended = False
        self._stopping = False
        self._wake, self._gone = _thread.allocate_lock(), _thread.allocate_lock()
        self._wake.acquire()
        self._gone.acquire()
        _thread.start_new_thread(self._run, ())

    def stop(self) -> None:
        """Have it go back to lines and end, which it does within a moment unless the stream is not free."""
        if not self._stopping:
            self._stopping = True
            self._wake.release()
        if self._gone.acquire(True, 1.0):
            self._gone.release()
            if not self.ended:
                self.ended = True
                time.sleep(0.001)  # until the thread has left the process, too

    def _run(self) -> None:
        self._raw.collector = _thread.get_ident()
        try:
            self._set_live(False)
            self._collect()
            self._raw.collector = None
            self._set_live(True)
            self._sleep()
            self._flush()  # a line that was being printed as the buffering changed
        except (ValueError, RuntimeError):
            pass  # the script has closed it
        finally:
            self._raw.collector = None
            self.ended = not self._stopping
            self._gone.release()

    def _collect(self) -> None:
        quiet = 0
        while quiet < _QUIET_INTERVALS and not self._stopping:
            before = self._raw.total
            self._sleep()
            self._flush()
            quiet = quiet + 1 if self._raw.total - before < _QUIET_BYTES else 0

    def _sleep(self) -> None:
        if self._wake.acquire(True, _INTERVAL):
            self._wake.release()

    def _flush(self) -> None:
        try:  # noqa: SIM105 - contextlib costs 3 ms in each interpreter
            self._text.flush()
        except OSError:
            pass  # a line has begun, or the disk is full, which print() tells

    def _set_live(self, value: bool) -> None:
        buffer: "Any" = self._text.buffer
        alone = not value and _threads() == 1
        buffer.others_came = self._write_through if alone else None
        while True:
            try:
                self._text.reconfigure(line_buffering=value, write_through=not alone)  # novm - as in install()
            except BlockingIOError:  # noqa: PERF203 - a line has begun
                time.sleep(0.001)
            except OSError:  # the disk is full
                if self._stopping:
                    return
                time.sleep(_INTERVAL)
            else:
                return

    def _write_through(self) -> None:
        self._text.reconfigure(write_through=True)  # novm - as in install()


def _threads() -> int:
    """Return how many threads there are, the main thread not counted."""
    count: "Callable[[], int]" = _thread._count  # noqa: SLF001 - threading.active_count() wants threading imported
    return count()


def _write_out_before_leaving(write_out: "Callable[[], None]") -> None:
    """Let what ends this process without Python's own end write out first."""
    for name in ("_exit", "execv", "execve"):
        leave = getattr(os, name)
        if not hasattr(leave, "writes_out"):
            setattr(os, name, _leaving(leave, write_out))


def _leaving(leave: "Callable[..., Any]", write_out: "Callable[[], None]") -> "Callable[..., Any]":
    def left(*arguments: "Any", **keywords: "Any") -> "Any":
        write_out()
        return leave(*arguments, **keywords)

    left.writes_out = True  # type: ignore[attr-defined]
    left.__name__ = leave.__name__
    left.__doc__ = leave.__doc__
    return left


def _replace(old: "Any", number: int, name: str) -> "tuple[io.TextIOWrapper, _Raw] | None":
    """Make a stream that takes the place of one of Python's own; None where that one is not ordinary."""
    if not isinstance(old, io.TextIOWrapper) or old.fileno() != number or old.isatty():
        return None
    old.flush()
    encoding, errors = old.encoding, old.errors
    if encoding.lower() in {"ascii", "us-ascii", "ansi_x3.4-1968", "646"}:
        encoding, errors = "utf-8", "backslashreplace"  # a locale that knows no more must not end a script
    raw = _Raw(number, "wb", closefd=False)
    raw.name = name
    text = io.TextIOWrapper(_Buffer(raw, _BUFFER), encoding, errors, "\n", line_buffering=True, write_through=True)
    text.mode = "w"  # type: ignore[misc]
    return text, raw


def install() -> None:
    """Replace this process's standard output and standard error."""
    live = None
    out = _replace(sys.stdout, 1, "<stdout>")
    if out is not None:
        sys.stdout = sys.__stdout__ = out[0]  # type: ignore[misc]
        if _thread is not None and sys.version_info >= (3, 7):  # Python 3.6 cannot change the buffering
            live = _Live(*out)
    error = _replace(sys.stderr, 2, "<stderr>")
    if error is not None:
        sys.stderr = sys.__stderr__ = error[0]  # type: ignore[misc]
        if live is not None:
            error[1].before = live.write_out  # lines and errors stay in their order
