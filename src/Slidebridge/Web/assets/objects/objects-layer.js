import { Renderer, tileEdge } from "./renderer.js";
import { ObjectsSource } from "./source.js";
import { TileCache } from "./tile-cache.js";
import { matrixOf, sameView, scaleOf, slidePoint, viewOf, visibleBox } from "./view.js";

/** Beyond this many canvas pixels in a level-0 pixel, objects are drawn again for each frame, because their pictures would be seen as pixels. */
const directScale = 1.3;
/** Milliseconds of a frame after which no other picture is painted: while the view moves, and else. */
const movingMilliseconds = 8, stillMilliseconds = 60;
/** How long the slide's own tiles come first, after the view has moved: to paint takes the time in which they would be decoded. */
const slideFirstMilliseconds = 300;
/** Milliseconds between frames that only show a part of what is awaited: each frame costs time in which the rest would come. */
const betweenParts = 60;
/** How near a click must be to an outline or a point, css pixels. */
const clickReach = 5;

/**
 * The objects of a result over an OpenSeadragon viewer. Several layers may lie over one viewer.
 *   options.source  { url } or an ObjectsSource: source.js lists the addresses
 *   options.slide   { width, height }: level-0 pixels
 * Set by the user of the layer, all optional:
 *   onselect(object | null)  an object was clicked, or nothing; the object is what GET {url}/{id} answers
 *   onload(summary)          the summary is there
 *   ondrawn()                a frame was drawn
 *   onerror(error)           something could not be read or drawn
 */
export class ObjectsLayer {
  #viewer;
  #cache;
  #renderer = null;
  #drawn = null;
  #isDirty = true;
  #frame = 0;
  #part = 0;
  #movedAt = 0;
  #isHeld = false;
  #idle = [];
  #styleVersion = 0;
  #selected = null;
  #handlers = [];
  #picks = null;

  constructor(viewer, { source, slide }) {
    this.#viewer = viewer;
    this.source = source instanceof ObjectsSource ? source : new ObjectsSource(source.url);
    this.slide = slide;
    this.summary = null;
    this.opacity = 1;
    this.isVisible = true;
    this.styles = Array.from({ length: 256 }, () => ({ red: 128, green: 128, blue: 128, isVisible: true, least: 0, ownColors: true }));
    this.ready = this.#start();
  }

