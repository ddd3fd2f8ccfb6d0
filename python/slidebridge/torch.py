"""Batches of tiles as PyTorch tensors on the GPU, normalised there; the same loop runs on the CPU.

    import slidebridge, slidebridge.torch

    for batch in slidebridge.torch.batches(scan.tiles(size=224, mpp=0.5, tissue=True, batch=64), mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)):
        scores = model(batch.pixels)  # (N, 3, 224, 224) float32 on the GPU, or on the CPU if there is no GPU

While the model works on one batch, the next ones are copied to the GPU and normalised there.
"""

from __future__ import annotations

from typing import Any, Iterator, Optional, Sequence, Tuple, Union

try:
    import torch
except ModuleNotFoundError as e:
    if e.name != "torch":
        raise
    raise ModuleNotFoundError("slidebridge.torch needs PyTorch (the module torch), which is missing", name="torch") from None

from . import _cuda, _tiles

#: The values of the three channels, in the order R, G, B, or one value for all.
Channels = Union[float, Sequence[float]]


class Batch(_tiles.Batch):
    """A few tiles of one size, as a tensor.

    pixels: (N, 3, height, width), channels R, G, B, rows from the top, on the device of ``Batches``; the dtype that was requested. On a GPU
        it belongs to the stream that was current when the loop received the batch. For another stream, the rules of PyTorch apply:
        ``stream.wait_stream(torch.cuda.current_stream())`` and ``batch.pixels.record_stream(stream)``.
    x, y: left and top edges in level-0 pixels, N floats each, in Python's memory.
    columns, rows: positions in the grid, N ints each.
    downsample: level-0 pixels per tile pixel.
    """

    __slots__ = ()
    pixels: torch.Tensor


class Batches:
    """The tiles of a scan as tensors, batch by batch; made by ``batches``.

    tiles: the ``Tiles`` that are read: their ``count``, ``columns``, ``rows``, ``downsample`` and ``mpp``.
    device: where the tensors are.
    dtype: their type.
    """

    def __init__(self, tiles: _tiles.Tiles, device: torch.device, form: "_Form", ahead: int) -> None:
        self.tiles, self.device, self.dtype = tiles, device, form.dtype
        self._copies = _cuda.CopiesAhead(tiles, device, form, Batch, ahead) if device.type == "cuda" else None
        if self._copies is None:
            form.place(device)
        # Without CUDA a batch is converted when the loop requests it. Meanwhile the bridge decodes the next ones.
        self._next: Iterator[Batch] = self._copies or map(lambda batch: _converted(batch, tiles, device, form), tiles)

    def __len__(self) -> int:
        """The number of tiles, not of batches."""
        return len(self.tiles)

    def __iter__(self) -> "Batches":
        return self

    def __next__(self) -> Batch:
        return next(self._next)

    def close(self) -> None:
        """Stops the tiles and frees what was copied ahead. A loop that reaches its end, or is left early, does this by itself, as for ``Tiles``."""
        if self._copies is not None:
            self._copies.close()
        self.tiles.close()

    def __enter__(self) -> "Batches":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def batches(
    tiles: _tiles.Tiles, *, device: Union[torch.device, str, None] = None, mean: Optional[Channels] = None, std: Optional[Channels] = None,
    dtype: Optional[torch.dtype] = None, channels_last: bool = False, ahead: int = 2,
) -> Batches:
    """The tiles as tensors (N, 3, height, width) on a device.

    tiles: ``scan.tiles(…)``. Read them only through the result.
    device: "cuda", "cuda:1", "cpu" …; None for the current GPU if PyTorch can use one, otherwise the CPU.
    mean, std: a value for each channel, for pixels from 0 to 1: the tensor is (pixel / 255 - mean) / std, computed in float32 on the device, with the
        same results as torchvision's ToTensor and Normalize. None: 0 and 1, so pixels from 0 to 1.
    dtype: torch.float32 (None), float16, bfloat16, float64; or torch.uint8 for pixels from 0 to 255, without mean and std.
    channels_last: True for tensors in ``torch.channels_last`` order. The shape is the same. With uint8 on the CPU nothing is then copied: the tensor is a view of the
        memory that the bridge decodes into, and as with ``Tiles``, hold only one or two batches.
    ahead: on a GPU, the number of batches that are copied ahead of the one that the loop works on, and the number of batches that the loop may be ahead of its
        model's work. The GPU holds at most 2 × ahead + 2 batches of N × 3 × height × width values, and any that you keep.

    Raises ValueError for arguments that do not fit together, RuntimeError of PyTorch if the device cannot be used.
    """
    if not isinstance(tiles, _tiles.Tiles):
        raise TypeError(f"tiles must be what scan.tiles() returns; it is a {type(tiles).__name__}")
    if ahead < 1:
        raise ValueError(f"ahead must be 1 or more; it is {ahead}")
    wanted = torch.float32 if dtype is None else dtype
    if wanted is not torch.uint8 and not wanted.is_floating_point:
        raise ValueError(f"dtype must be a floating-point type or torch.uint8; it is {wanted}")
    if wanted is torch.uint8 and not (mean is None and std is None):
        raise ValueError("pixels of torch.uint8 are not normalised: leave out mean and std, or choose a floating-point dtype")
    form = _Form(wanted, _channels("mean", mean), _channels("std", std), channels_last)
    if form.std is not None and not all(value > 0 for value in form.std):
        raise ValueError(f"std must be more than 0 in each channel; it is {std}")
    return Batches(tiles, _device(device), form, ahead)


