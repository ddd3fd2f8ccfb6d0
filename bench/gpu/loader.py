"""The usual way without a bridge: a DataLoader whose workers read the same tiles with openslide-python. loader.py SLIDE POSITIONS MODEL BATCH SECONDS WORKERS: prints JSON."""

import json
import sys
import time

import models
import numpy
import openslide
import torch
from models import MEAN, SIZE, STD


class Tiles(torch.utils.data.Dataset):
    def __init__(self, slide, positions):
        self.slide, self.opened = slide, None
        with open(positions) as file:
            self.positions = [tuple(map(float, line.split())) for line in file]

    def __len__(self):
        return len(self.positions)

    def __getitem__(self, i):
        self.opened = self.opened or openslide.OpenSlide(self.slide)  # Once in each worker.
        x, y, downsample = self.positions[i]
        level = self.opened.get_best_level_for_downsample(downsample * 1.02)
        edge = round(SIZE * downsample / self.opened.level_downsamples[level])
        tile = self.opened.read_region((round(x), round(y)), level, (edge, edge)).convert("RGB")
        return torch.from_numpy(numpy.array(tile if edge == SIZE else tile.resize((SIZE, SIZE))))


def main():
    slide, positions, name, batch, seconds, workers = sys.argv[1], sys.argv[2], sys.argv[3], *map(int, sys.argv[4:])
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    dtype, last = torch.float16 if device.type == "cuda" else torch.float32, name.startswith("resnet")
    model = models.build(name, device, dtype)
    mean, std = (torch.tensor(values, device=device).view(1, 3, 1, 1) for values in (MEAN, STD))
    tiles = Tiles(slide, positions)
    loader = torch.utils.data.DataLoader(tiles, batch, num_workers=workers, pin_memory=device.type == "cuda")
    with torch.inference_mode():
        model(torch.zeros(batch, 3, SIZE, SIZE, device=device, dtype=dtype))
        done, arrived, scores = 0, None, []
        begun = time.perf_counter()
        for pixels in loader:
            arrived = arrived or time.perf_counter()
            pixels = pixels.to(device, non_blocking=True).permute(0, 3, 1, 2)
            pixels = pixels.to(torch.float32, memory_format=torch.channels_last if last else torch.contiguous_format).div_(255).sub_(mean).div_(std)
            scores.append(model(pixels.to(dtype)))
            done += len(pixels)
            if time.perf_counter() - begun > seconds:
                break
        torch.cat(scores).cpu()
        ended = time.perf_counter()
    print(json.dumps({"workers": workers, "tiles": done, "inLoopTilesPerSecond": done / (ended - arrived), "wholeTilesPerSecond": done / (ended - begun)}))


if __name__ == "__main__":
    main()
