// Reads a tile in place (the format: Objects/TileFormat.cs) and prepares the arrays for the graphics card.
const magic = 0x544f4253;

/** Vertices in a row of the texture that holds them. Each is 4 × u32: x and y (i16 each); class, score and flags (u8 each); own colour; 0. */
export const rowLength = 1024;

/** A segment leads from this vertex to the next one. */
export const startsSegment = 1;
/** The object has a colour that is not the class's. */
export const hasOwnColor = 2;

/** The grid that finds areas whose boxes overlap: the edge of a bin in 1/8 pixel of the level, bins along an edge, and the bin of the tile's own edge. */
const bin = 128, bins = 48, binOffset = 8;

export class Tile {
  constructor(buffer) {
    const head = new DataView(buffer);
    if (buffer.byteLength < 32 || head.getUint32(0, true) !== magic || head.getUint16(4, true) !== 1) throw new Error("This is not a tile of objects.");
    const flags = head.getUint16(6, true);
    const [n, r, v, c] = [8, 12, 16, 20].map(at => head.getUint32(at, true));
    let at = 32;
    // A section that does not fit the buffer throws a RangeError here.
    const take = (type, count) => {
      const values = new type(buffer, at, count);
      at += values.byteLength;
      return values;
    };
    this.count = n;
    this.cellEdge = head.getUint16(24, true);
    this.ids = take(Uint32Array, n);
    this.colors = flags & 1 ? take(Uint32Array, n) : null;
    this.xy = take(Int16Array, 2 * v);
    this.quartiles = take(Uint8Array, 4 * c);
    this.rings = take(Uint16Array, n);
    this.lengths = take(Uint16Array, r);
    this.cells = take(Uint16Array, c);
    this.counts = take(Uint16Array, c);
    this.classes = take(Uint8Array, n);
    this.scores = take(Uint8Array, n);
    this.kinds = take(Uint8Array, n);
    this.cellClasses = take(Uint8Array, c);
    if (at !== buffer.byteLength) throw new Error("A tile of objects has the wrong length.");
  }

  /** Arrays for the graphics card: outlines and areas, and points. */
  geometry() {
    const { xy, lengths, rings, kinds } = this;
    let pointCount = 0, vertexCount = 0, triangles = 0;
    for (let i = 0, ring = 0; i < this.count; i++) {
      for (let end = ring + rings[i]; ring < end; ring++) {
        if (kinds[i] === 0) pointCount += lengths[ring];
        else vertexCount += lengths[ring];
        if (kinds[i] === 2 && lengths[ring] > 2) triangles += lengths[ring] - 2;
      }
    }
    const vertices = new Writer(vertexCount), points = new Writer(pointCount), areas = new Areas(triangles);
    for (let i = 0, ring = 0, vertex = 0; i < this.count; i++) {
      const kind = kinds[i], color = this.colors ? this.colors[i] : 0, flags = color ? hasOwnColor : 0;
      const begin = vertices.count;
      let left = 32767, top = 32767, right = -32768, bottom = -32768;
      for (let end = ring + rings[i]; ring < end; ring++) {
        const length = lengths[ring];
        for (let k = 0; k < length; k++, vertex++) {
          const x = xy[2 * vertex], y = xy[2 * vertex + 1];
          if (kind === 0) {
            points.add(x, y, this.classes[i], this.scores[i], flags, color);
            continue;
          }
          vertices.add(x, y, this.classes[i], this.scores[i], flags | (k + 1 < length || length === 1 ? startsSegment : 0), color);
          if (x < left) left = x;
          if (x > right) right = x;
          if (y < top) top = y;
          if (y > bottom) bottom = y;
        }
      }
      if (kind === 2) areas.add(begin, lengths, ring - rings[i], ring, left, top, right, bottom);
    }
    return { vertices, points, indices: areas.finish(), groups: areas.ranges };
  }
}

class Writer {
  constructor(capacity) {
    this.rows = Math.ceil(capacity / rowLength);
    this.words = new Uint32Array(4 * rowLength * this.rows);
    this.count = 0;
  }

  add(x, y, cls, score, flags, color) {
    const at = 4 * this.count++;
    this.words[at] = (x & 0xffff) | (y << 16);
    this.words[at + 1] = cls | (score << 8) | (flags << 16);
    this.words[at + 2] = color;
  }
}

// Areas are filled by the even-odd rule with a stencil buffer, which needs no triangulation and takes self-crossing rings and holes as they are:
// each ring is a fan of triangles, and each triangle inverts the pixels that it covers. Areas that overlap would invert each other, so the ones whose boxes
// overlap are in different groups, and the groups are drawn one after the other.
class Areas {
  #groups = [];
  #taken = new Uint32Array(bins * bins);
  #base = 0;

  constructor(triangles) {
    this.triangles = triangles;
    this.ranges = [];
  }

  add(vertex, lengths, ring, end, left, top, right, bottom) {
    const x0 = clampBin(left), x1 = clampBin(right), y0 = clampBin(top), y1 = clampBin(bottom);
    let used = 0;
    for (let y = y0; y <= y1; y++) for (let x = x0; x <= x1; x++) used |= this.#taken[y * bins + x];
    let free = ~used & (used + 1);
    if (free === 0) {
      // All 32 groups are taken here: the following areas go to new ones.
      this.#taken.fill(0);
      this.#base += 32;
      free = 1;
    }
    for (let y = y0; y <= y1; y++) for (let x = x0; x <= x1; x++) this.#taken[y * bins + x] |= free;
    const group = this.#base + 31 - Math.clz32(free);
    (this.#groups[group] ??= []).push(vertex, ring, end);
    this.lengths = lengths;
  }

  finish() {
    const indices = new Uint16Array(3 * this.triangles);
    let at = 0;
    for (const group of this.#groups) {
      if (!group) continue;
      const start = at;
      for (let i = 0; i < group.length; i += 3) {
        let vertex = group[i];
        for (let ring = group[i + 1]; ring < group[i + 2]; ring++) {
          const length = this.lengths[ring];
          for (let k = 1; k + 1 < length; k++) {
            indices[at++] = vertex;
            indices[at++] = vertex + k;
            indices[at++] = vertex + k + 1;
          }
          vertex += length;
        }
      }
      if (at > start) this.ranges.push({ start, count: at - start });
    }
    return indices;
  }
}

const clampBin = value => Math.max(0, Math.min(bins - 1, Math.floor(value / bin) + binOffset));
