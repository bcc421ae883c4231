"""The signal module, without the enumerations that make its import slow."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from signal import *  # noqa: F403
else:
    try:
        from _signal import *  # noqa: F403
    except ImportError:  # not CPython
        from signal import *  # noqa: F403
