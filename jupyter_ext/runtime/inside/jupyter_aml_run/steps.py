"""What can be done with the rows of a table or the files of a file dataset: each gives another dataset."""

import datetime as dt
import random

from .exceptions import UserErrorException
from .expressions import Expression, column
from .frames import read_frame
from .partitions import Partitions

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any, Iterable

_SEEDS = 2**31


class Steps:
    """What file datasets and tables have in common. Nothing is read before the data are asked for."""

    def _with(self, *step: "Any") -> "Any":
        """Give a dataset like this one with a step more."""
        raise NotImplementedError

    def take(self, count: int) -> "Any":
        """Give the first ``count``."""
        return self._with("take", _count(count))

    def skip(self, count: int) -> "Any":
        """Give all but the first ``count``."""
        return self._with("skip", _count(count))

    def take_sample(self, probability: float, seed: "int | None" = None) -> "Any":
        """Give each with a probability, the same ones each time.

        Parameters
        ----------
        probability
            From 0 to 1.
        seed
            Decides which; None chooses one.
        """
        return self._with("sample", _share(probability, "probability"), _seed(seed))

    def random_split(self, percentage: float, seed: "int | None" = None) -> "tuple[Any, Any]":
        """Give two datasets that share out what this one has.

        Parameters
        ----------
        percentage
            About how much the first gets, from 0 to 1.
        seed
            Decides which; None chooses one.
        """
        share, chosen = _share(percentage, "percentage"), _seed(seed)
        return self._with("split", share, chosen, 0), self._with("split", share, chosen, 1)

    def filter(self, expression: "Any") -> "Any":
        """Give what an expression holds for, such as ``ds["age"] > 30``."""
        if not isinstance(expression, Expression):
            raise UserErrorException(
                'filter takes an expression such as dataset["age"] > 30, not {!r}.'.format(expression)
            )
        return self._with("filter", expression.tree)


class TabularData(Steps):
    """A table: files, how they are read, and what is done with their rows.

    Parameters
    ----------
    definition
        ``table``, ``steps`` and ``partition_format`` as they are written down; ``id``, ``name`` and ``version``.
    files
        Pairs: a file's path within the dataset, and its path on this machine.
    """

    def __init__(self, definition: "dict[str, Any]", files: "Iterable[tuple[str, Any]]") -> None:
        self._given = definition
        self._given_files = list(files)

    @property
    def _definition(self) -> "dict[str, Any]":
        return self._given

    def _files(self, first: bool = False) -> "Iterable[tuple[str, Any]]":
        """Give the files, or the first one alone."""
        return self._given_files[:1] if first else self._given_files

    def _with(self, *step: "Any") -> "Any":
        steps = [*(self._given.get("steps") or []), list(step)]
        return TabularData(dict(self._given, steps=steps, id=None, name=None, version=None), self._given_files)

    def _with_table(self, **options: "Any") -> "Any":
        """Give a table like this one that is read with other options."""
        table = dict(self._given.get("table") or {}, **options)
        return TabularData(dict(self._given, table=table, id=None, name=None, version=None), self._given_files)

    @property
    def id(self) -> "str | None":
        """The dataset's id."""
        return self._definition.get("id")

    @property
    def name(self) -> "str | None":
        """The name it is registered under."""
        return self._definition.get("name")

    @property
    def version(self) -> "int | None":
        """Its version."""
        return self._definition.get("version")

    def __getitem__(self, name: str) -> Expression:
        return column(name)

    def to_pandas_dataframe(self, on_error: str = "null", out_of_range_datetime: str = "null") -> "Any":
        """Read the table into a pandas DataFrame.

        Parameters
        ----------
        on_error, out_of_range_datetime
            Accepted as in v1: a value that is not of its column's type is null.

        Raises
        ------
        UserErrorException
            A file cannot be read, or pandas is not installed.
        """
        del on_error, out_of_range_datetime
        return read_frame(self._files(), self._definition)

    def keep_columns(self, columns: "Any", validate: bool = False) -> "Any":
        """Give a table with these columns only, in this order.

        Parameters
        ----------
        columns
            A name or several.
        validate
            Look now whether they are there.
        """
        return self._checked(self._with("keep_columns", _names(columns)), validate)

    def drop_columns(self, columns: "Any") -> "Any":
        """Give a table without these columns."""
        return self._with("drop_columns", _names(columns))

    @property
    def timestamp_columns(self) -> "tuple[str | None, str | None]":
        """The columns of time, fine and coarse."""
        table = self._definition.get("table") or {}
        return table.get("timestamp"), table.get("partition_timestamp")

    @property
    def partition_keys(self) -> "list[str]":
        """The columns that are read from paths."""
        written = self._definition.get("partition_format")
        return Partitions(written).keys if written else []

    def with_timestamp_columns(
        self,
        timestamp: "str | None" = None,
        partition_timestamp: "str | None" = None,
        validate: bool = False,
        **kwargs: "Any",
    ) -> "Any":
        """Give a table whose columns of time are known, for ``time_before`` and its kin.

        Parameters
        ----------
        timestamp, partition_timestamp
            The columns; None for neither.
        validate
            Look now whether they are there.
        """
        timestamp = timestamp or kwargs.get("fine_grain_timestamp")
        partition_timestamp = partition_timestamp or kwargs.get("coarse_grain_timestamp")
        made = self._with_table(timestamp=timestamp, partition_timestamp=partition_timestamp)
        if validate:
            self.keep_columns([name for name in (timestamp, partition_timestamp) if name], validate=True)
        return made

    def time_before(self, end_time: "Any", include_boundary: bool = True, validate: bool = True) -> "Any":
        """Give the rows before a time."""
        return self._checked(self._with("time", self._time(), None, _moment(end_time), include_boundary), validate)

    def time_after(self, start_time: "Any", include_boundary: bool = True, validate: bool = True) -> "Any":
        """Give the rows after a time."""
        return self._checked(self._with("time", self._time(), _moment(start_time), None, include_boundary), validate)

    def time_between(
        self, start_time: "Any", end_time: "Any", include_boundary: bool = True, validate: bool = True
    ) -> "Any":
        """Give the rows between two times."""
        step = ("time", self._time(), _moment(start_time), _moment(end_time), include_boundary)
        return self._checked(self._with(*step), validate)

    def time_recent(self, time_delta: dt.timedelta, include_boundary: bool = True, validate: bool = True) -> "Any":
        """Give the rows of the last while, counted from the last row."""
        step = ("recent", self._time(), time_delta.total_seconds(), include_boundary, None)
        return self._checked(self._with(*step), validate)

    def _time(self) -> str:
        name = next((one for one in self.timestamp_columns if one), None)
        if name is None:
            raise UserErrorException("No column of time is known: call with_timestamp_columns('<column>') first.")
        return name

    def _checked(self, made: "Any", validate: bool) -> "Any":
        if validate:
            read_frame(made._files(first=True), made._definition)  # noqa: SLF001 - one of its own kind
        return made


def _count(count: "Any") -> int:
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise UserErrorException("{!r} is no count: give a whole number from 0.".format(count))
    return count


def _share(value: "Any", what: str) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= 1:
        raise UserErrorException("The {} is {!r}: give a number from 0 to 1.".format(what, value))
    return float(value)


def _seed(seed: "int | None") -> int:
    return random.SystemRandom().randrange(_SEEDS) if seed is None else int(seed)


def _names(columns: "Any") -> "list[str]":
    return [columns] if isinstance(columns, str) else list(columns)


def _moment(when: "Any") -> str:
    return str(when.isoformat()) if hasattr(when, "isoformat") else str(when)
