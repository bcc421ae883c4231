"""Which runs and models a filter means."""

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any


def fits(values: "dict[str, Any]", wanted: "Any") -> bool:
    """Tell whether tags or properties are the wanted ones, in any of v1's forms.

    Parameters
    ----------
    values
        Those of a run or a model.
    wanted
        A name; a dictionary of names and values; a list of names and of pairs ``[name, value]``; None for any.
    """
    if not wanted:
        return True
    if isinstance(wanted, str):
        return wanted in values
    pairs = wanted.items() if isinstance(wanted, dict) else wanted
    return all(_has(values, pair) for pair in pairs)


def _has(values: "dict[str, Any]", pair: "Any") -> bool:
    key, wanted = (pair, ()) if isinstance(pair, str) else (pair[0], pair[1:])
    return key in values and all(values[key] in {value, str(value)} for value in wanted)
