"""What bench.py measures, inside one process, so that all rates have the same GPU at the same temperature.

    bare       the model on tensors that are on the device already, before the slides and after them
    bridge     slidebridge.torch on each scan
    plain      the loop that one writes first: torch.from_numpy, .to(device), normalise, .tolist() at each step
"""

import os
import subprocess
import threading
import time

import models
import slidebridge
import slidebridge.torch
import torch
from models import MEAN, MPP, SIZE, STD


class Clock:
    """The share of the time in which the model's work runs, by events on the GPU around it; nothing on the CPU."""

    def __init__(self, device):
        self.cuda, self.pairs = device.type == "cuda", []

    def __enter__(self):
        if self.cuda:
            self.pairs.append([torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)])
            self.pairs[-1][0].record()

    def __exit__(self, *_):
        if self.cuda:
            self.pairs[-1][1].record()

    def seconds(self):
        return sum(begun.elapsed_time(ended) for begun, ended in self.pairs) / 1000 if self.cuda else None


class Smi:
    """What nvidia-smi says meanwhile: the share of the time in which any kernel ran, and the clock in MHz. Empty without it."""

    def __enter__(self):
        self.rows = []
        try:
            self.process = subprocess.Popen(
                ["nvidia-smi", "--query-gpu=utilization.gpu,clocks.sm", "--format=csv,noheader,nounits", "-lms", "200"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        except OSError:
            self.process = None
            return self
        threading.Thread(target=self.read, daemon=True).start()
        return self

    def read(self):
        for line in self.process.stdout:
            try:
                self.rows.append([float(value) for value in line.split(",")])
            except ValueError:
                pass  # Not supported by this GPU.

    def __exit__(self, *_):
        if self.process:
            self.process.terminate()
            self.process.wait()

    def means(self):
        return [sum(column) / len(self.rows) for column in zip(*self.rows)] if self.rows else [None, None]


def synchronize(device):
    if device.type == "cuda":
        torch.cuda.synchronize(device)


@slidebridge.classifier
class Bench:
    def __init__(self):
        self.device = torch.device("cuda", torch.cuda.current_device()) if torch.cuda.is_available() else torch.device("cpu")
        self.dtype = torch.float16 if self.device.type == "cuda" else torch.float32

    @torch.inference_mode()
    def __call__(self, task):
        settings = task.settings
        name, batch, self.last = settings["model"], settings["batch"], settings["model"].startswith("resnet")
        self.model = models.build(name, self.device, self.dtype)
        format = torch.channels_last if self.last else torch.contiguous_format
        ready = [torch.randn(batch, 3, SIZE, SIZE, device=self.device).to(self.dtype).contiguous(memory_format=format) for _ in range(4)]
        self.bare(ready, settings["seconds"] / 4)  # Warms up.
        bare = [self.bare(ready, settings["seconds"])]
        limit = settings["limit"] * bare[0]  # Tiles that a fast enough loop has done in this time.
        loops = {}
        self.slides(task.scans[:1], batch, "bridge", limit, None)  # Warms up the bridge.
        for loop in ("bridge", "plain"):
            with Smi() as smi:
                loops[loop] = self.slides(task.scans, batch, loop, limit, settings.get("positions") if loop == "bridge" else None)
            loops[loop]["smiBusyPercent"], loops[loop]["smiClockMHz"] = smi.means()
            bare.append(self.bare(ready, settings["seconds"]))
        results = slidebridge.Results()
        results.scan(task.scans[0].id).value("bench", {
            "model": name, "weights": sum(p.numel() for p in self.model.parameters()), "batch": batch, "device": self.name(), "torch": torch.__version__, "dtype": str(self.dtype),
            "bareTilesPerSecond": bare, **loops}).summary(name)
        return results

    def name(self):
        return torch.cuda.get_device_name(self.device) if self.device.type == "cuda" else f"CPU, {torch.get_num_threads()} threads"

    def bare(self, ready, seconds):
        """Tiles per second."""
        synchronize(self.device)
        begun, tiles = time.perf_counter(), 0
        while time.perf_counter() - begun < seconds:
            for pixels in ready:
                self.model(pixels)
                tiles += len(pixels)
            synchronize(self.device)
        return tiles / (time.perf_counter() - begun)

    def slides(self, scans, batch, loop, limit, positions):
        """Scans until about as many tiles as the limit are done, at least one scan. "inLoop" starts with each scan's first batch; "whole" includes finding tissue and waiting for that batch."""
        clock, tiles, done, inside, first = Clock(self.device), 0, 0, 0.0, []
        begun = time.perf_counter()
        for scan in scans:
            if done and tiles + tiles / done > limit:
                break
            started = time.perf_counter()
            given = scan.tiles(size=SIZE, mpp=MPP, tissue=True, batch=batch, progress=False)
            given = given if loop == "plain" else slidebridge.torch.batches(given, device=self.device, mean=MEAN, std=STD, dtype=self.dtype, channels_last=self.last)
            scores, arrived = [], None
            for part in given:
                arrived = arrived or time.perf_counter()
                pixels = part.pixels if loop == "bridge" else self.plain(part.pixels)
                with clock:
                    found = self.model(pixels)
                scores.append(found.tolist() if loop == "plain" else found)
                tiles += len(part)
                if positions and not done:
                    with open(positions, "a") as file:
                        file.writelines(f"{x} {y} {part.downsample}\n" for x, y in zip(part.x, part.y))
            if loop == "bridge" and scores:
                torch.cat(scores).cpu()
            ended = time.perf_counter()
            if arrived:
                first.append(arrived - started)
                inside += ended - arrived
            done += 1
        whole = time.perf_counter() - begun
        busy = clock.seconds()
        return {
            "slides": done, "tiles": tiles, "inLoopTilesPerSecond": tiles / inside, "wholeTilesPerSecond": tiles / whole, "slidesPerMinute": 60 * done / whole,
            "firstBatchSeconds": first, "modelBusyShareInLoop": busy / inside if busy is not None else None, "modelBusyShareWhole": busy / whole if busy is not None else None}

    def plain(self, pixels):
        made = torch.from_numpy(pixels).to(self.device).permute(0, 3, 1, 2).float() / 255
        made = (made - torch.tensor(MEAN, device=self.device).view(1, 3, 1, 1)) / torch.tensor(STD, device=self.device).view(1, 3, 1, 1)
        return made.to(self.dtype).contiguous(memory_format=torch.channels_last if self.last else torch.contiguous_format)
