"""Threads for what must not hold up the server's event loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

_THREADS = ThreadPoolExecutor(max_workers=8, thread_name_prefix="aml-server")


async def in_thread(function: Callable[..., T], *arguments: object) -> T:
    """Call what reads files or waits for locks."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, function, *arguments)
