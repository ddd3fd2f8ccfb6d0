// The viewer of one scan: the slide by Deep Zoom tiles that the bridge reads by ranges, or the task's kept picture; the objects of a result on it, or of two.
import { Address } from "./address.js";
import { Look } from "./objects/look.js";
import { Measure } from "./measure.js";
import { json, note } from "./notes.js";
import { link, Pane } from "./pane.js";
import { Place } from "./place.js";
import { Results } from "./results.js";
import { addTools } from "./tools.js";

const frame = document.getElementById("viewer");
const panels = document.getElementById("objects");
/** Before the names of the second result's values in the address. */
const prefixes = ["", "b-"];

/** The kept picture, stretched to the slide's size so that coordinates are level-0 pixels. */
function pictureOf() {
  const [width, height] = [Number(frame.dataset.pictureWidth), Number(frame.dataset.pictureHeight)];
  if (!width || !height) return null;
  // One tile that is the whole picture: its own pixels do not matter to the geometry.
  return { width, height, tileWidth: width, tileHeight: height, minLevel: 0, maxLevel: 0, getTileUrl: () => frame.dataset.picture };
}

/** What the bridge says of the slide; of the kept picture, if the slide cannot be read; null if there is none. */
async function describe() {
  try {
    const slide = await json(frame.dataset.slide);
    for (const warning of slide.warnings) note(`${warning.message}`);
    if (slide.source === "copy") note("The slide is read from the bridge's copy.");
    return slide;
  } catch (error) {
    const picture = pictureOf();
    note(error.message, true);
    if (!picture) {
      frame.append(Object.assign(document.createElement("p"), { className: "viewer-message", textContent: "The slide cannot be shown, and the task keeps no picture of it." }));
      frame.dataset.state = "empty";
      return null;
    }
    note("What you see is the small picture that the task keeps.");
    return { width: picture.width, height: picture.height, picture };
  }
}

async function open() {
  const slide = await describe();
  if (!slide) return;
  const address = new Address(), place = new Place(address), results = new Results(document.getElementById("results"), frame, address);
  const first = new Pane(frame, slide, addPanel()), panes = [first];
  // For tests and for those who look closer.
  window.slidebridge = { slide, panes, viewer: first.viewer, get objects() { return first.objects; } };
  await first.opened;
  place.restore(first.viewer);
  first.snap();
  const addKeys = addTools(first, {
    measure: new Measure(first.viewer, slide, frame), panes: () => panes, turn: () => results.turn(),
    copyLink: () => { address.write(); return location.href; },
  });
  place.follow(first.viewer);
  frame.dataset.state = "open";

  let shown = Promise.resolve();
  const show = () => shown = shown.then(() => arrange(results.wanted)).catch(error => note(`The result's objects cannot be shown: ${error.message}`, true));

  /** Makes as many panes as there are results to be seen side by side. */
  async function arrange(wanted) {
    const { place: before } = first, count = panes.length;
    // The slide stays, also without any objects.
    if (count > Math.max(1, wanted.length)) panes.pop().close();
    if (wanted.length > count) {
      const beside = Object.assign(document.createElement("section"), { id: "viewer-b", className: "viewer", tabIndex: 0 });
      frame.after(beside);
      addKeys(beside);
      const second = new Pane(beside, slide, addPanel());
      await second.opened;
      panes.push(second);
      link(first, second);
    }
    if (panes.length !== count) await first.go(before);
    panes.forEach((pane, i) => pane.frame.setAttribute("aria-label", wanted.length > 1 ? `Slide, ${wanted[i].title}` : "Slide"));
    await Promise.all(wanted.map((what, i) => {
      const look = new Look(address.values, prefixes[i]);
      look.onchange = () => address.change(values => look.write(values));
      return panes[i].show({ ...what, look });
    }));
  }

  function restore() {
    const trouble = results.restore();
    if (trouble) note(trouble, true);
    return show();
  }

  results.onchange = show;
  address.onmove = () => { place.restore(first.viewer); restore(); };
  // Another result of the same slide: its address is in data-objects.
  frame.addEventListener("objects", show);
  await restore();
}

function addPanel() {
  const panel = document.createElement("div");
  panels.append(panel);
  return panel;
}

if (frame) open().catch(error => note(error.message, true));
