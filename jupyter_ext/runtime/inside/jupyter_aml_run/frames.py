"""From the files of a tabular dataset to a pandas DataFrame; pandas is that of whoever reads."""

import random

from .exceptions import UserErrorException
from .expressions import evaluate
from .nearest import did_you_mean
from .partitions import Partitions

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any, Iterable

PATH_COLUMN = "Path"
_ENOUGH = frozenset(("keep_columns", "drop_columns", "take"))  # steps that let the reading of files end early


def read_frame(files: "Iterable[tuple[str, Any]]", definition: "dict[str, Any]") -> "Any":
    """Read files as one table, and do the dataset's steps with it.

    Parameters
    ----------
    files
        Pairs: a file's path within the dataset, and its path on this machine.
    definition
        ``table``, ``steps`` and ``partition_format`` of the dataset; ``root``, the folder that its files are within.

    Raises
    ------
    UserErrorException
        pandas or pyarrow is not installed, or a file is not of the format.
    """
    pandas = needed("pandas")
    table, steps = definition.get("table") or {}, definition.get("steps") or []
    partitions = Partitions(definition["partition_format"]) if definition.get("partition_format") else None
    wanted = first_rows(steps)
    frames, rows = [], 0
    for name, path in files:
        limit = None if wanted is None else wanted - rows
        frame = _read(pandas, path, name, table, limit)
        if partitions is not None:
            for key, value in partitions.values(definition.get("root", "") + name).items():
                frame[key] = value
        if table.get("include_path"):
            frame.insert(0, PATH_COLUMN, "/" + name)
        frames.append(frame)
        rows += len(frame)
        if wanted is not None and rows >= wanted:
            break
    if not frames:
        return pandas.DataFrame()
    whole = frames[0] if len(frames) == 1 else pandas.concat(frames, ignore_index=True)
    whole = _with_types(pandas, whole, table.get("set_column_types"))
    for step in steps:
        whole = _do(pandas, whole, step)
    return whole.reset_index(drop=True)


def needed(name: str) -> "Any":
    """Import pandas or pyarrow.

    Raises
    ------
    UserErrorException
        It is not installed; the message tells how to.
    """
    import importlib  # noqa: PLC0415 - pandas costs more

    try:
        return importlib.import_module(name)
    except ImportError:
        raise UserErrorException(
            "Tables need {}, which is not installed here: pip install 'jupyter-aml[data]' in the notebook, and name "
            "pandas (and pyarrow, for parquet) in the environment of a run.".format(name)
        ) from None


def choose(count: int, step: "list[Any]") -> "list[int]":
    """Give the indexes that remain of ``count`` rows or files after a step that looks at nothing but their order.

    Parameters
    ----------
    count
        How many there are.
    step
        ``take n``, ``skip n``, ``sample probability seed`` or ``split percentage seed part``.
    """
    kind = step[0]
    if kind == "take":
        return list(range(min(count, int(step[1]))))
    if kind == "skip":
        return list(range(int(step[1]), count))
    chance = random.Random(step[2])  # noqa: S311 - the same rows each time are what is asked for
    first = kind == "sample" or step[3] == 0
    return [index for index in range(count) if (chance.random() < float(step[1])) == first]


def first_rows(steps: "list[list[Any]]") -> "int | None":
    """Give how many rows are needed at most, where that is known before any is read."""
    for step in steps:
        if step[0] == "take":
            return int(step[1])
        if step[0] not in _ENOUGH:
            return None
    return None


def _read(pandas: "Any", path: "Any", name: str, table: "dict[str, Any]", limit: "int | None") -> "Any":
    kind = table.get("format")
    try:
        if kind == "parquet":
            needed("pyarrow")
            return pandas.read_parquet(path)
        if kind == "json_lines":
            return _read_json_lines(pandas, path, table, limit)
        return _read_delimited(pandas, path, table, limit)
    except UserErrorException:
        raise
    except pandas.errors.EmptyDataError:
        return pandas.DataFrame()
    except Exception as error:
        text = " ".join(str(error).split()).rstrip(".")
        raise UserErrorException("{} cannot be read as {}: {}.".format(name, kind, text)) from error