class _Form:
    """Converts the bytes of a batch, on the device."""

    def __init__(self, dtype: torch.dtype, mean: Optional[Tuple[float, ...]], std: Optional[Tuple[float, ...]], channels_last: bool) -> None:
        self.dtype, self.mean, self.std = dtype, mean, std
        self._order = torch.channels_last if channels_last else torch.contiguous_format
        self._mean: Optional[torch.Tensor] = None
        self._std: Optional[torch.Tensor] = None

    def place(self, device: torch.device) -> None:
        """Puts the constants onto the device, once."""
        if self.mean is not None:
            self._mean = torch.tensor(self.mean, dtype=torch.float32, device=device).view(1, 3, 1, 1)
        if self.std is not None:
            self._std = torch.tensor(self.std, dtype=torch.float32, device=device).view(1, 3, 1, 1)

    def __call__(self, raw: torch.Tensor) -> torch.Tensor:
        """(N, height, width, 3) uint8 as (N, 3, height, width) of the dtype and the memory order."""
        pixels = raw.permute(0, 3, 1, 2)
        if self.dtype is torch.uint8:
            return pixels.contiguous(memory_format=self._order)
        # The steps of torchvision in its order, so that the values are equal to the last bit; half types are rounded once, at the end.
        numbers: Any = pixels  # Any: the annotations of older versions have no memory_format.
        pixels = numbers.to(torch.float32, memory_format=self._order).div_(255)
        if self._mean is not None:
            pixels = pixels.sub_(self._mean)
        if self._std is not None:
            pixels = pixels.div_(self._std)
        return pixels.to(self.dtype)


def _converted(batch: _tiles.Batch, tiles: _tiles.Tiles, device: torch.device, form: _Form) -> Batch:
    return Batch(form(_cuda.bytes_of(batch, tiles).to(device)), batch.x, batch.y, batch.columns, batch.rows, batch.downsample)


def _device(device: Union[torch.device, str, None]) -> torch.device:
    """The device with its number, so that a later change of the current GPU does not matter."""
    chosen = torch.device(device if device is not None else "cuda" if torch.cuda.is_available() else "cpu")
    return torch.device("cuda", torch.cuda.current_device()) if chosen.type == "cuda" and chosen.index is None else chosen


def _channels(name: str, value: Optional[Channels]) -> Optional[Tuple[float, ...]]:
    if value is None:
        return None
    values = (float(value),) * 3 if isinstance(value, (int, float)) else tuple(float(v) for v in value)
    if len(values) != 3:
        raise ValueError(f"{name} must have 3 values, for R, G and B; it has {len(values)}")
    return values
