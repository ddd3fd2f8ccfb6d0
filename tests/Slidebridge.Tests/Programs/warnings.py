"""Tells what the bridge says of the slide: its resolution, its warnings before and after looking at it, and what is refused."""

import slidebridge


@slidebridge.classifier
def classify(task):
    results = slidebridge.Results()
    for scan in task.scans:
        before = [w.code for w in scan.warnings]
        scan.region(1100, 100, 64, 64, level=1)
        refused = ""
        try:
            for _ in scan.tiles(size=64, mpp=scan.mpp[0] / 3):
                pass
        except ValueError as error:
            refused = str(error)
        tiles = sum(len(batch) for batch in scan.tiles(size=512, mpp=scan.mpp[0] / 2.5, allow_upsampling=True))
        results.scan(scan.id).summary(f"{scan.mpp[0]} {before} {[w.code for w in scan.warnings]} {tiles > 0}").value("refused", refused)
    return results