def _read_delimited(pandas: "Any", path: "Any", table: "dict[str, Any]", limit: "int | None") -> "Any":
    header = table.get("header", True)
    typed = table.get("infer_column_types", True)
    keep = {"keep_default_na": False, "na_values": []} if table.get("empty_as_string") and not typed else {}
    frame = pandas.read_csv(
        path,
        sep=table.get("separator", ","),
        header=0 if header else None,
        encoding=table.get("encoding", "utf-8"),
        dtype=None if typed else str,
        nrows=limit,
        skipinitialspace=True,
        **keep,
    )
    if not header:
        frame.columns = ["Column{}".format(number + 1) for number in range(len(frame.columns))]
    if table.get("empty_as_string"):
        texts = frame.select_dtypes(include=["object", "string"]).columns
        frame[texts] = frame[texts].fillna("")
    return frame


def _read_json_lines(pandas: "Any", path: "Any", table: "dict[str, Any]", limit: "int | None") -> "Any":
    import json  # noqa: PLC0415 - most tables are not JSON

    rows: "list[Any]" = []
    with open(str(path), encoding=table.get("encoding", "utf-8")) as lines:
        for number, line in enumerate(lines, 1):
            if limit is not None and len(rows) >= limit:
                break
            if not line.strip():
                continue
            try:
                rows.append(json.loads(line))
            except ValueError:
                if table.get("invalid_lines") != "drop":
                    raise UserErrorException(
                        "Line {} of {} is not JSON: mend it, or pass invalid_lines='drop'.".format(number, path)
                    ) from None
    return pandas.DataFrame(rows)


def _with_types(pandas: "Any", frame: "Any", types: "dict[str, Any] | None") -> "Any":
    for column, kind in (types or {}).items():
        if column not in frame.columns:
            raise UserErrorException(
                "set_column_types names {!r}, which is no column: {}.{}".format(
                    column, ", ".join(map(str, frame.columns)), did_you_mean(column, frame.columns)
                )
            )
        frame[column] = _converted(pandas, frame[column], kind)
    return frame


def _converted(pandas: "Any", series: "Any", kind: "list[Any]") -> "Any":
    name, formats = kind[0], kind[1:]
    if name == "datetime":
        asked = {"format": formats[0]} if formats else {}
        return pandas.to_datetime(series, errors="coerce", **asked)
    if name == "bool":
        words = series.astype(str).str.strip().str.lower()
        return words.map({"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False})
    if name in {"long", "float"}:
        numbers = pandas.to_numeric(series, errors="coerce")
        return numbers.astype("Int64") if name == "long" and numbers.isna().any() else numbers
    return series.where(series.isna(), series.astype(str))


def _do(pandas: "Any", frame: "Any", step: "list[Any]") -> "Any":
    kind = step[0]
    if kind in {"take", "skip", "sample", "split"}:
        return frame.iloc[choose(len(frame), step)].reset_index(drop=True)
    if kind == "keep_columns":
        return frame[_known(frame, step[1])]
    if kind == "drop_columns":
        return frame.drop(columns=_known(frame, step[1]))
    if kind == "filter":
        return frame[evaluate(step[1], lambda name: frame[_known(frame, [name])[0]])]
    return _between(pandas, frame, step)


def _known(frame: "Any", names: "list[str]") -> "list[str]":
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise UserErrorException(
            "There is no column {}. The columns: {}.{}".format(
                ", ".join(map(repr, missing)),
                ", ".join(map(str, frame.columns)),
                did_you_mean(missing[0], frame.columns),
            )
        )
    return names


def _between(pandas: "Any", frame: "Any", step: "list[Any]") -> "Any":
    """Keep the rows of a time: ``time column start end include_boundary``, or ``recent column seconds``."""
    times = pandas.to_datetime(frame[_known(frame, [step[1]])[0]])
    start, end, inclusive = step[2:5]
    if step[0] == "recent":
        start, end = times.max() - pandas.Timedelta(seconds=step[2]), None
        inclusive = step[3]
    keep = times.notna()
    if start is not None:
        start = _moment(pandas, start, times)
        keep &= times >= start if inclusive else times > start
    if end is not None:
        end = _moment(pandas, end, times)
        keep &= times <= end if inclusive else times < end
    return frame[keep]


def _moment(pandas: "Any", when: "Any", times: "Any") -> "Any":
    moment = pandas.Timestamp(when)
    zone = times.dt.tz
    if zone is not None and moment.tzinfo is None:
        return moment.tz_localize(zone)
    return moment.tz_localize(None) if zone is None and moment.tzinfo is not None else moment
