"""Tests of tensors on the CPU, with PyTorch. What happens on a GPU is tested in test_torch_gpu.py, which needs no PyTorch."""

import importlib.util
import os
import unittest
from typing import Any, Dict

from .bridge import HEIGHT, PACKAGE, WIDTH, Bridge

MISSING = importlib.util.find_spec("torch") is None


#: One program for all tests: the import of PyTorch takes seconds.
PROGRAM = """
    import slidebridge, slidebridge.torch, torch

    def loop(tiles):
        found = []
        for batch in slidebridge.torch.batches(tiles, device="cpu", mean=(0.1, 0.2, 0.3), std=0.5):
            assert batch.pixels.is_contiguous()
            found.append([list(batch.pixels.shape), str(batch.pixels.dtype), batch.x, batch.columns, [pixels[:, 1, 2].tolist() for pixels, x, y in batch]])
        return found

    def numbers(tiles):
        return [round(float(batch.pixels.max()) * 255) for batch in list(slidebridge.torch.batches(tiles, device="cpu"))]

    def bytes(tiles):
        return [int(batch.pixels.max()) for batch in list(slidebridge.torch.batches(tiles, device="cpu", dtype=torch.uint8, channels_last=True))]

    def wrong(tiles):
        told = []
        for wrong in (dict(mean=(1, 2)), dict(std=(1, 0, 1)), dict(dtype=torch.int32), dict(dtype=torch.uint8, mean=0.5), dict(ahead=0), dict(tiles="scan")):
            try:
                slidebridge.torch.batches(**{"tiles": tiles, **wrong})
            except (TypeError, ValueError) as e:
                told.append(str(e))
        return told

    def plain(tiles):
        slidebridge._pixels.numpy = None  # As where numpy is missing.
        return [type(next(tiles).pixels).__name__, [round(float(batch.pixels[0].max()) * 255) for batch in slidebridge.torch.batches(tiles, device="cpu")]]

    @slidebridge.classifier
    def classify(task):
        return {"found": globals()[task.model](task.scans[0].tiles(batch=task.settings["batch"]))}
    """


@unittest.skipIf(MISSING, "PyTorch is not installed (pip install torch, or Debian's python3-torch)")
class TorchTests(unittest.TestCase):
    bridge: Bridge

    @classmethod
    def setUpClass(cls) -> None:
        cls.bridge = Bridge(PROGRAM)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.bridge.__exit__()

    def answer_of(self, model: str, count: int, batch: int = 1) -> Dict[str, Any]:
        self.bridge.give(model=model, settings={"batch": batch})
        answer: Any = self.bridge.serve_tiles(count)
        while answer is None or answer["type"] not in ("result", "error"):
            answer = self.bridge.hear("result", "error", "close", "free")
        found: Dict[str, Any] = answer
        return found

    def test_the_same_loop_runs_on_the_CPU(self) -> None:
        found = self.answer_of("loop", 5, 2)["results"]["found"]
        self.assertEqual([[2, 3, HEIGHT, WIDTH]] * 2 + [[1, 3, HEIGHT, WIDTH]], [shape for shape, *_ in found])
        self.assertEqual([0, 1, 2, 3, 4], [column for _, _, _, columns, _ in found for column in columns])
        self.assertEqual([0.0, 4.0], found[0][2])
        self.assertEqual({"torch.float32"}, {dtype for _, dtype, *_ in found})
        for tile, values in enumerate(values for *_, batch in found for values in batch):
            for value, mean in zip(values, (0.1, 0.2, 0.3)):
                self.assertAlmostEqual((tile / 255 - mean) / 0.5, value, 6)

    def test_the_values_are_those_of_the_usual_steps_to_the_last_bit(self) -> None:
        import torch

        from slidebridge.torch import _Form

        mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
        raw = torch.arange(256, dtype=torch.uint8).view(-1, 1, 1, 1).expand(256, 2, 4, 3).contiguous()
        expected = raw.permute(0, 3, 1, 2).contiguous().to(torch.float32).div(255)  # ToTensor
        expected = expected.sub(torch.tensor(mean).view(-1, 1, 1)).div(torch.tensor(std).view(-1, 1, 1))  # Normalize
        for dtype in (torch.float32, torch.bfloat16, torch.float64):
            for last in (False, True):
                form = _Form(dtype, mean, std, last)
                form.place(torch.device("cpu"))
                found = form(raw)
                self.assertTrue(torch.equal(expected.to(dtype), found))
                self.assertTrue(found.is_contiguous(memory_format=torch.channels_last if last else torch.contiguous_format))

    def test_numbers_hold_no_memory_of_the_bridge(self) -> None:
        self.assertEqual(list(range(9)), self.answer_of("numbers", 9)["results"]["found"])

    def test_bytes_in_channels_last_order_are_a_view(self) -> None:
        self.assertEqual([0, 1, 2], self.answer_of("bytes", 3)["results"]["found"])
        self.assertRegex(self.answer_of("bytes", 9)["message"], "You hold 3 batches")

    def test_wrong_arguments_are_refused(self) -> None:
        self.assertEqual([
            "mean must have 3 values, for R, G and B; it has 2", "std must be more than 0 in each channel; it is (1, 0, 1)",
            "dtype must be a floating-point type or torch.uint8; it is torch.int32",
            "pixels of torch.uint8 are not normalised: leave out mean and std, or choose a floating-point dtype", "ahead must be 1 or more; it is 0",
            "tiles must be what scan.tiles() returns; it is a str"], self.answer_of("wrong", 1)["results"]["found"])

    def test_without_numpy_it_works_too(self) -> None:
        found = self.answer_of("plain", 6, 2)["results"]["found"]
        self.assertEqual(["memoryview", [2, 4]], found)

    def test_the_program_of_the_page_runs(self) -> None:
        page = os.path.join(os.path.dirname(PACKAGE), "docs", "classifiers", "python.md")
        with open(page, encoding="utf-8") as file:
            program = file.read().split("## PyTorch", 1)[1].split("```python\n", 1)[1].split("```", 1)[0]
        with Bridge("import torch\ntorch.jit.load = lambda path: torch.nn.Flatten()\n" + program) as bridge:
            bridge.give()
            bridge.serve_tiles(2)
            highest = max((1 / 255 - mean) / std for mean, std in zip((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
            self.assertEqual(f"highest score {highest:.2f}", bridge.answer()["results"]["scanResults"][0]["results"]["summary"])


class MissingTests(unittest.TestCase):
    def test_where_PyTorch_is_missing_the_program_ends_with_a_sentence(self) -> None:
        with Bridge("""
            import sys
            sys.modules["torch"] = None
            import slidebridge.torch
            """) as bridge:
            with self.assertRaisesRegex(AssertionError, r"slidebridge.torch needs PyTorch \(the module torch\), which is missing for .*--python"):
                bridge.hear()


if __name__ == "__main__":
    unittest.main()
