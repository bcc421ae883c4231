"""Conditions on the columns of a table or on what is known of files: ``ds.filter(ds["size"] > 3)``."""

import operator

from .exceptions import UserErrorException

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any, Callable, NoReturn

_OPERATORS: "dict[str, Callable[..., Any]]" = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "&": operator.and_,
    "|": operator.or_,
    "~": operator.invert,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}
_COLUMN = "column"
_VALUE = "value"
_TIME = "time"


class Expression:
    """A condition, or a part of one; it is evaluated when the data are read.

    Parameters
    ----------
    tree
        An operator and its operands, as nested lists that JSON can hold.
    """

    def __init__(self, tree: "list[Any]") -> None:
        self.tree = tree

    def __lt__(self, other: "Any") -> "Expression":
        return _joined("<", self, other)

    def __le__(self, other: "Any") -> "Expression":
        return _joined("<=", self, other)

    def __gt__(self, other: "Any") -> "Expression":
        return _joined(">", self, other)

    def __ge__(self, other: "Any") -> "Expression":
        return _joined(">=", self, other)

    def __eq__(self, other: object) -> "Expression":  # type: ignore[override]
        return _joined("==", self, other)

    def __ne__(self, other: object) -> "Expression":  # type: ignore[override]
        return _joined("!=", self, other)

    def __and__(self, other: "Any") -> "Expression":
        return _joined("&", self, other)

    def __or__(self, other: "Any") -> "Expression":
        return _joined("|", self, other)

    def __invert__(self) -> "Expression":
        return Expression(["~", self.tree])

    def __add__(self, other: "Any") -> "Expression":
        return _joined("+", self, other)

    def __sub__(self, other: "Any") -> "Expression":
        return _joined("-", self, other)

    def __mul__(self, other: "Any") -> "Expression":
        return _joined("*", self, other)

    def __truediv__(self, other: "Any") -> "Expression":
        return _joined("/", self, other)

    def __mod__(self, other: "Any") -> "Expression":
        return _joined("%", self, other)

    def __hash__(self) -> int:
        return hash(repr(self.tree))

    def __bool__(self) -> "NoReturn":
        raise UserErrorException("A condition on data is joined with & | ~, in brackets, not with and, or, not.")

    def __repr__(self) -> str:
        return _written(self.tree)


def column(name: str) -> Expression:
    """Name a column, or something that is known of a file."""
    return Expression([_COLUMN, name])


def evaluate(tree: "list[Any]", look_up: "Callable[[str], Any]") -> "Any":
    """Find the value of a condition.

    Parameters
    ----------
    tree
        The condition.
    look_up
        Gives the value of a column: a series of a table, or one value.
    """
    kind, operands = tree[0], tree[1:]
    if kind == _COLUMN:
        return look_up(operands[0])
    if kind == _VALUE:
        return operands[0]
    if kind == _TIME:
        import datetime as dt  # noqa: PLC0415 - seldom needed

        return dt.datetime.strptime(operands[0], "%Y-%m-%dT%H:%M:%S.%f")  # noqa: DTZ007 - as it was given
    values = [evaluate(operand, look_up) for operand in operands]
    if kind == "~" and isinstance(values[0], bool):
        return not values[0]
    return _OPERATORS[kind](*values)


def _joined(kind: str, left: Expression, right: "Any") -> Expression:
    return Expression([kind, left.tree, _tree(right)])


def _tree(value: "Any") -> "list[Any]":
    if isinstance(value, Expression):
        return value.tree
    if hasattr(value, "strftime"):
        return [_TIME, value.strftime("%Y-%m-%dT%H:%M:%S.%f")]
    if hasattr(value, "item"):
        value = value.item()
    return [_VALUE, value]


def _written(tree: "list[Any]") -> str:
    if tree[0] in {_COLUMN, _TIME, _VALUE}:
        return "col({!r})".format(tree[1]) if tree[0] == _COLUMN else repr(tree[1])
    if tree[0] == "~":
        return "~" + _written(tree[1])
    return "({} {} {})".format(_written(tree[1]), tree[0], _written(tree[2]))
