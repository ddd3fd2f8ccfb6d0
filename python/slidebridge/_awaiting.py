"""Runs awaitables, for functions that are ``async def``."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any, Optional

_loop: Optional[asyncio.AbstractEventLoop] = None


def finished(value: Any) -> Any:
    """Returns the value; if it is awaitable, its result. The process has one event loop for its whole life, because clients and locks that the code keeps belong to it."""
    global _loop
    if not inspect.isawaitable(value):
        return value
    if _loop is None:
        _loop = asyncio.new_event_loop()
        asyncio.set_event_loop(_loop)
    return _loop.run_until_complete(_awaited(value))


async def _awaited(value: Any) -> Any:
    return await value
