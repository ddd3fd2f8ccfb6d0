// The viewer of one scan: the slide by Deep Zoom tiles that the bridge reads by ranges, or the task's kept picture; the result's objects on it.
import { headers } from "./live.js";
import { ScaleBar } from "./scale-bar.js";
import { Measure } from "./measure.js";
import { Place } from "./place.js";
import { limit, limitsOf, tilesOf } from "./slide-tiles.js";

const OpenSeadragon = window.OpenSeadragon;
const frame = document.getElementById("viewer");
const notes = document.getElementById("viewer-notes");

// OpenSeadragon adds a style element unless it finds one; the page's policy forbids inline styles, so it finds an element of this name that is none.
const found = document.createElementNS("urn:none", "style");
found.setAttribute("data-openseadragon-mobile-css", "");
document.head.append(found);

export function note(text, isBad = false) {
  const line = Object.assign(document.createElement("p"), { textContent: text, className: isBad ? "notice bad" : "notice" });
  for (const old of notes.children) if (old.textContent === text) return;
  notes.append(line);
}

async function json(path) {
  const response = await fetch(path, { headers: headers() });
  if (response.status === 401) location.reload();
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new Error(body?.detail ?? `The bridge answered ${response.status}.`);
  return body;
}

/** The kept picture, stretched to the slide's size so that coordinates are level-0 pixels. */
function pictureOf(frame) {
  const [width, height] = [Number(frame.dataset.pictureWidth), Number(frame.dataset.pictureHeight)];
  if (!width || !height) return null;
  // One tile that is the whole picture: its own pixels do not matter to the geometry.
  return { width, height, tileWidth: width, tileHeight: height, minLevel: 0, maxLevel: 0, getTileUrl: () => frame.dataset.picture };
}

async function open() {
  let slide;
  try {
    slide = await json(frame.dataset.slide);
    for (const warning of slide.warnings) note(`${warning.message}`);
    if (slide.source === "copy") note("The slide is read from the bridge's copy.");
  } catch (error) {
    const picture = pictureOf(frame);
    note(error.message, true);
    if (!picture) {
      frame.append(Object.assign(document.createElement("p"), { className: "viewer-message", textContent: "The slide cannot be shown, and the task keeps no picture of it." }));
      frame.dataset.state = "empty";
      return;
    }
    note("What you see is the small picture that the task keeps.");
    slide = { width: picture.width, height: picture.height, picture };
  }

  const place = new Place();
  const viewer = new OpenSeadragon.Viewer({
    element: frame, tileSources: slide.picture ?? tilesOf(slide), prefixUrl: "", showNavigationControl: false, drawer: "canvas", crossOriginPolicy: false,
    showNavigator: true, navigatorPosition: "BOTTOM_RIGHT", navigatorSizeRatio: 0.16, animationTime: 0.3, springStiffness: 9, blendTime: 0, immediateRender: true, ...limitsOf(frame, slide),
    // A little more than a half: at 1/2, 1/4 … the level of that size is enough, without the four times as many tiles of the next one.
    minPixelRatio: 0.505, maxZoomPixelRatio: 8, minZoomImageRatio: 0.6, visibilityRatio: 0.3, timeout: 60000, gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true }, gestureSettingsTouch: { pinchRotate: true },
    tileRetryMax: 3, tileRetryDelay: 500, // A node may die, or the store be busy for a moment.
    loadTilesWithAjax: false, subPixelRoundingForTransparency: OpenSeadragon.SUBPIXEL_ROUNDING_OCCURRENCES.ALWAYS,
  });
  viewer.slide = slide;
  window.slidebridge = { viewer, slide };
  const failed = { count: 0 };
  viewer.addHandler("tile-load-failed", async event => {
    if (!event.maxReached || failed.count++ > 0) return;
    try { await json(event.tile.getUrl()); note("Some tiles of the slide could not be shown.", true); }
    catch (error) { note(`Some tiles of the slide cannot be shown: ${error.message}`, true); }
  });
  viewer.addHandler("open-failed", event => note(`The slide cannot be shown: ${event.message}`, true));
  viewer.addHandler("open", async () => {
    limit(viewer, frame, slide);
    place.restore(viewer);
    snap(viewer);
    viewer.addHandler("animation-finish", () => snap(viewer));
    const scale = new ScaleBar(viewer, slide, frame);
    const measure = new Measure(viewer, slide, frame);
    addTools(viewer, measure, frame);
    place.follow(viewer);
    scale.update();
    frame.dataset.state = "open";
    let shown = Promise.resolve();
    const show = () => shown = shown.then(() => frame.dataset.objects && addObjects(viewer, slide)).catch(error => note(`The result's objects cannot be shown: ${error.message}`, true));
    // Another result of the same slide: its address is in data-objects.
    frame.addEventListener("objects", show);
    await show();
  });
}

