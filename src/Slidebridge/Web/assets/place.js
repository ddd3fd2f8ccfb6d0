// Where the viewer looks, as a part of the page's address: a link holds the position (level-0 pixels), the scale (screen pixels for each level-0 pixel), and the rotation.
const round = (value, digits) => Number(value.toFixed(digits));

export class Place {
  constructor(address) {
    this.address = address;
  }

  /** Goes to the place of the address, if it names one. */
  restore(viewer) {
    const { values } = this.address, [x, y, scale, rotation] = ["x", "y", "scale", "rotation"].map(name => values.has(name) ? Number(values.get(name)) : NaN);
    const view = viewer.viewport;
    if (Number.isFinite(rotation)) view.setRotation(rotation, true);
    if (Number.isFinite(scale) && scale > 0) view.zoomTo(view.imageToViewportZoom(scale), null, true);
    if (Number.isFinite(x) && Number.isFinite(y)) view.panTo(view.imageToViewportCoordinates(x, y), true);
  }

  /** Writes the address when the viewer has moved. */
  follow(viewer) {
    viewer.addHandler("animation-finish", () => this.#note(viewer));
    viewer.addHandler("rotate", () => this.#note(viewer));
  }

  #note(viewer) {
    const view = viewer.viewport, center = view.viewportToImageCoordinates(view.getCenter()), turned = round(view.getRotation() % 360, 1);
    this.address.change(values => {
      values.set("x", round(center.x, 1));
      values.set("y", round(center.y, 1));
      values.set("scale", round(view.viewportToImageZoom(view.getZoom()), 5));
      if (turned) values.set("rotation", turned); else values.delete("rotation");
    });
  }
}
