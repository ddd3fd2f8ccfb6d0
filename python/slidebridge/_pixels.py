"""Pixels in memory that the bridge shares."""

from __future__ import annotations

import ctypes
import mmap
import os
from typing import Any, Sequence

try:
    import numpy
except ImportError:  # It is optional.
    numpy = None  # type: ignore[assignment]


def map_file(path: str) -> mmap.mmap:
    """Maps a file of shared pixels. Its name goes at once: what is mapped stays, and nothing is left behind if a process dies."""
    with open(path, "r+b") as file:
        mapped = mmap.mmap(file.fileno(), 0)
    try:
        os.unlink(path)
    except OSError:
        pass  # Not where files in use keep their names; the bridge removes it.
    return mapped


def window(mapped: mmap.mmap, offset: int, size: int) -> Any:
    """Bytes of a mapping as an object that lives as long as anything that looks at them."""
    return (ctypes.c_ubyte * size).from_buffer(mapped, offset)


def array(memory: Any, shape: Sequence[int]) -> Any:
    """A numpy array over memory, uint8, without a copy; a memoryview of the same shape where numpy is missing."""
    if numpy is not None:
        return numpy.frombuffer(memory, numpy.uint8).reshape(shape)
    return memoryview(memory).cast("B").cast("B", list(shape))
