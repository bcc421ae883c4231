"""``$name`` and ``{expression}`` in a line."""

from __future__ import annotations

import pytest

from jupyter_ext.magics.expansion import expanded


@pytest.mark.parametrize(
    ("line", "filled"),
    [
        ("train.py --lr $lr", "train.py --lr 0.1"),
        ("train.py --lr {lr * 2} --n {len(names)}", "train.py --lr 0.2 --n 2"),
        ("train.py $lr $undefined", "train.py 0.1 $undefined"),
        ("""train.py --cfg '{"a": 1}' --lr {lr}""", """train.py --cfg '{"a": 1}' --lr 0.1"""),
        ("train.py $$lr {1/0} {}", "train.py $lr {1/0} {}"),
    ],
)
def test_each_place_by_itself(line: str, filled: str) -> None:
    assert expanded(line, {"lr": 0.1, "names": ["a", "b"]}) == filled