/** At 1:1, pixels of the slide lie exactly on pixels of the screen. */
function snap(viewer) {
  const view = viewer.viewport;
  if (Math.abs(view.viewportToImageZoom(view.getZoom()) * devicePixelRatio - 1) > 1e-6 || view.getRotation() % 90) return;
  const at = view.imageToViewerElementCoordinates(new OpenSeadragon.Point(0, 0));
  const [dx, dy] = [at.x, at.y].map(value => Math.round(value * devicePixelRatio) / devicePixelRatio - value);
  if (Math.abs(dx) + Math.abs(dy) > 1e-3) view.panBy(view.deltaPointsFromPixels(new OpenSeadragon.Point(-dx, -dy)), true);
}

async function addObjects(viewer, slide) {
  const { showObjects } = await import("./viewer-objects.js");
  const before = window.slidebridge.objects;
  window.slidebridge.objects = await showObjects(viewer, slide, frame.dataset.objects, document.getElementById("objects"));
  before?.layer.destroy();
}

function button(text, label, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text, title: label });
  made.setAttribute("aria-label", label);
  made.addEventListener("click", () => act(made));
  return made;
}

function addTools(viewer, measure, frame) {
  const view = viewer.viewport;
  const zoomTo = power => view.zoomTo(view.imageToViewportZoom(power / (viewer.slide.objectivePower ?? 40)));
  const tools = Object.assign(document.createElement("div"), { className: "tools" });
  tools.setAttribute("role", "toolbar");
  tools.setAttribute("aria-label", "Slide");
  const pressed = (made, on) => made.setAttribute("aria-pressed", String(on));
  const ruler = button("↔", "Measure a length (r)", made => pressed(made, measure.toggle("length")));
  const area = button("▱", "Measure an area: click its corners, the last one twice (a)", made => pressed(made, measure.toggle("area")));
  measure.onend = () => { pressed(ruler, false); pressed(area, false); };
  measure.onend();
  tools.append(
    button("+", "Zoom in (+)", () => view.zoomBy(2).applyConstraints()), button("−", "Zoom out (-)", () => view.zoomBy(0.5).applyConstraints()),
    button("⌂", "The whole slide (0)", () => view.goHome()), button("1:1", "1:1, level-0 pixels as they are (1)", () => view.zoomTo(view.imageToViewportZoom(1 / devicePixelRatio))));
  if (viewer.slide.objectivePower) for (const power of [5, 10, 20, 40].filter(power => power <= viewer.slide.objectivePower)) tools.append(button(`${power}×`, `${power}× magnification`, () => zoomTo(power)));
  tools.append(
    button("⟲", "Rotate left by 90° ([)", () => view.setRotation(view.getRotation() - 90)), button("⟳", "Rotate right by 90° (])", () => view.setRotation(view.getRotation() + 90)),
    ruler, area, button("Link", "Link to what is seen: copy it", copyLink), button("PNG", "PNG picture of what is seen: save it (s)", () => save(viewer)));
  frame.append(tools);
  frame.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    const act = { 1: () => view.zoomTo(view.imageToViewportZoom(1 / devicePixelRatio)), 0: () => view.goHome(), "[": () => view.setRotation(view.getRotation() - 90), "]": () => view.setRotation(view.getRotation() + 90), r: () => ruler.click(), a: () => area.click(), s: () => save(viewer), Escape: () => measure.clear() }[event.key];
    if (act) { act(); event.preventDefault(); event.stopPropagation(); }
  }, true);
}

async function copyLink(made) {
  try { await navigator.clipboard.writeText(location.href); made.textContent = "Copied"; } catch { note("The browser does not allow copying: take the link from its address bar."); }
  setTimeout(() => { made.textContent = "Link"; }, 1500);
}

/** Every canvas of the view, in their order, with the measures. */
async function save(viewer) {
  const own = viewer.drawer.canvas;
  const picture = Object.assign(document.createElement("canvas"), { width: own.width, height: own.height });
  const context = picture.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, picture.width, picture.height);
  context.drawImage(own, 0, 0);
  window.slidebridge.objects?.drawOnto?.(context, picture.width, picture.height);
  const blob = await new Promise(done => picture.toBlob(done, "image/png"));
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: "view.png" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

if (frame) open().catch(error => note(error.message, true));
