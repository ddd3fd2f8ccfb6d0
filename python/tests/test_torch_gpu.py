"""Tests of the order of work on a GPU, with a strict double of PyTorch: they need neither a GPU nor PyTorch."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import itertools
import os
import queue
import sys
import tempfile
import unittest
import weakref
from typing import Any, Dict, Iterator, List, Optional

from slidebridge._tiles import Tiles
from slidebridge.errors import Cancelled, SlideError

from . import fake_torch
from .fake_torch import Gpu

SIDE = 2
TILE = SIDE * SIDE * 3


@contextlib.contextmanager
def with_torch(torch: Any) -> Iterator[Any]:
    """``slidebridge.torch`` on another module ``torch``; None: there is no such module."""
    import slidebridge

    names = ("torch", "slidebridge.torch", "slidebridge._cuda")
    before = {name: sys.modules.pop(name, None) for name in names}
    attributes = {name: slidebridge.__dict__.pop(name) for name in ("torch", "_cuda") if name in slidebridge.__dict__}
    sys.modules["torch"] = torch
    try:
        yield importlib.import_module("slidebridge.torch")
    finally:
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update({name: module for name, module in before.items() if module is not None})
        for name in ("torch", "_cuda"):
            slidebridge.__dict__.pop(name, None)
        slidebridge.__dict__.update(attributes)


class Question:
    """A bridge that fills a slot again as soon as it is free, with the numbers of later tiles.

    eager: whether batches arrive before the program requests them.
    fails: instead of the batch with this number there is this exception.
    """

    def __init__(self, gpu: Gpu, path: str, count: int, batch: int, slots: int, eager: bool, fails: Dict[int, BaseException]) -> None:
        self.gpu, self.is_open, self.fails = gpu, True, fails
        self.answers: "queue.SimpleQueue[Optional[Dict[str, Any]]]" = queue.SimpleQueue()
        self._path, self._count, self._batch, self._slots, self._eager = path, count, batch, slots, eager
        with open(path, "wb") as file:
            file.write(bytes(TILE * batch * slots))
        self._file = open(path, "r+b", buffering=0)
        self._next = itertools.count()
        self._free = list(range(slots))
        self._laid_out = False
        self.tiles: "weakref.ref[Tiles]"  # Weak: the program alone holds them.

    def answer(self) -> Dict[str, Any]:
        if not self._laid_out:
            self._laid_out = True
            layout = {
                "file": self._path, "slots": self._slots, "slotBytes": TILE * self._batch, "width": SIDE, "height": SIDE, "count": self._count, "columns": self._count,
                "rows": 1, "level": 0, "downsample": 1.0, "scaled": False}
            self._fill()
            return layout
        if self.answers.empty():
            self._fill(always=True)
        if self.answers.empty():
            raise AssertionError("the program waits for the bridge, and the bridge for a free slot")
        message = self.answers.get_nowait()
        assert message is not None
        if "raise" in message:
            self.is_open = False
            raise message["raise"]
        return message

    def tell(self, type: str, slot: int) -> None:
        assert type == "free" and self.is_open and slot not in self._free
        if self._is_read(slot):
            self.gpu.wrong.append("a slot is free while a copy reads it")
        self._write(slot, bytes([255]) * TILE * self._batch)
        self._free.append(slot)
        self._fill()

    def close(self) -> None:
        self.is_open = False

    def abandon(self) -> None:
        self.is_open = False

    def end(self) -> None:
        self._file.close()

    @property
    def held(self) -> int:
        """Slots that the program holds."""
        return self._slots - len(self._free) - self.answers.qsize()

    def _fill(self, always: bool = False) -> None:
        while self._free and (self._eager or always):
            number = next(self._next)
            tiles = list(range(number * self._batch, min((number + 1) * self._batch, self._count)))
            if number in self.fails:
                self.answers.put({"raise": self.fails[number]})
                return
            if not tiles:
                self.answers.put({"type": "end"})
                self._eager = False
                return
            slot = self._free.pop(0)
            self._write(slot, b"".join(bytes([tile]) * TILE for tile in tiles))
            x = [float(tile * SIDE) for tile in tiles]
            self.answers.put({"type": "batch", "slot": slot, "count": len(tiles), "columns": tiles, "rows": [0] * len(tiles), "x": x, "y": [0.0] * len(tiles)})
            always = False

    def _write(self, slot: int, data: bytes) -> None:
        self._file.seek(slot * TILE * self._batch)
        self._file.write(data)

    def _is_read(self, slot: int) -> bool:
        tiles = self.tiles()
        assert tiles is not None
        start = ctypes.addressof(ctypes.c_char.from_buffer(tiles._mapped))
        size = TILE * self._batch
        return self.gpu.reads(start + slot * size, size)


class GpuTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self._folder, self._names = folder.name, itertools.count()

    def tiles(self, gpu: Gpu, count: int = 20, batch: int = 2, slots: int = 3, eager: bool = True, fails: Optional[Dict[int, BaseException]] = None) -> Tiles:
        question = Question(gpu, os.path.join(self._folder, str(next(self._names))), count, batch, slots, eager, fails or {})
        self.addCleanup(question.end)
        self.question = question
        tiles = Tiles(question, None)  # type: ignore[arg-type]
        question.tiles = weakref.ref(tiles)
        return tiles

    def assert_right(self, gpu: Gpu) -> None:
        gpu.finish()
        gc.collect()
        self.assertEqual([], gpu.wrong)
        self.assertEqual({}, {} if gpu.refuses else gpu.registered)

    def test_every_tile_reaches_the_model_in_order_however_late_the_GPU_works(self) -> None:
        for prompt, refuses, eager, slots, ahead in itertools.product((False, True), (False, True), (False, True), (3, 8), (1, 2, 9)):
            with self.subTest(prompt=prompt, refuses=refuses, eager=eager, slots=slots, ahead=ahead):
                gpu = Gpu(prompt, refuses)
                with with_torch(fake_torch.module(gpu)) as module:
                    seen: List[Any] = []
                    for batch in module.batches(self.tiles(gpu, 21, 2, slots, eager), mean=(0.5, 0.6, 0.7), std=0.25, ahead=ahead):
                        self.read(gpu, batch.pixels, seen)
                        self.assertEqual((len(batch), 3, SIDE, SIDE), batch.pixels.shape)
                        self.assertEqual([float(column * SIDE) for column in batch.columns], batch.x)
                        del batch  # The model's work may still run.
                    self.assert_right(gpu)
                self.assertEqual(b"".join(bytes([tile]) * TILE for tile in range(21)), b"".join(bytes(value["bytes"]) for value in seen))
                self.assertEqual([["to float32 contiguous", "div 255", "sub (0.5, 0.6, 0.7)", "div (0.25, 0.25, 0.25)"]] * 11, [value["steps"] for value in seen])

    def read(self, gpu: Gpu, pixels: Any, into: List[Any]) -> None:
        """A model's work on the loop's stream."""
        value = pixels.storage.value
        gpu.put(lambda: into.append({"bytes": value["bytes"], "steps": list(value["steps"])}), pixels.storage)

    def test_bytes_and_half_types_have_the_memory_order_that_was_requested(self) -> None:
        for dtype, last, steps in (
            ("uint8", True, ["order channels_last"]), ("uint8", False, ["order contiguous"]), ("float16", True, ["to float32 channels_last", "div 255", "to float16 preserve"])):
            gpu = Gpu()
            with with_torch(fake_torch.module(gpu)) as module:
                seen: List[Any] = []
                for batch in module.batches(self.tiles(gpu, 3), dtype=getattr(sys.modules["torch"], dtype), channels_last=last):
                    self.read(gpu, batch.pixels, seen)
                    del batch
                self.assert_right(gpu)
            self.assertEqual([steps] * 2, [value["steps"] for value in seen])

    def test_copies_run_ahead_of_the_loop_and_not_further(self) -> None:
        for ahead, slots in ((1, 8), (2, 8), (3, 8), (2, 3), (7, 3)):
            gpu = Gpu(prompt=True)
            with with_torch(fake_torch.module(gpu)) as module:
                batches = module.batches(self.tiles(gpu, 40, 2, slots), ahead=ahead)
                for step in range(5):
                    batch = next(batches)
                    copies = sum(1 for work in gpu.all if work.source != (0, 0))
                    self.assertEqual(step + 1 + ahead, copies)
                    del batch
                batches.close()
                self.assert_right(gpu)

    def test_copies_leave_the_bridge_a_slot_to_decode_into(self) -> None:
        for slots, ahead in ((3, 2), (3, 7), (8, 2), (8, 9)):
            gpu = Gpu()  # Copies that end only when something waits for them.
            with with_torch(fake_torch.module(gpu)) as module:
                batches, most = module.batches(self.tiles(gpu, 60, 2, slots), ahead=ahead), 0
                for batch in batches:
                    most = max(most, self.question.held)
                    del batch
                self.assertLess(most, slots)
                self.assertGreater(most, 0)
                self.assert_right(gpu)

    def test_tensors_hold_no_slots_and_a_slot_is_free_when_its_copy_is_done(self) -> None:
        gpu = Gpu(prompt=True)
        with with_torch(fake_torch.module(gpu)) as module:
            batches = module.batches(self.tiles(gpu, 60, 2, 8), ahead=2)
            kept = [next(batches) for _ in range(9)]  # More than there are slots.
            self.assertEqual(0, self.question.held)
            self.assertEqual(9, len(kept))
            batches.close()
            self.assert_right(gpu)

    def test_a_bridge_that_is_slower_than_the_model_is_not_waited_for_while_a_batch_is_ready(self) -> None:
        gpu = Gpu(prompt=True)
        with with_torch(fake_torch.module(gpu)) as module:
            for batch in module.batches(self.tiles(gpu, 20, 2, 3, eager=False), ahead=2):
                self.assertEqual(batch.columns[-1] + 1, 2 * sum(1 for work in gpu.all if work.source != (0, 0)))
                del batch
            self.assert_right(gpu)

    def test_a_loop_that_does_not_wait_for_its_model_is_at_most_so_far_ahead_of_it(self) -> None:
        for ahead in (1, 2, 5):
            gpu, seen, begun = Gpu(), [], 0  # type: Gpu, List[Any], int
            with with_torch(fake_torch.module(gpu)) as module:
                for batch in module.batches(self.tiles(gpu, 60, 2, 8), ahead=ahead):
                    self.assertLessEqual(begun - len(seen), ahead)
                    self.read(gpu, batch.pixels, seen)
                    begun += 1
                    del batch
                self.assert_right(gpu)

    def test_memory_is_registered_once_for_a_scan_and_the_stream_is_kept_for_the_next_one(self) -> None:
        gpu = Gpu()
        with with_torch(fake_torch.module(gpu)) as module:
            for scan in (1, 2):
                for batch in module.batches(self.tiles(gpu)):
                    del batch
                self.assertEqual(scan, gpu.registrations)
                self.assertEqual(2, len(gpu.streams))
            self.assert_right(gpu)

    def test_where_memory_cannot_be_registered_the_error_is_not_the_models(self) -> None:
        gpu = Gpu(refuses=True)
        with with_torch(fake_torch.module(gpu)) as module:
            batches = module.batches(self.tiles(gpu))
            self.assertFalse(gpu.error_kept)
            batches.close()

    def test_a_slide_without_tissue_registers_nothing(self) -> None:
        gpu = Gpu()
        with with_torch(fake_torch.module(gpu)) as module:
            self.assertEqual(0, len(list(module.batches(self.tiles(gpu, 0)))))
        self.assertEqual(0, gpu.registrations)

    def test_errors_in_the_middle_release_everything(self) -> None:
        for error in (SlideError("the tile at 8, 0 is damaged"), Cancelled()):
            gpu = Gpu()
            with with_torch(fake_torch.module(gpu)) as module:
                batches = module.batches(self.tiles(gpu, 40, fails={4: error}))
                with self.assertRaises(type(error)):
                    for batch in batches:
                        del batch
                self.assertEqual({}, gpu.registered)
                self.assertRaises(StopIteration, next, batches)
                self.assert_right(gpu)

    def test_a_GPU_without_memory_ends_the_copy_before_its_slot_is_free(self) -> None:
        gpu = Gpu()
        with with_torch(fake_torch.module(gpu)) as module:
            gpu.fails_at = 5
            with self.assertRaisesRegex(RuntimeError, "out of memory"):
                for batch in module.batches(self.tiles(gpu, 40)):
                    del batch
            self.assert_right(gpu)

    def test_a_loop_that_is_left_or_fails_releases_everything(self) -> None:
        def loop(module: Any, gpu: Gpu, way: str) -> None:
            batches = module.batches(self.tiles(gpu, 40))
            if way == "with":
                with batches:
                    next(batches)
                return
            for _ in batches:
                if way == "break":
                    break
                raise ZeroDivisionError

        for way in ("break", "with", "error"):
            gpu = Gpu()
            with with_torch(fake_torch.module(gpu)) as module:
                with contextlib.suppress(ZeroDivisionError):
                    loop(module, gpu, way)
                self.assertFalse(self.question.is_open)
                self.assertEqual({}, gpu.registered)
                self.assert_right(gpu)

    def test_the_double_notices_what_a_GPU_would_do_wrongly(self) -> None:
        """Each guard of ``slidebridge._cuda`` is removed in turn."""
        removed = {
            "while self._copying and self._copying[0][0].query():": "a slot is free while a copy reads it",
            "loops.wait_event(ready)": "work is not ordered after the tensor's earlier work",
            "batch.pixels.record_stream(loops)": "memory is freed while another stream uses it",
            "self._copying[0][0].synchronize()": "a slot is free while a copy reads it",
            "self._copying.append((copied, source))": "a slot is free while a copy reads it",
            "self._stream.synchronize()": "memory is unregistered while a copy reads it",
        }
        import slidebridge

        with open(os.path.join(os.path.dirname(slidebridge.__file__), "_cuda.py"), encoding="utf-8") as file:
            source = file.read()
        for line, wrong in removed.items():
            with self.subTest(line):
                self.assertEqual(1, source.count(line))
                gpu = Gpu()
                with with_torch(fake_torch.module(gpu)) as module:
                    exec(compile(source.replace(line, "while self._copying:" if line.startswith("while") else "pass"), "_cuda.py", "exec"), module._cuda.__dict__)
                    seen: List[Any] = []
                    for step, batch in enumerate(module.batches(self.tiles(gpu, 40))):
                        self.read(gpu, batch.pixels, seen)
                        del batch
                        if step == 12:
                            break
                    gc.collect()
                    gpu.finish()
                    self.assertIn(wrong, gpu.wrong)


class MissingTests(unittest.TestCase):
    def test_where_PyTorch_is_missing_the_import_says_so_in_a_sentence(self) -> None:
        with self.assertRaises(ModuleNotFoundError) as told:
            with with_torch(None):
                pass
        self.assertEqual("slidebridge.torch needs PyTorch (the module torch), which is missing", str(told.exception))


if __name__ == "__main__":
    unittest.main()