  async #start() {
    try {
      this.#renderer = new Renderer();
      this.canvas = this.#renderer.canvas;
      this.canvas.className = "objects-canvas";
      for (const [name, value] of [["position", "absolute"], ["left", "0"], ["top", "0"], ["width", "100%"], ["height", "100%"], ["pointer-events", "none"]]) this.canvas.style.setProperty(name, value);
      this.#viewer.canvas.appendChild(this.canvas);
      const drawing = this.#renderer.gl.canvas;
      drawing.addEventListener("webglcontextlost", event => {
        event.preventDefault();
        this.#renderer.lose();
        this.#cache?.clear(true);
      });
      drawing.addEventListener("webglcontextrestored", () => {
        this.#renderer.restart();
        this.redraw();
      });
      this.#listen("update-viewport", () => this.#updated());
      this.#listen("resize", () => this.redraw());
      this.#listen("open", () => this.redraw());
      this.#listen("canvas-click", event => event.quick && this.#pick(event.position));
      this.summary = await this.source.summary();
      this.#cache = new TileCache(this.source, this.#renderer, () => this.#arrived(), error => this.onerror?.(error));
      for (const each of this.summary.classes) this.styles[each.number] = { ...rgb(each.color), isVisible: true, least: 0, ownColors: true };
      this.#renderer.setStyles(this.styles);
      this.onload?.(this.summary);
      this.redraw();
      return this.summary;
    } catch (error) {
      this.onerror?.(error);
      throw error;
    }
  }

  #listen(name, handler) {
    this.#viewer.addHandler(name, handler);
    this.#handlers.push([name, handler]);
  }

  /** Changes the look of a class: { color: "#rrggbb", isVisible, score: the lowest that is shown, or null }. Nothing is fetched again. */
  setClass(number, { color, isVisible, score }) {
    const style = this.styles[number], about = this.summary.classes.find(each => each.number === number);
    if (color !== undefined) Object.assign(style, rgb(color), { ownColors: false });
    if (isVisible !== undefined) style.isVisible = isVisible;
    if (score !== undefined) style.least = leastOf(about, score);
    if (score !== undefined) style.score = score;
    this.#renderer.setStyles(this.styles);
    this.#styleVersion++;
    this.redraw();
  }

  /** 0 to 1, of everything. */
  setOpacity(opacity) {
    this.opacity = opacity;
    this.redraw();
  }

  /** 0 to 1, of the inside of areas; 0 leaves their outlines. */
  setFill(alpha) {
    this.#renderer.fillAlpha = alpha;
    this.#styleVersion++;
    this.redraw();
  }

  setVisible(isVisible) {
    this.isVisible = isVisible;
    this.canvas?.style.setProperty("visibility", isVisible ? "visible" : "hidden");
    this.redraw();
  }

  /** Draws soon, even if the view does not move. */
  redraw() {
    this.#isDirty = true;
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  /** The viewer has drawn. If that completed the slide, for which the objects have waited, it is shown before they are painted. */
  #updated() {
    if (this.#isHeld && this.#viewer.world.getItemAt(0)?.getFullyLoaded()) {
      this.#isHeld = false;
      this.redraw();
    } else this.#draw();
  }

  /** A tile has come. */
  #arrived() {
    if (this.#cache.isIdle) this.redraw();
    else this.#redrawLater();
  }

  #redrawLater() {
    this.#part ||= setTimeout(() => {
      this.#part = 0;
      this.redraw();
    }, betweenParts);
  }

  /** Resolves when everything in view is drawn as it should be. */
  whenIdle() {
    return new Promise(resolve => {
      this.#idle.push(resolve);
      this.redraw();
    });
  }

  /** Selects an object by its id, or none (null), and tells onselect. */
  async select(id) {
    this.#picks?.abort();
    const picks = this.#picks = new AbortController();
    this.#selected = null;
    let object = null;
    if (id !== null) {
      try {
        object = await this.source.object(id, picks.signal);
      } catch (error) {
        if (!picks.signal.aborted) this.onerror?.(error);
        return null;
      }
      if (picks.signal.aborted) return null;
      this.#selected = markOf(object);
    }
    this.redraw();
    this.onselect?.(object);
    return object;
  }

  /** Moves the view to a box: min x, min y, max x, max y, level-0 pixels. */
  show([left, top, right, bottom]) {
    const item = this.#viewer.world.getItemAt(0), size = item.getContentSize(), scale = size.x / this.slide.width;
    // A small object is shown with what is around it.
    const room = Math.max(40, 0.6 * Math.max(right - left, bottom - top));
    const box = item.imageToViewportRectangle((left - room) * scale, (top - room) * scale, (right - left + 2 * room) * scale, (bottom - top + 2 * room) * scale);
    this.#viewer.viewport.fitBounds(box);
  }

  async #pick(position) {
    const view = viewOf(this.#viewer, this.slide);
    if (!view || !this.summary || !this.isVisible) return;
    // In a flipped viewer, OpenSeadragon has mirrored the click's position.
    const x = this.#viewer.viewport.getFlip() ? this.#viewer.viewport.getContainerSize().x - position.x : position.x;
    const at = slidePoint(view, x, position.y);
    try {
      const { objects } = await this.source.at(at.x, at.y, clickReach / scaleOf(view));
      await this.select(objects.find(each => this.#isShown(each))?.id ?? null);
    } catch (error) {
      this.onerror?.(error);
    }
  }

  #isShown(row) {
    const style = this.styles[row.class];
    return style.isVisible && (style.score == null || (row.score ?? -Infinity) >= style.score);
  }

  #draw() {
    const view = viewOf(this.#viewer, this.slide);
    if (!view || !this.#cache || !this.isVisible || this.#renderer.gl.isContextLost()) return;
    const isMoving = !sameView(view, this.#drawn);
    if (!this.#isDirty && !isMoving) return;
    if (isMoving) this.#movedAt = performance.now();
    else if (!this.#viewer.world.getItemAt(0).getFullyLoaded() && performance.now() - this.#movedAt < slideFirstMilliseconds) {
      this.#isHeld = true;
      this.#redrawLater();
      return;
    }
    this.#isHeld = false;
    this.#isDirty = false;
    this.#drawn = view;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (width === 0 || height === 0) return;
    // A software renderer draws css pixels: it has no time for more.
    const ratio = this.#renderer.isSoftware ? 1 : Math.min(2, devicePixelRatio || 1);
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) [this.canvas.width, this.canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];

    const scale = scaleOf(view) * ratio;
    const level = Math.max(0, Math.min(this.summary.levels.length - 1, Math.floor(Math.log2(1 / scale) + 1e-6)));
    const tiles = this.#tilesIn(visibleBox(view, width, height), level);
    this.#cache.want(tiles.filter(tile => !this.#cache.isKnown(tile.level, tile.x, tile.y)));

    const isDirect = level === 0 && scale > directScale;
    const state = { until: performance.now() + (isMoving ? movingMilliseconds : stillMilliseconds), hasPainted: false, isComplete: this.#cache.isIdle };
    // Pictures first: they are painted into textures, not on the canvas.
    if (!isDirect) for (const { level: l, x, y } of tiles) this.#painted(this.#cache.find(l, x, y), l, state);
    this.#renderer.begin(this.canvas.width, this.canvas.height, isDirect);
    for (const tile of tiles) this.#drawTile(tile, view, width, height, isDirect, scale, state);
    this.#renderer.finish();
    if (this.#selected) this.#drawSelected(view, width, height, ratio);
    this.ondrawn?.();
    if (!state.isComplete) {
      if (this.#cache.isIdle) this.redraw();
      return;
    }
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** The tiles of a level in a box, the ones at its centre first. */
  #tilesIn(box, level) {
    const grid = this.summary.levels[level], edge = tileEdge * grid.downsample, tiles = [];
    const [x0, y0] = [Math.max(0, Math.floor(box.left / edge)), Math.max(0, Math.floor(box.top / edge))];
    const [x1, y1] = [Math.min(grid.columns - 1, Math.floor(box.right / edge)), Math.min(grid.rows - 1, Math.floor(box.bottom / edge))];
    grid.keys ??= grid.tiles ? new Set(grid.tiles) : null;
    for (let y = y0; y <= y1; y++) for (let x = x0; x <= x1; x++) if (!grid.keys || grid.keys.has(x + y * grid.columns)) tiles.push({ level, x, y });
    const [middleX, middleY] = [(x0 + x1) / 2, (y0 + y1) / 2];
    return tiles.sort((a, b) => Math.hypot(a.x - middleX, a.y - middleY) - Math.hypot(b.x - middleX, b.y - middleY));
  }

  /** Paints a tile's picture if it is missing or out of date and there is time. Whether there is a picture. */
  #painted(up, level, state) {
    if (!up) return false;
    if (up.styleVersion !== this.#styleVersion) {
      if (!state.hasPainted || performance.now() < state.until) {
        state.hasPainted = true;
        const before = up.bytes;
        this.#renderer.paint(up, this.#usual(level));
        up.styleVersion = this.#styleVersion;
        this.#cache.grow(up.bytes - before);
      } else state.isComplete = false;
    }
    return up.picture !== null;
  }

  /** The mean of the slide: objects in a pixel of the level. */
  #usual(level) {
    const downsample = this.summary.levels[level].downsample;
    return this.summary.objects / Math.max(1, this.slide.width * this.slide.height) * downsample * downsample;
  }

  #drawTile({ level, x, y }, view, width, height, isDirect, scale, state) {
    const downsample = this.summary.levels[level].downsample, edge = tileEdge * downsample, up = this.#cache.find(level, x, y);
    if (up && isDirect) {
      this.#renderer.drawDirectly(up, matrixOf(view, width, height, x * edge, y * edge, downsample), scale * downsample, this.#usual(level), this.opacity, this.#styleVersion);
      return;
    }
    if (up?.picture) {
      this.#renderer.drawPicture(up, matrixOf(view, width, height, x * edge, y * edge, edge), [0, 0, 1, 1], this.opacity);
      return;
    }
    if (this.#cache.isKnown(level, x, y) && !up) return;
    state.isComplete = false;
    // Until it is there: a part of what is known of a coarser level, else what is known of finer ones.
    for (let up1 = 1; level + up1 < this.summary.levels.length; up1++) {
      const parent = this.#cache.find(level + up1, x >> up1, y >> up1), part = 1 / (1 << up1);
      if (!parent?.picture) continue;
      this.#renderer.drawPicture(parent, matrixOf(view, width, height, x * edge, y * edge, edge), [(x - ((x >> up1) << up1)) * part, (y - ((y >> up1) << up1)) * part, part, part], this.opacity);
      return;
    }
    for (let down = 1; down <= 2 && level - down >= 0; down++) {
      for (let i = 0; i < 1 << down; i++) {
        for (let k = 0; k < 1 << down; k++) {
          const [cx, cy, part] = [(x << down) + i, (y << down) + k, edge / (1 << down)], child = this.#cache.find(level - down, cx, cy);
          if (child?.picture) this.#renderer.drawPicture(child, matrixOf(view, width, height, cx * part, cy * part, part), [0, 0, 1, 1], this.opacity);
        }
      }
    }
  }

  #drawSelected(view, width, height, ratio) {
    const { x, y, segments, isPoint } = this.#selected;
    // A point is a ring of constant size.
    const matrix = matrixOf(view, width, height, x, y, isPoint ? 7 / scaleOf(view) : 1), size = [this.canvas.width / 2, this.canvas.height / 2];
    this.#renderer.drawMark(widened(segments, matrix, size, 3 * ratio), [0, 0, 0, 1]);
    this.#renderer.drawMark(widened(segments, matrix, size, 1.5 * ratio), [1, 0.9, 0.1, 1]);
  }

  /** Bytes of tiles on the graphics card. */
  get bytes() {
    return this.#cache?.bytes ?? 0;
  }

  /** Removes the layer from the viewer. */
  destroy() {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#part);
    this.#picks?.abort();
    for (const [name, handler] of this.#handlers) this.#viewer.removeHandler(name, handler);
    this.#cache?.clear(false);
    this.canvas?.remove();
  }
}

function rgb(color) {
  const value = Number.parseInt(color.slice(1), 16);
  return { red: value >> 16, green: (value >> 8) & 255, blue: value & 255 };
}

/** The least score in the units of a tile: 1 to 255 from the class's lowest to its highest. */
function leastOf(about, score) {
  if (score === null || score === undefined || about?.lowestScore === undefined || score <= about.lowestScore) return 0;
  if (score > about.highestScore) return 255;
  if (about.highestScore === about.lowestScore) return 255;
  return Math.min(255, Math.ceil(1 + (score - about.lowestScore) / (about.highestScore - about.lowestScore) * 254 - 0.5));
}

/** An object's outline as segments: x, y, x, y, relative to its box's corner. */
function markOf(object) {
  const [x, y] = object.object.box, segments = [], isPoint = object.object.kind === "point" && object.outline.every(line => line.length === 2);
  if (isPoint) for (let i = 0; i < 16; i++) for (const k of [i, i + 1]) segments.push(Math.cos(k * Math.PI / 8), Math.sin(k * Math.PI / 8));
  else for (const line of object.outline) for (let i = 0; i + 3 < line.length; i += 2) segments.push(line[i] - x, line[i + 1] - y, line[i + 2] - x, line[i + 3] - y);
  return { x, y, segments, isPoint };
}

/** Segments as triangles in clip space, so many pixels wide to each side. `size`: half of the canvas, pixels. */
function widened(segments, m, [halfWidth, halfHeight], wide) {
  const triangles = new Float32Array(3 * segments.length);
  let at = 0;
  for (let i = 0; i < segments.length; i += 4) {
    const [x0, y0, x1, y1] = segments.slice(i, i + 4);
    const [ax, ay] = [(m[0] * x0 + m[3] * y0 + m[6]) * halfWidth, (m[1] * x0 + m[4] * y0 + m[7]) * halfHeight];
    const [bx, by] = [(m[0] * x1 + m[3] * y1 + m[6]) * halfWidth, (m[1] * x1 + m[4] * y1 + m[7]) * halfHeight];
    const length = Math.hypot(bx - ax, by - ay) || 1, [dx, dy] = [(bx - ax) / length * wide, (by - ay) / length * wide];
    const corners = [ax - dx - dy, ay - dy + dx, ax - dx + dy, ay - dy - dx, bx + dx - dy, by + dy + dx, bx + dx + dy, by + dy - dx];
    for (const k of [0, 1, 2, 1, 3, 2]) {
      triangles[at++] = corners[2 * k] / halfWidth;
      triangles[at++] = corners[2 * k + 1] / halfHeight;
    }
  }
  return triangles;
}
