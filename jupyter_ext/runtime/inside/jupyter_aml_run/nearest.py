"""The name that was meant, where another was written."""

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Iterable


def did_you_mean(name: "object", known: "Iterable[object]") -> str:
    """Ask for the known name that is nearest to one that is not known: a sentence to be put behind another.

    Parameters
    ----------
    name
        What was written.
    known
        The names that there are.

    Returns
    -------
    str
        ``" Did you mean 'birds'?"``; empty where none is near.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - every script that imports azureml.core would import it

    by_case = {str(one).lower(): str(one) for one in known}
    near = get_close_matches(str(name).lower(), by_case, 1)
    return " Did you mean {!r}?".format(by_case[near[0]]) if near else ""
