"""A strict double of the few parts of PyTorch that ``slidebridge.torch`` uses on a GPU, so that the order of its work is tested without a GPU and without PyTorch.

Its GPU is as lazy as CUDA allows: work that is put onto a stream runs when something waits for it, not earlier. It knows which work is ordered
before which, and notes everything that a real GPU would do wrongly without a word:

- work that reads or writes a tensor without being ordered after the tensor's earlier work;
- memory that is freed while another stream may still use it, without ``record_stream``;
- a copy that reads memory of the host that is not pinned, or no longer;
- the error of a failed call that PyTorch would raise later, at a kernel of the classifier.
"""

from __future__ import annotations

import contextlib
import ctypes
import types
from typing import Any, Callable, Dict, Iterator, List, Optional, Set, Tuple


class Work:
    """A copy or a kernel on a stream."""

    def __init__(self, before: Set["Work"], run: Callable[[], None], source: Tuple[int, int]) -> None:
        self.before, self._run, self.source = set(before), run, source
        self.done = False

    def finish(self) -> None:
        for work in [work for work in self.before if not work.done]:
            work.finish()
        self.before.clear()
        if not self.done:
            self.done = True
            self._run()


class Gpu:
    """The GPU and the host's pinned memory.

    prompt: whether work is done when an event is queried; otherwise only what something waits for is done.
    refuses: whether memory cannot be registered.
    """

    def __init__(self, prompt: bool = False, refuses: bool = False) -> None:
        self.prompt, self.refuses = prompt, refuses
        self.wrong: List[str] = []
        self.registered: Dict[int, int] = {}
        self.registrations = 0
        self.all: List[Work] = []
        self.default = self.current = Stream(self)
        self.streams: List[Stream] = [self.default]
        self.error_kept = False
        #: Raises in the n-th conversion of bytes to numbers, like a GPU without memory.
        self.fails_at: Optional[int] = None
        self.conversions = 0

    def put(self, run: Callable[[], None], *storages: "Storage", source: Tuple[int, int] = (0, 0)) -> Work:
        """Puts work that uses these storages onto the current stream."""
        if self.error_kept:
            self.error_kept = False
            raise RuntimeError("CUDA error: part or all of the requested memory range is already mapped")
        stream = self.current
        for storage in storages:
            if any(not work.done and work not in stream.seen for work in storage.work):
                self.wrong.append("work is not ordered after the tensor's earlier work")
        work = Work(stream.seen, run, source)
        stream.seen.add(work)
        self.all.append(work)
        for storage in storages:
            storage.work.append(work)
            storage.used.setdefault(stream, []).append(work)
        return work

    def finish(self) -> None:
        for work in self.all:
            work.finish()

    def reads(self, start: int, size: int) -> bool:
        """Whether a copy from this memory of the host is not done."""
        return any(not work.done and work.source[0] < start + size and start < work.source[0] + work.source[1] for work in self.all)

    def pinned(self, start: int, size: int) -> bool:
        return any(first <= start and start + size <= first + length for first, length in self.registered.items())


class Stream:
    def __init__(self, gpu: Gpu) -> None:
        self._gpu = gpu
        #: What is ordered before the stream's next work.
        self.seen: Set[Work] = set()

    def wait_event(self, event: "Event") -> None:
        self.seen |= event.before

    def synchronize(self) -> None:
        for work in list(self.seen):
            work.finish()


class Event:
    def __init__(self, gpu: Gpu) -> None:
        self._gpu = gpu
        self.before: Set[Work] = set()

    def record(self, stream: Stream) -> None:
        self.before = set(stream.seen)

    def query(self) -> bool:
        if self._gpu.prompt:
            self.synchronize()
        return all(work.done for work in self.before)

    def synchronize(self) -> None:
        for work in list(self.before):
            work.finish()


class Storage:
    """Memory of a tensor on the GPU: its value when all its work is done."""

    def __init__(self, gpu: Gpu) -> None:
        self._gpu, self._stream = gpu, gpu.current
        self.work: List[Work] = []
        self.used: Dict[Stream, List[Work]] = {}
        self.recorded: Set[Stream] = set()
        self.value: Dict[str, Any] = {"bytes": b"", "steps": []}

    def __del__(self) -> None:
        for stream, work in self.used.items():
            if stream is not self._stream and stream not in self.recorded and not all(one.done for one in work):
                self._gpu.wrong.append("memory is freed while another stream uses it")


