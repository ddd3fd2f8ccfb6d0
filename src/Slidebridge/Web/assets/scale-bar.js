// The scale bar, the magnification, and where the pointer is.

/** A length in micrometres with its unit. */
export function micrometres(value) {
  return value >= 1000 ? `${round(value / 1000)} mm` : value >= 1 ? `${round(value)} µm` : `${round(value * 1000)} nm`;
}

const round = value => Number(value.toPrecision(3)).toLocaleString("en");

const svg = (name, attributes) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

export class ScaleBar {
  constructor(viewer, slide, frame) {
    this.viewer = viewer;
    this.slide = slide;
    this.bottom = Object.assign(document.createElement("div"), { className: "bottom" });
    this.bar = Object.assign(document.createElement("span"), { className: "scalebar" });
    this.zoom = document.createElement("span");
    this.position = document.createElement("span");
    this.bottom.append(this.bar, this.zoom, this.position);
    frame.append(this.bottom);
    viewer.addHandler("update-viewport", () => this.update());
    viewer.addHandler("animation", () => this.update());
    new window.OpenSeadragon.MouseTracker({ element: viewer.container, moveHandler: event => this.point(event.position) });
  }

  /** The pointer's place in level-0 pixels. */
  point(position) {
    const { x, y } = this.viewer.viewport.viewerElementToImageCoordinates(position);
    this.position.textContent = `x ${Math.floor(x).toLocaleString("en")}, y ${Math.floor(y).toLocaleString("en")} px`;
  }

  update() {
    const view = this.viewer.viewport;
    const scale = view.viewportToImageZoom(view.getZoom(true)); // Screen pixels for each level-0 pixel.
    if (!Number.isFinite(scale) || scale === this.last) return;
    this.last = scale;
    const power = this.slide.objectivePower;
    this.zoom.textContent = power ? `${Number((power * scale).toPrecision(3))}×` : `${Number((100 * scale).toPrecision(3))} %`;
    // Horizontal pixels; slides whose pixels are not square are rare, and say so in their warnings.
    const unit = this.slide.mpp ? this.slide.mpp[0] : 1;
    const widest = 140 / scale * unit;
    const step = 10 ** Math.floor(Math.log10(widest));
    const length = [5, 2, 1].map(times => times * step).find(value => value <= widest);
    const width = Math.round(length / unit * scale);
    const drawing = svg("svg", { width, height: 6, "aria-hidden": "true" });
    drawing.append(svg("path", { d: `M1 0V5H${width - 1}V0` }));
    this.bar.replaceChildren(document.createTextNode(this.slide.mpp ? micrometres(length) : `${length.toLocaleString("en")} px`), drawing);
    this.bar.dataset.pixels = width;
    this.bar.dataset.length = length;
  }
}
