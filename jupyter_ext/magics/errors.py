"""How a magic says that what it was asked for cannot be."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_ext.commands.parser import HelpShown
from jupyter_ext.core.short_errors import shortened
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException

if TYPE_CHECKING:
    from collections.abc import Callable

FunctionT = TypeVar("FunctionT", bound="Callable[..., Any]")


def short_errors(method: FunctionT) -> FunctionT:
    """Let a magic's own errors be short; what anything else raises keeps its traceback."""

    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        try:
            return method(*args, **kwargs)
        except HelpShown:
            return None
        except AzureMLException as error:
            raise shortened(error) from None

    return call  # type: ignore[return-value]
