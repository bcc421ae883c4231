"""Columns that are read from the path of a file: v1's ``partition_format``."""

import re

from .exceptions import UserErrorException

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any

_PARTS = re.compile(r"\{([^{}:]+)(?::([^{}]+))?\}|\*")
_TIMES = {"yyyy": r"\d{4}", "MM": r"\d{2}", "dd": r"\d{2}", "HH": r"\d{2}", "mm": r"\d{2}", "ss": r"\d{2}"}
_DIRECTIVES = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_TIME = re.compile("|".join(_TIMES))


class Partitions:
    """A format such as ``/{state}/{when:yyyy/MM/dd}/data.csv``.

    Parameters
    ----------
    written
        The format.
    """

    def __init__(self, written: str) -> None:
        self._times: "dict[str, str]" = {}
        self.keys: "list[str]" = []
        # the folders before the first column are of the dataset's path as often as not, and tell no column
        written = written[written.rfind("/", 0, max(written.find("{"), 0)) + 1 :]
        pattern, at = "", 0
        for match in _PARTS.finditer(written):
            pattern += re.escape(written[at : match.start()]) + self._group(match)
            at = match.end()
        self._pattern = re.compile("(?:^|/)" + (pattern + re.escape(written[at:])).lstrip("/") + "$")
        self._written = written

    def values(self, path: str) -> "dict[str, Any]":
        """Read the columns from a path.

        Raises
        ------
        UserErrorException
            The path has not this format.
        """
        match = self._pattern.search(path)
        if match is None:
            raise UserErrorException("The path {} does not have the partition format {}.".format(path, self._written))
        return {key: self._value(key, match.group(number + 1)) for number, key in enumerate(self.keys)}

    def _group(self, match: "Any") -> str:
        key, when = match.group(1), match.group(2)
        if key is None:
            return "[^/]*"
        self.keys.append(key)
        if when is None:
            return "([^/]+)"
        self._times[key] = _TIME.sub(lambda part: _DIRECTIVES[part.group()], when)
        return "(" + "".join(_TIMES.get(part) or re.escape(part) for part in _split(when)) + ")"

    def _value(self, key: str, text: str) -> "Any":
        if key not in self._times:
            return text
        import datetime as dt  # noqa: PLC0415 - seldom needed

        return dt.datetime.strptime(text, self._times[key])  # noqa: DTZ007 - a path names no time zone


def _split(when: str) -> "list[str]":
    parts, at = [], 0
    for match in _TIME.finditer(when):
        parts += [when[at : match.start()], match.group()]
        at = match.end()
    return [part for part in [*parts, when[at:]] if part]
