"""Tells the checksum of every tile, so that a test can compare it with the tile that the bridge decoded."""

import zlib

import slidebridge


@slidebridge.classifier
def classify(task):
    print("what is printed stays with the task")
    results = slidebridge.Results()
    for scan in task.scans:
        found = {}
        for batch in scan.tiles(size=200, mpp=0.9, batch=7, overlap=20):
            for (pixels, x, y), column, row in zip(batch, batch.columns, batch.rows):
                found[f"{column},{row}"] = [zlib.crc32(pixels), x, y]
        region = scan.region(100, 50, 64, 32)
        thumbnail = scan.thumbnail(300, 300)
        with open(scan.path(), "rb") as file:
            start = file.read(4)
        results.scan(scan.id).summary(f"{len(found)} tiles").value("tiles", found).value("region", zlib.crc32(region)).value(
            "thumbnail", list(thumbnail.shape)).value("tissue", len(scan.tissue())).value("start", start.hex())
    return results
