// Objects that are too small to be drawn are counted by cell and class. A cell's colour is the mean of its visible objects' colours; its opacity grows with the
// logarithm of their number against the mean of the slide.
const tileEdge = 512, lowest = 0.15, growth = 0.2, highest = 0.9;

/** The cells of a tile as premultiplied pixels: { pixels, edge }, edge × edge of them. */
export function paintCells(tile, styles, usual) {
  const edge = Math.floor(tileEdge / tile.cellEdge), sums = new Float32Array(4 * edge * edge), pixels = new Uint8Array(4 * edge * edge);
  for (let i = 0; i < tile.cells.length; i++) {
    const style = styles[tile.cellClasses[i]];
    if (!style.isVisible) continue;
    const count = tile.counts[i] * shown(tile.quartiles, 4 * i, style.least), at = 4 * tile.cells[i];
    sums[at] += count * style.red;
    sums[at + 1] += count * style.green;
    sums[at + 2] += count * style.blue;
    sums[at + 3] += count;
  }
  const mean = Math.max(1, usual * tile.cellEdge * tile.cellEdge);
  for (let at = 0; at < sums.length; at += 4) {
    const count = sums[at + 3];
    if (count === 0) continue;
    const strength = Math.min(highest, lowest + growth * Math.log2(1 + count / mean));
    for (let k = 0; k < 3; k++) pixels[at + k] = sums[at + k] / count * strength;
    pixels[at + 3] = 255 * strength;
  }
  return { pixels, edge };
}

/** The part of a cell's objects that have at least a score. Four of the scores are known; between them, the objects are taken as spread evenly. */
function shown(quartiles, at, least) {
  const [a, b, c, d] = [quartiles[at], quartiles[at + 1], quartiles[at + 2], quartiles[at + 3]];
  if (least <= 1 || d >= least) return 1;
  if (a < least) return 0;
  if (b < least) return (a - least + 1) / (a - b + 1) / 3;
  if (c < least) return (1 + (b - least) / Math.max(1, b - c)) / 3;
  return (2 + (c - least) / Math.max(1, c - d)) / 3;
}
