import { Tile } from "./tile.js";

/** Requests at a time, and the bytes that tiles may take on the graphics card. */
const mostRequests = 6, mostBytes = 160 << 20, mostEmpty = 4096;
/** A tile that could not be loaded is requested again after this time, if it is still in view. */
const retryMilliseconds = 5000;

/** The tiles of a layer: fetches what the view needs, forgets what was not needed for longest. */
export class TileCache {
  #tiles = new Map();
  #bytes = 0;
  #clock = 0;
  #wanted = [];
  #loading = 0;

  constructor(source, renderer, changed, failed) {
    Object.assign(this, { source, renderer, changed, failed });
  }

  get isIdle() {
    return this.#loading === 0 && this.#wanted.length === 0;
  }

  get bytes() {
    return this.#bytes;
  }

  /** A tile that is on the graphics card, or null. */
  find(level, x, y) {
    const tile = this.#tiles.get(`${level}/${x}/${y}`);
    if (!tile || tile.state !== "ready") return null;
    tile.used = ++this.#clock;
    return tile.up;
  }

  /** Whether it is known what a tile shows, be it nothing. */
  isKnown(level, x, y) {
    const key = `${level}/${x}/${y}`, tile = this.#tiles.get(key);
    if (tile?.state === "failed" && performance.now() - tile.failedAt > retryMilliseconds) this.#tiles.delete(key);
    return this.#tiles.has(key) && tile.state !== "loading";
  }

  /** The tiles that the view needs now, the most important first. Requests for others are given up. */
  want(places) {
    const keys = new Set(places.map(({ level, x, y }) => `${level}/${x}/${y}`));
    for (const [key, tile] of this.#tiles) {
      if (tile.state === "loading" && !keys.has(key)) {
        tile.abort.abort();
        this.#tiles.delete(key);
      }
    }
    this.#wanted = places.filter(({ level, x, y }) => !this.#tiles.has(`${level}/${x}/${y}`));
    this.#next();
  }

  #next() {
    while (this.#loading < mostRequests && this.#wanted.length > 0) this.#load(this.#wanted.shift());
  }

  async #load({ level, x, y }) {
    const key = `${level}/${x}/${y}`, tile = { state: "loading", abort: new AbortController(), used: ++this.#clock };
    this.#tiles.set(key, tile);
    this.#loading++;
    try {
      const bytes = await this.source.tile(level, x, y, tile.abort.signal);
      if (this.#tiles.get(key) !== tile) return;
      tile.state = "empty";
      if (bytes) {
        tile.up = this.renderer.upload(new Tile(bytes));
        tile.state = "ready";
        this.#bytes += tile.up.bytes;
      }
      this.#forget();
    } catch (error) {
      if (this.#tiles.get(key) !== tile) return;
      tile.state = "failed";
      tile.failedAt = performance.now();
      this.failed(error);
    } finally {
      this.#loading--;
      this.#next();
      this.changed();
    }
  }

  /** Counts what a tile takes more, for its picture. */
  grow(bytes) {
    this.#bytes += bytes;
  }

  #forget() {
    if (this.#bytes <= mostBytes && this.#tiles.size <= mostEmpty) return;
    const oldest = [...this.#tiles].filter(([, tile]) => tile.state !== "loading").sort((a, b) => a[1].used - b[1].used);
    // Those of the last frames are in view.
    const recent = this.#clock - 200;
    for (const [key, tile] of oldest) {
      if ((this.#bytes <= 0.8 * mostBytes && this.#tiles.size <= 0.8 * mostEmpty) || (tile.state === "ready" && tile.used > recent)) break;
      this.#tiles.delete(key);
      if (!tile.up) continue;
      this.#bytes -= tile.up.bytes;
      this.renderer.remove(tile.up);
    }
  }

  /** Forgets everything; the graphics card has lost it, or the layer is closed. */
  clear(isLost) {
    for (const tile of this.#tiles.values()) {
      tile.abort.abort();
      if (tile.up && !isLost) this.renderer.remove(tile.up);
    }
    this.#tiles.clear();
    this.#wanted = [];
    this.#bytes = 0;
  }
}
