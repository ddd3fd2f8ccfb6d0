"""Pixels in shared memory of the bridge."""

from __future__ import annotations

import ctypes
import mmap
import os
from typing import Any, Sequence

try:
    import numpy
except ImportError:  # numpy is optional.
    numpy = None  # type: ignore[assignment]


def map_file(path: str) -> mmap.mmap:
    """Maps a file of shared pixels and deletes its name immediately: the mapping remains valid, and no file is left if a process dies."""
    with open(path, "r+b") as file:
        mapped = mmap.mmap(file.fileno(), 0)
    try:
        os.unlink(path)
    except OSError:
        pass  # Some systems cannot delete files in use; then the bridge deletes it.
    return mapped


def window(mapped: mmap.mmap, offset: int, size: int) -> Any:
    """Bytes of a mapping as an object that lives as long as any view of them."""
    return (ctypes.c_ubyte * size).from_buffer(mapped, offset)


def array(memory: Any, shape: Sequence[int]) -> Any:
    """A numpy array over memory, uint8, without a copy; without numpy, a memoryview of the same shape."""
    if numpy is not None:
        return numpy.frombuffer(memory, numpy.uint8).reshape(shape)
    return memoryview(memory).cast("B").cast("B", list(shape))
