// The slide as OpenSeadragon's tile source. The tiles that are requested in one frame come in one answer (the bytes: Viewing/SlideTiles.cs): a browser has six connections to a server without HTTP/2,
// and the bridge reads neighbours with one request to the store.

/** Tiles of a request. */
const most = 256;
/** Milliseconds between frames that only show a part of a request's tiles: each frame costs time in which the rest would come. */
const betweenParts = 60;

export function tilesOf(slide) {
  const batches = new Batches(slide.tiles);
  return {
    // Without any overlap, OpenSeadragon stretches each tile by a pixel, and no pixel is what the slide has.
    width: slide.width, height: slide.height, tileSize: slide.tileSize, tileOverlap: 1e-9, minLevel: 0, maxLevel: slide.levels - 1,
    hasTransparency: () => true, // So that tiles' edges are on whole pixels of the screen, without seams.
    getTileUrl: (level, x, y) => `${slide.tiles}/${level}/${x}_${y}.jpg`,
    downloadTileStart: job => batches.add(job),
    downloadTileAbort: job => batches.remove(job),
  };
}

/** OpenSeadragon's limits for the start. It begins with ten times as many tiles in a frame. */
export const limitsOf = (frame, slide) => ({ imageLoaderLimit: most, maxTilesPerFrame: Math.ceil(fillOf(frame, slide) / 10) });

/** From then on OpenSeadragon asks in a frame for as many tiles as fill the viewer, the best ones first: with more, it would also ask for those of smaller levels, which nobody sees once the best ones are there. */
export function limit(viewer, frame, slide) {
  viewer.world.getItemAt(0).maxTilesPerFrame = fillOf(frame, slide);
}

function fillOf(frame, { tileSize = 256 }) {
  const along = pixels => Math.ceil(pixels * devicePixelRatio / tileSize) + 1;
  return Math.min(most, along(frame.clientWidth) * along(frame.clientHeight));
}

class Batches {
  #address;
  #waiting = [];

  constructor(address) {
    this.#address = address;
  }

  add(job) {
    if (this.#waiting.length === 0) queueMicrotask(() => this.#start());
    this.#waiting.push(job);
  }

  /** The view has moved on. A request of which no tile is wanted any more is given up. */
  remove(job) {
    this.#waiting = this.#waiting.filter(each => each !== job);
    const batch = job.userData.batch;
    if (batch?.jobs.delete(job.userData.place) && batch.jobs.size === 0) batch.abort.abort();
  }

  #start() {
    for (const jobs = this.#waiting.splice(0); jobs.length > 0;) this.#load(jobs.splice(0, most));
  }

  async #load(jobs) {
    const batch = { jobs: new Map(jobs.entries()), ready: [], timer: 0, abort: new AbortController() };
    jobs.forEach((job, place) => Object.assign(job.userData, { batch, place }));
    try {
      const answer = await fetch(`${this.#address}/tiles?at=${jobs.map(({ tile }) => `${tile.level}/${tile.x}_${tile.y}`).join(",")}`, { signal: batch.abort.signal });
      if (!answer.ok) throw new Error(`The bridge answered ${answer.status}.`);
      const finished = [];
      await read(answer.body.getReader(), (place, bytes) => finished.push(finish(batch, place, bytes)));
      await Promise.all(finished);
      show(batch);
      throw new Error("The answer ended too early."); // For jobs that are left.
    } catch (error) {
      for (const job of batch.jobs.values()) job.fail(error.message);
    }
  }
}

async function finish(batch, place, bytes) {
  const picture = bytes.length > 0 ? await createImageBitmap(new Blob([bytes])).catch(() => null) : null;
  batch.ready.push([place, picture]);
  // All of them, or those of a while.
  if (batch.ready.length >= batch.jobs.size) show(batch);
  else batch.timer ||= setTimeout(() => show(batch), betweenParts);
}

function show(batch) {
  clearTimeout(batch.timer);
  batch.timer = 0;
  for (const [place, picture] of batch.ready.splice(0)) {
    const job = batch.jobs.get(place);
    batch.jobs.delete(place);
    if (picture) job?.finish(picture, null, "imageBitmap");
    else job?.fail("The tile cannot be read.");
  }
}

/** Passes each tile on as soon as it is complete. */
async function read(reader, each) {
  const header = 8;
  for (let rest = new Uint8Array(0); ;) {
    const { value, done } = await reader.read();
    if (done) return;
    const bytes = new Uint8Array(rest.length + value.length);
    bytes.set(rest);
    bytes.set(value, rest.length);
    const view = new DataView(bytes.buffer);
    let at = 0;
    while (at + header <= bytes.length && at + header + view.getUint32(at + 4, true) <= bytes.length) {
      const end = at + header + view.getUint32(at + 4, true);
      each(view.getUint32(at, true), bytes.subarray(at + header, end));
      at = end;
    }
    rest = bytes.subarray(at);
  }
}
