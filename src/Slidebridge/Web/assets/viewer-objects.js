// The objects of a result on the slide, and their panel.
import { ObjectsLayer } from "./objects/objects-layer.js";
import { ObjectsPanel } from "./objects/objects-panel.js";

/** Shows the objects at an address; resolves when the first are there. */
export async function showObjects(viewer, slide, url, place) {
  const layer = new ObjectsLayer(viewer, { source: { url }, slide: { width: slide.width, height: slide.height } });
  const panel = new ObjectsPanel(place, layer, { mpp: slide.mpp ? Math.sqrt(slide.mpp[0] * slide.mpp[1]) : null });
  await layer.ready;
  return { layer, panel, whenIdle: () => layer.whenIdle(), setVisible: visible => layer.setVisible(visible), drawOnto: (context, width, height) => context.drawImage(layer.canvas, 0, 0, width, height) };
}
