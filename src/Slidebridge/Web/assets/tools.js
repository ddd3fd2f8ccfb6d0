// The buttons and keys of the viewer.
import { note } from "./notes.js";

function button(text, label, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text, title: label });
  made.setAttribute("aria-label", label);
  made.addEventListener("click", () => act(made));
  return made;
}

/**
 * Adds them to a pane.
 *   measure    its Measure
 *   copyLink   gives the link to what is seen
 *   panes      gives the panes whose picture is saved
 *   turn       shows one result, two side by side, or their difference
 * Returns what handles the keys of another frame.
 */
export function addTools(pane, { measure, copyLink, panes, turn }) {
  const { viewer, frame, slide } = pane, view = viewer.viewport;
  const zoomTo = power => view.zoomTo(view.imageToViewportZoom(power / (slide.objectivePower ?? 40)));
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
  if (slide.objectivePower) for (const power of [5, 10, 20, 40].filter(power => power <= slide.objectivePower)) tools.append(button(`${power}×`, `${power}× magnification`, () => zoomTo(power)));
  tools.append(
    button("⟲", "Rotate left by 90° ([)", () => view.setRotation(view.getRotation() - 90)), button("⟳", "Rotate right by 90° (])", () => view.setRotation(view.getRotation() + 90)),
    ruler, area, button("Link", "Link to what is seen: copy it", made => copy(made, copyLink())), button("PNG", "PNG picture of what is seen: save it (s)", () => save(panes())));
  frame.append(tools);
  const acts = {
    1: () => view.zoomTo(view.imageToViewportZoom(1 / devicePixelRatio)), 0: () => view.goHome(), "[": () => view.setRotation(view.getRotation() - 90), "]": () => view.setRotation(view.getRotation() + 90),
    r: () => ruler.click(), a: () => area.click(), s: () => save(panes()), c: turn, Escape: () => measure.clear(),
  };
  const addKeys = frame => frame.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea") || !Object.hasOwn(acts, event.key)) return;
    acts[event.key]();
    event.preventDefault();
    event.stopPropagation();
  }, true);
  addKeys(frame);
  return addKeys;
}

async function copy(made, link) {
  try { await navigator.clipboard.writeText(link); made.textContent = "Copied"; } catch { note("The browser does not allow copying: take the link from its address bar."); }
  setTimeout(() => { made.textContent = "Link"; }, 1500);
}

/** The panes side by side, with their objects. */
async function save(panes) {
  const widths = panes.map(pane => pane.viewer.drawer.canvas.width), picture = document.createElement("canvas");
  Object.assign(picture, { width: widths.reduce((sum, width) => sum + width, 0), height: Math.max(...panes.map(pane => pane.viewer.drawer.canvas.height)) });
  const context = picture.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, picture.width, picture.height);
  panes.reduce((x, pane, i) => { pane.drawOnto(context, x); return x + widths[i]; }, 0);
  const blob = await new Promise(done => picture.toBlob(done, "image/png"));
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: "view.png" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
