"""How much haematoxylin each tile of tissue holds: a heatmap, a report, a sentence."""

import numpy as np

import slidebridge
from slidebridge import reports

# Optical densities of haematoxylin, eosin and what is left, in red, green and blue (Ruifrok and Johnston, 2001).
STAINS = np.array([(0.65, 0.70, 0.29), (0.07, 0.99, 0.11), (0.27, 0.57, 0.78)])
HAEMATOXYLIN = np.linalg.inv(STAINS / np.linalg.norm(STAINS, axis=1, keepdims=True))[:, 0].astype(np.float32)
# A logarithm for each of the 256 values a pixel can have, instead of one for each pixel.
DENSITY = -np.log10(np.maximum(np.arange(256), 1) / 255).astype(np.float32)
# From this share of dense pixels on, a tile has this colour.
COLORS = [(0.10, "#ffe08a"), (0.25, "#ff8c42"), (0.50, "#b5179e")]


@slidebridge.classifier
def classify(task):
    threshold = task.settings.get("threshold", 0.25)
    results = slidebridge.Results()
    for scan in task.scans:
        tiles = scan.tiles(size=128, mpp=1.0 if scan.mpp else None, tissue=True, batch=64)
        shares, contours = [], []
        for batch in tiles:
            haematoxylin = DENSITY[batch.pixels] @ HAEMATOXYLIN  # (N, 128, 128)
            for share, x, y in zip((haematoxylin > threshold).mean(axis=(1, 2)), batch.x, batch.y):
                shares.append(share)
                if share >= COLORS[0][0]:
                    contours.append((square(x, y, 128 * batch.downsample), [color for least, color in COLORS if share >= least][-1]))
        mean = f"{np.mean(shares):.0%}" if shares else "no tissue"
        report = reports.basic({"Nuclear stain": mean, "Tiles": str(len(shares)), "Dense tiles": str(len(contours))})
        result = results.scan(scan.id).summary(f"nuclear stain: {mean} of {len(shares)} tiles").workflow("Haematoxylin", "Example", report, key="Nuclear stain", value=mean)
        if contours:
            result.heatmap(contours, "haematoxylin")
    return results


def square(x, y, edge):
    return [(x, y), (x + edge, y), (x + edge, y + edge), (x, y + edge)]
