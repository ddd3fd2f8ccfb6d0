// Where the viewer looks, as a part of the page's address: a link holds the position (level-0 pixels), the scale (screen pixels for each level-0 pixel), and the rotation.
const round = (value, digits) => Number(value.toFixed(digits));

export class Place {
  constructor() {
    this.values = new URLSearchParams(location.hash.slice(1));
  }

  /** Goes to the place of the address, if it names one. */
  restore(viewer) {
    const [x, y, scale, rotation] = ["x", "y", "scale", "rotation"].map(name => this.values.has(name) ? Number(this.values.get(name)) : NaN);
    const view = viewer.viewport;
    if (Number.isFinite(rotation)) view.setRotation(rotation, true);
    if (Number.isFinite(scale) && scale > 0) view.zoomTo(view.imageToViewportZoom(scale), null, true);
    if (Number.isFinite(x) && Number.isFinite(y)) view.panTo(view.imageToViewportCoordinates(x, y), true);
  }

  /** Writes the address while the viewer moves. */
  follow(viewer) {
    viewer.addHandler("animation-finish", () => this.write(viewer));
    viewer.addHandler("rotate", () => this.write(viewer));
    addEventListener("hashchange", () => {
      const values = new URLSearchParams(location.hash.slice(1));
      if (values.toString() === this.values.toString()) return;
      this.values = values;
      this.restore(viewer);
    });
  }

  write(viewer) {
    const view = viewer.viewport;
    const center = view.viewportToImageCoordinates(view.getCenter());
    this.values.set("x", round(center.x, 1));
    this.values.set("y", round(center.y, 1));
    this.values.set("scale", round(view.viewportToImageZoom(view.getZoom()), 5));
    if (view.getRotation() % 360) this.values.set("rotation", round(view.getRotation() % 360, 1)); else this.values.delete("rotation");
    history.replaceState(null, "", `#${this.values}`);
  }
}
