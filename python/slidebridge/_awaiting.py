"""Waits for what an ``async def`` returns."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any, Optional

_loop: Optional[asyncio.AbstractEventLoop] = None


def finished(value: Any) -> Any:
    """The value; of something to be awaited, what it gives. There is one event loop for the process's life: clients and locks that the code keeps belong to it."""
    global _loop
    if not inspect.isawaitable(value):
        return value
    if _loop is None:
        _loop = asyncio.new_event_loop()
        asyncio.set_event_loop(_loop)
    return _loop.run_until_complete(_awaited(value))


async def _awaited(value: Any) -> Any:
    return await value