class Tensor:
    """A tensor on the GPU, or bytes of the host."""

    def __init__(self, gpu: Gpu, shape: Tuple[int, ...], dtype: str, storage: Optional[Storage] = None, host: Any = None) -> None:
        self.gpu, self.shape, self.dtype, self.storage, self.host = gpu, shape, dtype, storage, host

    def view(self, *shape: int) -> "Tensor":
        return Tensor(self.gpu, shape, self.dtype, self.storage, self.host)

    def permute(self, *order: int) -> "Tensor":
        assert order == (0, 3, 1, 2), order
        return self.view(*(self.shape[i] for i in order))

    def pin_memory(self) -> "Tensor":
        # PyTorch's own pinned memory: it is reused only after the work on it.
        data = bytes(memoryview(self.host).cast("B"))
        kept = (ctypes.c_ubyte * len(data)).from_buffer_copy(data)
        self.gpu.registered[ctypes.addressof(kept)] = len(data)
        pinned = Tensor(self.gpu, self.shape, self.dtype, host=kept)
        KEPT.append(kept)
        return pinned

    def copy_(self, source: "Tensor", non_blocking: bool) -> "Tensor":
        assert non_blocking and self.storage is not None and source.shape == self.shape and source.dtype == self.dtype == "uint8"
        size = memoryview(source.host).nbytes
        start = ctypes.addressof(ctypes.c_ubyte.from_buffer(source.host))
        value, gpu = self.storage.value, self.gpu

        def run() -> None:
            if gpu.pinned(start, size):
                value["bytes"] = ctypes.string_at(start, size)
            else:
                gpu.wrong.append("a copy reads memory that is not pinned")

        gpu.put(run, self.storage, source=(start, size))
        return self

    def contiguous(self, memory_format: str) -> "Tensor":
        return self._made(self.dtype, "order " + memory_format)

    def to(self, dtype: str, memory_format: str = "preserve") -> "Tensor":
        self.gpu.conversions += 1
        if self.gpu.conversions == self.gpu.fails_at:
            raise RuntimeError("CUDA out of memory")
        return self if dtype == self.dtype else self._made(dtype, f"to {dtype} {memory_format}")

    def div_(self, by: Any) -> "Tensor":
        return self._changed("div", by)

    def sub_(self, by: Any) -> "Tensor":
        return self._changed("sub", by)

    def record_stream(self, stream: Stream) -> None:
        assert self.storage is not None
        self.storage.recorded.add(stream)

    def _made(self, dtype: str, step: str) -> "Tensor":
        assert self.storage is not None
        made = Tensor(self.gpu, self.shape, dtype, Storage(self.gpu))
        assert made.storage is not None
        given, value = self.storage.value, made.storage.value
        self.gpu.put(lambda: value.update({"bytes": given["bytes"], "steps": [*given["steps"], step]}), self.storage, made.storage)
        return made

    def _changed(self, step: str, by: Any) -> "Tensor":
        assert self.storage is not None
        other = by.storage if isinstance(by, Tensor) else None
        told = by if other is None else other.value["bytes"]
        value = self.storage.value
        self.gpu.put(lambda: value.update(steps=[*value["steps"], f"{step} {told}"]), self.storage, *([] if other is None else [other]))
        return self


#: Pinned memory that PyTorch keeps for later copies.
KEPT: List[Any] = []


class Device:
    def __init__(self, type: Any, index: Optional[int] = None) -> None:
        name, _, number = str(type).partition(":")
        self.type, self.index = name, int(number) if number else index

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: Any) -> bool:
        return (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))


class Type(str):
    @property
    def is_floating_point(self) -> bool:
        return self.startswith("float")


def module(gpu: Gpu) -> Any:
    """The module ``torch`` of a machine with this GPU. What it does not have is an AttributeError."""
    torch: Any = types.ModuleType("torch")
    torch.uint8, torch.float16, torch.float32, torch.int32 = Type("uint8"), Type("float16"), Type("float32"), Type("int32")
    torch.channels_last, torch.contiguous_format, torch.device = "channels_last", "contiguous", Device

    def empty(shape: Tuple[int, ...], dtype: str, device: Device) -> Tensor:
        assert device == Device("cuda", 0)
        return Tensor(gpu, shape, dtype, Storage(gpu))

    def tensor(values: Tuple[float, ...], dtype: str, device: Device) -> Tensor:
        made = empty((len(values),), dtype, device)
        assert made.storage is not None
        made.storage.value["bytes"] = values
        return made

    def ones(count: int, device: Any) -> Tensor:
        made = empty((count,), "float32", Device("cuda", 0))
        assert made.storage is not None
        gpu.put(lambda: None, made.storage)
        return made

    torch.empty, torch.tensor, torch.ones = empty, tensor, ones
    torch.frombuffer = lambda buffer, dtype: Tensor(gpu, (memoryview(buffer).nbytes,), dtype, host=buffer)
    torch.cuda = _cuda(gpu)
    return torch


def _cuda(gpu: Gpu) -> Any:
    cuda: Any = types.ModuleType("torch.cuda")

    def new_stream(device: Device) -> Stream:
        gpu.streams.append(Stream(gpu))
        return gpu.streams[-1]

    @contextlib.contextmanager
    def on_stream(stream: Stream) -> Iterator[None]:
        before, gpu.current = gpu.current, stream
        try:
            yield
        finally:
            gpu.current = before

    def register(address: int, size: int, flags: int) -> int:
        if gpu.refuses:
            gpu.error_kept = True
            return 712
        assert address not in gpu.registered and flags == 0
        gpu.registered[address] = size
        gpu.registrations += 1
        return 0

    def unregister(address: int) -> int:
        if gpu.reads(address, gpu.registered.pop(address)):
            gpu.wrong.append("memory is unregistered while a copy reads it")
        return 0

    cuda.is_available, cuda.current_device = lambda: True, lambda: 0
    cuda.Stream, cuda.Event = new_stream, lambda blocking=False: Event(gpu)
    cuda.stream, cuda.current_stream = on_stream, lambda device: gpu.current
    cuda.device = lambda device: contextlib.nullcontext()
    cuda.cudart = lambda: types.SimpleNamespace(cudaHostRegister=register, cudaHostUnregister=unregister)
    return cuda
