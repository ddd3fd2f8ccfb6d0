"""Copies batches to a GPU ahead of the loop that works on them.

    the bridge's slot  ─ 2 copy ─▶  bytes on the GPU  ─ 3 normalise ─▶  pixels on the GPU  ─ 5 ─▶  the loop's stream
          ▲                    └ copied                           └ ready
          └──────────── 4 free ◀──┘

1. The bridge's shared memory is registered with CUDA once for each scan, so that the GPU reads it directly and a copy runs while the program continues.
   If the system refuses this, each batch is first copied into pinned memory of PyTorch.
2. The copy runs on a side stream, beside the model's work on the loop's stream.
3. So does the normalisation.
4. When the event after the copy has completed, and not before, the slot is free and the bridge decodes into it. The program checks this at each step of the loop,
   so a slot is held for at most one step longer than its copy, and at most all slots except one are held.
5. The loop's stream waits for the event after the normalisation. The tensor's memory is kept until the loop's stream has used it (``record_stream``).
6. A loop that never waits for its model's results would queue work and fill the GPU's memory with batches. So at each step the program waits until the model's
   work on all batches except the last ``ahead`` is done.

There is no second thread: the copies of the next batches start before the loop receives a batch, and the GPU makes them while the loop's model works.
"""

from __future__ import annotations

import collections
import ctypes
import mmap
from typing import Any, Callable, Deque, Dict, Iterator, Optional, Tuple, Type

import torch

from . import _tiles

#: ``torch.cuda``, without its annotations: they differ between the versions of PyTorch.
_cuda: Any = torch.cuda

#: One side stream per GPU for the whole process: PyTorch keeps freed memory for the stream that used it, so a new stream per scan would occupy more memory with each scan.
_streams: Dict[torch.device, Any] = {}


