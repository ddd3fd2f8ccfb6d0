"""A classifier that does nothing with its tiles, and says how fast they came."""

import os
import time

import slidebridge


def nothing(pixels):
    pass


def peak(process):
    """Megabytes."""
    with open(f"/proc/{process}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1000


@slidebridge.classifier
def classify(task):
    results = slidebridge.Results()
    for scan in task.scans:
        width, height = scan.levels[0].tile_width, scan.levels[0].tile_height
        begun = time.perf_counter()
        tiles = 0
        for batch in scan.tiles(size=width, height=height, level=0, batch=64, progress=False):
            for pixels in batch.pixels:
                nothing(pixels)
            tiles += len(batch)
        seconds = time.perf_counter() - begun
        results.scan(scan.id).value("tilesPerSecond", tiles / seconds).value("tiles", tiles).value("bridge", peak(os.getppid())).value("python", peak("self"))
    return results
