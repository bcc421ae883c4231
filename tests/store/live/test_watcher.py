from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from jupyter_ext.store.live.watcher import LONGEST_WAIT, SHORTEST_WAIT, Watcher

if TYPE_CHECKING:
    from collections.abc import Callable


class _Looked:
    def __init__(self, look: Callable[[int], bool | None]) -> None:
        self.times: list[float] = []
        self.threads: set[str] = set()
        self._look = look

    def look(self) -> bool | None:
        self.times.append(time.monotonic())
        self.threads.add(threading.current_thread().name)
        return self._look(len(self.times))


def _wait(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_one_thread_for_all_and_none_when_none_is_left() -> None:
    watcher = Watcher()
    first = _Looked(lambda count: None if count == 3 else True)
    second = _Looked(lambda _: True)
    watcher.add(first)
    watcher.add(second)
    _wait(lambda: len(second.times) > 4)
    assert len(first.times) == 3
    watcher.remove(second)
    _wait(lambda: not watcher.is_running)
    seen = len(second.times)
    watcher.add(first)
    _wait(lambda: len(first.times) > 4)
    watcher.remove(first)
    assert len(second.times) == seen
    assert first.threads | second.threads == {"aml-monitor"}


def test_it_looks_less_often_while_nothing_changes() -> None:
    watcher = Watcher()
    looked = _Looked(lambda count: count == 7)
    watcher.add(looked)
    _wait(lambda: len(looked.times) > 7)
    watcher.remove(looked)
    waits = [after - before for before, after in zip(looked.times, looked.times[1:], strict=False)]
    assert waits[5] > 3 * SHORTEST_WAIT
    assert waits[5] < LONGEST_WAIT + 1
    assert waits[6] < waits[5]


def test_one_that_raises_is_given_up_in_the_end_and_the_others_go_on() -> None:
    watcher = Watcher()
    broken = _Looked(lambda _: bool(1 // 0))
    shaky = _Looked(lambda count: bool(1 // (count % 3)))
    good = _Looked(lambda _: True)
    for looked in (broken, shaky, good):
        watcher.add(looked)
    _wait(lambda: len(shaky.times) > 10)
    watcher.remove(shaky)
    watcher.remove(good)
    _wait(lambda: not watcher.is_running)
    assert len(broken.times) == 5
    assert len(good.times) > 5
