// The ruler and the area: click the corners; lengths and areas in µm and µm² where the slide says its resolution, else in level-0 pixels.
import { micrometres } from "./scale-bar.js";

const ns = "http://www.w3.org/2000/svg";

/** The length of a path of level-0 points. */
export function lengthOf(points, [mx, my] = [1, 1]) {
  let sum = 0;
  for (let i = 1; i < points.length; i++) sum += Math.hypot((points[i].x - points[i - 1].x) * mx, (points[i].y - points[i - 1].y) * my);
  return sum;
}

/** The area of a polygon of level-0 points (shoelace formula). */
export function areaOf(points, [mx, my] = [1, 1]) {
  let sum = 0;
  for (let i = 0; i < points.length; i++) {
    const [a, b] = [points[i], points[(i + 1) % points.length]];
    sum += a.x * b.y - b.x * a.y;
  }
  return Math.abs(sum) / 2 * mx * my;
}

export class Measure {
  constructor(viewer, slide, frame) {
    Object.assign(this, { viewer, slide, mode: null, points: [], isDone: false, onend: () => {} });
    this.drawing = document.createElementNS(ns, "svg");
    this.drawing.classList.add("measure");
    frame.append(this.drawing);
    viewer.addHandler("canvas-click", event => this.click(event));
    viewer.addHandler("canvas-double-click", event => { if (this.mode) { event.preventDefaultAction = true; this.finish(); } });
    viewer.addHandler("update-viewport", () => this.draw());
    new window.OpenSeadragon.MouseTracker({ element: viewer.container, moveHandler: event => { if (this.mode && !this.isDone) { this.hover = viewer.viewport.viewerElementToImageCoordinates(event.position); this.draw(); } } });
  }

  /** Starts or ends a measurement; returns whether one is in progress. */
  toggle(mode) {
    const isSame = this.mode === mode;
    this.clear();
    this.mode = isSame ? null : mode;
    this.viewer.canvas.style.cursor = this.mode ? "crosshair" : "";
    return this.mode !== null;
  }

  clear() {
    Object.assign(this, { mode: null, points: [], hover: null, isDone: false });
    this.viewer.canvas.style.cursor = "";
    this.onend();
    this.draw();
  }

  click(event) {
    if (!this.mode || !event.quick) return;
    event.preventDefaultAction = true;
    if (this.isDone) Object.assign(this, { points: [], isDone: false });
    this.points.push(this.viewer.viewport.viewerElementToImageCoordinates(event.position));
    if (this.mode === "length" && this.points.length === 2) this.finish();
    this.draw();
  }

  finish() {
    this.isDone = true;
    this.hover = null;
    this.draw();
  }

  /** What was measured, as text. */
  text(points) {
    const mpp = this.slide.mpp;
    if (this.mode === "length") return mpp ? micrometres(lengthOf(points, mpp)) : `${Math.round(lengthOf(points)).toLocaleString("en")} px`;
    const area = areaOf(points, mpp);
    return !mpp ? `${Math.round(area).toLocaleString("en")} px²` : area >= 1e5 ? `${Number((area / 1e6).toPrecision(3)).toLocaleString("en")} mm²` : `${Number(area.toPrecision(3)).toLocaleString("en")} µm²`;
  }

  draw() {
    const points = this.hover && !this.isDone ? [...this.points, this.hover] : this.points;
    if (points.length === 0) { if (this.drawing.firstChild) this.drawing.replaceChildren(); return; }
    const on = points.map(point => this.viewer.viewport.imageToViewerElementCoordinates(new window.OpenSeadragon.Point(point.x, point.y)));
    const shape = kind => {
      const made = document.createElementNS(ns, this.mode === "area" && on.length > 2 ? "polygon" : "polyline");
      made.setAttribute("points", on.map(point => `${point.x.toFixed(1)},${point.y.toFixed(1)}`).join(" "));
      made.setAttribute("class", kind);
      return made;
    };
    const text = document.createElementNS(ns, "text");
    text.setAttribute("x", on.at(-1).x + 8);
    text.setAttribute("y", on.at(-1).y - 8);
    if (points.length > 1) text.textContent = this.text(points);
    this.drawing.replaceChildren(shape("shape"), shape("shape inner"), text);
  }
}
