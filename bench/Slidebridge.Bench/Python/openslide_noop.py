"""The same tiles through openslide-python: openslide_noop.py SLIDE WIDTH HEIGHT PROCESSES."""

import multiprocessing
import sys
import time

import numpy
import openslide


def nothing(pixels):
    pass


def read(path, width, height, part, parts):
    slide = openslide.OpenSlide(path)
    columns, rows = -(-slide.dimensions[0] // width), -(-slide.dimensions[1] // height)
    tiles = 0
    for row in range(part, rows, parts):
        for column in range(columns):
            nothing(numpy.asarray(slide.read_region((column * width, row * height), 0, (width, height)))[:, :, :3])
            tiles += 1
    return tiles


if __name__ == "__main__":
    path, width, height, processes = sys.argv[1], *map(int, sys.argv[2:])
    with multiprocessing.Pool(processes) as pool:
        pool.map(abs, range(processes))  # They are there.
        begun = time.perf_counter()
        tiles = sum(pool.starmap(read, [(path, width, height, part, processes) for part in range(processes)]))
        print(tiles / (time.perf_counter() - begun))