class CopiesAhead(Iterator[Any]):
    """Batches on a GPU, with the next ones already on their way.

    form: makes (N, 3, height, width) of (N, height, width, 3) uint8 on the GPU; its ``place`` puts its constants there.
    kind: the class of a batch.
    ahead: the number of batches that are copied besides the one that the loop works on.
    """

    def __init__(self, tiles: _tiles.Tiles, device: torch.device, form: Any, kind: Type[_tiles.Batch], ahead: int) -> None:
        self._tiles, self._device, self._form, self._kind, self._ahead = tiles, device, form, kind, ahead
        # With all slots in copies, the bridge could not decode.
        self._most_copies = max(1, tiles._slots - 1)
        #: Batches that the loop has not received yet, each with the event after its normalisation.
        self._ready: Deque[Tuple[_tiles.Batch, Any]] = collections.deque()
        #: Copies that may still run: the event after each, and its source, which holds the slot.
        self._copying: Deque[Tuple[Any, torch.Tensor]] = collections.deque()
        #: For each of the last steps of the loop, the event after the work that the loop had put onto its stream before.
        self._worked: Deque[Any] = collections.deque()
        self._ended = False
        self._registered: Optional[_Registered] = None
        self._stream = _streams.get(device) or _streams.setdefault(device, _cuda.Stream(device))
        with _cuda.device(device):
            self._registered = _Registered.attempt(tiles._mapped, device) if tiles.count else None
        with _cuda.stream(self._stream):  # Their memory belongs to the stream that reads them.
            form.place(device)

    def __next__(self) -> Any:
        try:
            loops = _cuda.current_stream(self._device)
            self._free()
            self._start()
            if not self._ready:
                raise StopIteration
            self._limit(loops)
            self._free()  # Copies that ended during this wait.
            batch, ready = self._ready.popleft()
            loops.wait_event(ready)
            batch.pixels.record_stream(loops)
            return batch
        except BaseException:
            self.close()
            raise

    def _limit(self, loops: Any) -> None:
        """Waits while the model has more than ``ahead`` batches to do."""
        worked = _cuda.Event(blocking=True)  # A thread that waits for it sleeps: the bridge needs the cores.
        worked.record(loops)
        self._worked.append(worked)
        while len(self._worked) > self._ahead:
            self._worked.popleft().synchronize()

    def _start(self) -> None:
        """Starts the copies of the batches that have arrived; waits for one if the loop would have none."""
        while not self._ended and len(self._ready) <= self._ahead and (not self._ready or self._tiles._has_arrived()):
            if not self._tiles._has_arrived():
                self._finish(0)  # A copy is shorter than a wait for the bridge, which may need the slot.
            self._finish(self._most_copies - 1)
            self._take()

    def _take(self) -> None:
        """Takes a batch and starts its copy. A method, because a variable in the loop would hold the slot."""
        batch = next(self._tiles, None)
        if batch is None:
            self._ended = True
            return
        source = bytes_of(batch, self._tiles)
        if self._registered is None:
            source = source.pin_memory()  # A copy. PyTorch reuses such memory only after the work on it, so the slot is free now.
        copied, ready = _cuda.Event(), _cuda.Event()
        self._copying.append((copied, source))  # Before the copy starts: if anything fails, close() waits for it while the source is held.
        with _cuda.stream(self._stream):
            raw = torch.empty(source.shape, dtype=torch.uint8, device=self._device)
            raw.copy_(source, non_blocking=True)
            copied.record(self._stream)
            pixels = self._form(raw)
            ready.record(self._stream)
        # Without the batch's own pixels, which would hold the slot.
        self._ready.append((self._kind(pixels, batch.x, batch.y, batch.columns, batch.rows, batch.downsample), ready))

    def _finish(self, most: int) -> None:
        """Waits until at most this number of copies run; frees the slots of the others."""
        while len(self._copying) > most:
            self._copying[0][0].synchronize()
            self._copying.popleft()
        self._free()

    def _free(self) -> None:
        """Frees the slots of completed copies."""
        while self._copying and self._copying[0][0].query():
            self._copying.popleft()
        self._tiles._free()

    def close(self) -> None:
        """Waits for the copies that run, then gives up what they use. Sends nothing, because finalizers call it too."""
        self._ended = True
        self._ready.clear()
        try:
            if self._copying:
                self._stream.synchronize()  # Not their events: after an error, a copy may have started whose event was not recorded.
        finally:
            self._copying.clear()
            registered, self._registered = self._registered, None
            if registered is not None:
                registered.release()

    def __del__(self) -> None:
        if hasattr(self, "_stream"):
            self.close()


class _Registered:
    """Memory of the bridge that is registered with CUDA: pinned, so that the GPU reads it directly."""

    def __init__(self, mapped: mmap.mmap, address: int, unregister: Callable[[int], Any]) -> None:
        # The mapping must exist until it is no longer registered.
        self._mapped, self._address, self._unregister = mapped, address, unregister

    @staticmethod
    def attempt(mapped: mmap.mmap, device: torch.device) -> Optional["_Registered"]:
        """Registers a mapping; None if CUDA refuses, for example because the file is on a disk instead of in memory."""
        address = ctypes.addressof(ctypes.c_char.from_buffer(mapped))
        try:
            runtime = _cuda.cudart()
            if int(runtime.cudaHostRegister(address, len(mapped), 0)) == 0:
                return _Registered(mapped, address, runtime.cudaHostUnregister)
        except (AttributeError, RuntimeError):
            pass  # A build of PyTorch without these functions.
        _forget_error(device)
        return None

    def release(self) -> None:
        if int(self._unregister(self._address)) != 0:
            _forget_error(None)


def _forget_error(device: Optional[torch.device]) -> None:
    """CUDA keeps the error of a failed call for the thread, and PyTorch raises it after the next kernel. This is that kernel, so that the classifier's own does not fail."""
    try:
        torch.ones(1, device=device or "cuda")
    except RuntimeError:
        pass


def bytes_of(batch: _tiles.Batch, tiles: _tiles.Tiles) -> torch.Tensor:
    """The pixels of a batch of ``Tiles`` as a tensor (N, height, width, 3) uint8, without a copy. It holds the batch's slot."""
    return torch.frombuffer(batch.pixels, dtype=torch.uint8).view(len(batch), *tiles._shape)
