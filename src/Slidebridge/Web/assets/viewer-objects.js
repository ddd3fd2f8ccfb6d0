// The objects of a result on the slide, and their panel.
import { ObjectsLayer } from "./objects/objects-layer.js";
import { ObjectsPanel } from "./objects/objects-panel.js";
import { ObjectsSource } from "./objects/source.js";

/** Shows objects: { url, query, title, look, colors }, as ObjectsSource and ObjectsPanel take them. Resolves when the first are there. */
export async function showObjects(viewer, slide, { url, query, title, look, colors }, place) {
  const layer = new ObjectsLayer(viewer, { source: new ObjectsSource(url, query), slide: { width: slide.width, height: slide.height } });
  const panel = new ObjectsPanel(place, layer, { mpp: slide.mpp ? Math.sqrt(slide.mpp[0] * slide.mpp[1]) : null, title, look, colors });
  await layer.ready;
  return { layer, panel, whenIdle: () => layer.isVisible ? layer.whenIdle() : Promise.resolve(), setVisible: visible => layer.setVisible(visible), drawOnto: (context, x, width, height) => context.drawImage(layer.canvas, x, 0, width, height) };
}
