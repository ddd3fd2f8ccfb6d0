"""Tiles that the bridge decodes into shared memory."""

from __future__ import annotations

import collections
import gc
import weakref
from typing import Any, Deque, Iterator, List, Optional, Tuple

from . import _pixels
from ._channel import Question


class Batch:
    """A few tiles of one size.

    pixels: (N, height, width, 3) uint8 RGB, rows from the top; a numpy array (a memoryview without numpy) over memory that the bridge
        shares, without a copy. It does not change while you hold it or a view of it. Hold only one or two batches at a time, and
        copy what you want to keep (``batch.pixels[i].copy()``): the memory is reused for later tiles.
    x, y: left and top edges in level-0 pixels, N floats each.
    columns, rows: positions in the grid, N ints each.
    """

    __slots__ = ("pixels", "x", "y", "columns", "rows", "downsample", "__weakref__")

    def __init__(self, pixels: Any, x: List[float], y: List[float], columns: List[int], rows: List[int], downsample: float) -> None:
        self.pixels = pixels
        self.x, self.y, self.columns, self.rows = x, y, columns, rows
        #: Level-0 pixels per tile pixel.
        self.downsample = downsample

    def __len__(self) -> int:
        return len(self.x)

    def __iter__(self) -> Iterator[Tuple[Any, float, float]]:
        """Each tile with its left and top edge in level-0 pixels."""
        for i in range(len(self)):
            yield self.tile(i), self.x[i], self.y[i]

    def tile(self, i: int) -> Any:
        """One tile, (height, width, 3) uint8 RGB, without a copy."""
        if not isinstance(self.pixels, memoryview):
            return self.pixels[i]
        shape = (self.pixels.shape or ())[1:]
        size = shape[0] * shape[1] * shape[2]
        return self.pixels.cast("B")[i * size : (i + 1) * size].cast("B", shape)


class Tiles:
    """The tiles of a scan, batch by batch. Meanwhile the bridge decodes the next batches.

    count: number of tiles. columns, rows: size of the whole grid. level: the level they are read from. downsample: level-0 pixels per tile pixel.
    mpp: (x, y) micrometres per tile pixel, or None. scaled: False if the tiles are the level's own pixels.
    """

    def __init__(self, question: Question, report: Optional[Any]) -> None:
        layout = question.answer()
        self.count: int = layout["count"]
        self.columns: int = layout["columns"]
        self.rows: int = layout["rows"]
        self.level: int = layout["level"]
        self.downsample: float = layout["downsample"]
        mpp = layout.get("mpp")
        self.mpp: Optional[Tuple[float, float]] = (mpp["x"], mpp["y"]) if mpp else None
        self.scaled: bool = layout["scaled"]
        #: Of a tile: (height, width, 3).
        self._shape: Tuple[int, int, int] = (layout["height"], layout["width"], 3)
        self._question, self._report = question, report
        self._mapped = _pixels.map_file(layout["file"])
        self._slot_bytes, self._slots = layout["slotBytes"], layout["slots"]
        self._tile_bytes = layout["height"] * layout["width"] * 3
        # Filled by finalizers, which may run at any moment: they must not send.
        self._unused: Deque[int] = collections.deque()
        self._held = 0
        self._done = 0

    def __len__(self) -> int:
        """The number of tiles, not of batches."""
        return self.count

    def __iter__(self) -> "Tiles":
        return self

    def __next__(self) -> Batch:
        if not self._question.is_open:
            raise StopIteration
        if self._report is not None and self.count:
            self._report(self._done / self.count)
        self._free()
        if self._held == self._slots and self._done < self.count:
            gc.collect()
            self._free()
            if self._held == self._slots:
                raise RuntimeError(
                    f"You hold {self._held} batches, so there is no memory for the next one. Keep copies (batch.pixels.copy()) of what you need later, not the batches.")
        message = self._question.answer()
        if message["type"] == "end":
            self.close()
            raise StopIteration
        return self._batch(message)

    def close(self) -> None:
        """Stops the tiles. A loop that reaches its end closes them by itself; so does a loop that is left early, once the tiles are garbage-collected."""
        self._question.close()

    def __enter__(self) -> "Tiles":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_question"):
            self._question.abandon()

    def _batch(self, message: Any) -> Batch:
        count, slot = message["count"], message["slot"]
        memory = _pixels.window(self._mapped, slot * self._slot_bytes, count * self._tile_bytes)
        weakref.finalize(memory, self._unused.append, slot).atexit = False
        self._held += 1
        self._done += count
        return Batch(_pixels.array(memory, (count, *self._shape)), message["x"], message["y"], message["columns"], message["rows"], self.downsample)

    def _has_arrived(self) -> bool:
        """Whether the next step does not have to wait for the bridge."""
        return not self._question.is_open or not self._question.answers.empty()

    def _free(self) -> None:
        """Frees the slots of batches that nobody holds any more."""
        while self._unused and self._question.is_open:
            self._question.tell("free", slot=self._unused.popleft())
            self._held -= 1
