// What a page shows beside the viewer: the classes with their controls, what was left out, a table of the objects, and the properties of the selected one.
// Names, properties and notes come from results: they are only ever set as text.

import { Look } from "./look.js";

const rowsOfPage = 50, numbers = new Intl.NumberFormat("en");
let panels = 0;

/** An element with a class, a text or children, and attributes. */
function make(name, className, content, attributes = {}) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (content !== undefined && content !== null) made.append(...[content].flat());
  for (const [key, value] of Object.entries(attributes)) if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  return made;
}

/**
 * The panel of a layer.
 *   element        where it goes; what is in it is replaced
 *   layer          an ObjectsLayer
 *   options.mpp    microns per level-0 pixel, if the slide says so: then sizes are given in µm
 *   options.title  a heading, if two layers are shown
 *   options.look   a Look: how the layer looks at first, and what is changed by hand
 *   options.colors colours of classes by name, instead of those of the summary: a Map
 */
export class ObjectsPanel {
  #table = null;

  constructor(element, layer, { mpp = null, title = "Objects", look = new Look(), colors = new Map() } = {}) {
    Object.assign(this, { element, layer, mpp, look, colors });
    this.prefix = `objects-${++panels}`;
    this.element.classList.add("objects-panel");
    this.status = make("p", "objects-status", "Loading…", { role: "status" });
    this.element.replaceChildren(make("h2", "objects-title", title), this.status);
    layer.onselect = object => this.#showSelected(object);
    layer.onerror = error => this.#say(`Some objects could not be loaded or drawn. ${error.message}`);
    layer.ready.then(summary => this.#show(summary), error => this.#say(`The objects cannot be shown. ${error.message}`));
  }

  #say(text) {
    this.status.textContent = text;
    this.status.hidden = text === "";
  }

  #show(summary) {
    this.summary = summary;
    this.#say(summary.objects === 0 ? "The result has no objects." : "");
    if (summary.objects > 0) this.element.append(this.#general(), this.#classes());
    if (summary.leftOut.length > 0) this.element.append(make("section", "objects-left-out", [
      make("h3", null, "Not drawn as written"), make("ul", null, summary.leftOut.map(each => make("li", null, each.text))),
    ]));
    this.selected = make("section", "objects-selected", null, { "aria-live": "polite", tabindex: "-1", "aria-label": "Selected object" });
    this.selected.append(make("p", "objects-hint", "Click an object on the slide, or a row of the table."));
    if (summary.objects > 0) this.element.append(this.selected, this.#tableSection());
  }

  /** Controls of the whole layer. */
  #general() {
    const { layer, look } = this, visible = make("input", null, null, { type: "checkbox", checked: look.isVisible });
    visible.addEventListener("change", () => {
      layer.setVisible(visible.checked);
      look.change(now => { now.isVisible = visible.checked; });
    });
    layer.setVisible(look.isVisible);
    layer.setOpacity(look.opacity / 100);
    layer.setFill(look.fill / 100);
    return make("fieldset", "objects-general", [
      make("legend", null, `${numbers.format(this.summary.objects)} objects`),
      make("label", "objects-check", [visible, " Show"]),
      this.#slider("Opacity", 0, 100, look.opacity, value => `${value} %`, value => {
        layer.setOpacity(value / 100);
        look.change(now => { now.opacity = value; });
      }),
      this.#slider("Fill", 0, 100, look.fill, value => `${value} %`, value => {
        layer.setFill(value / 100);
        look.change(now => { now.fill = value; });
      }),
    ]);
  }

  #slider(name, low, high, value, text, changed, step = 1) {
    const output = make("output", "objects-value", text(value)), input = make("input", null, null, { type: "range", min: low, max: high, value, step });
    input.addEventListener("input", () => {
      output.textContent = text(Number(input.value));
      input.setAttribute("aria-valuetext", output.textContent);
      changed(Number(input.value));
    });
    input.setAttribute("aria-valuetext", output.textContent);
    return make("label", "objects-slider", [make("span", null, name), input, output]);
  }

  #classes() {
    const list = make("ul", "objects-classes", this.summary.classes.map(each => this.#class(each)));
    const all = isVisible => {
      for (const box of list.querySelectorAll("input[type=checkbox]")) {
        if (box.checked === isVisible) continue;
        box.checked = isVisible;
        box.dispatchEvent(new Event("change"));
      }
    };
    const buttons = [["Show all", true], ["Hide all", false]].map(([text, isVisible]) => {
      const button = make("button", null, text, { type: "button" });
      button.addEventListener("click", () => all(isVisible));
      return button;
    });
    return make("section", "objects-legend", [make("h3", null, "Classes"), this.summary.classes.length > 2 ? make("p", "objects-buttons", buttons) : "", list]);
  }

  #class(about) {
    const { layer, look } = this, { name } = about, own = look.colors.get(name) ?? this.colors.get(name);
    const visible = make("input", null, null, { type: "checkbox", checked: !look.hidden.has(name) });
    visible.addEventListener("change", () => {
      layer.setClass(about.number, { isVisible: visible.checked });
      look.change(({ hidden }) => visible.checked ? hidden.delete(name) : hidden.add(name));
    });
    const color = make("input", "objects-color", null, { type: "color", value: own ?? about.color, "aria-label": `Colour of ${name}` });
    color.addEventListener("input", () => {
      layer.setClass(about.number, { color: color.value });
      look.change(({ colors }) => colors.set(name, color.value));
    });
    layer.setClass(about.number, { color: own, isVisible: visible.checked });
    const row = make("li", "objects-class", make("div", "objects-class-head", [
      color, make("label", "objects-check", [visible, make("span", "objects-name", name, { dir: "auto" })]), make("span", "objects-count", numbers.format(about.count)),
    ]));
    if (about.colored > 0) row.append(make("p", "objects-hint", `${about.colored === about.count ? "All" : numbers.format(about.colored)} have a colour from the result.`));
    const { lowestScore: low, highestScore: high } = about;
    if (low === undefined || low >= high) return row;
    const decimals = Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(high - low)))), least = look.least.get(name) ?? low;
    if (least > low) layer.setClass(about.number, { score: least });
    row.append(this.#histogram(about), this.#slider("Score from", low, high, least, value => value.toFixed(decimals), value => {
      layer.setClass(about.number, { score: value <= low ? null : value });
      look.change(now => value <= low ? now.least.delete(name) : now.least.set(name, value));
    }, (high - low) / 200));
    return row;
  }

  /** How many objects have which score: bars above the slider. */
  #histogram({ scores }) {
    const space = "http://www.w3.org/2000/svg", svg = document.createElementNS(space, "svg"), most = Math.max(...scores, 1);
    for (const [name, value] of [["class", "objects-histogram"], ["viewBox", `0 0 ${scores.length} 20`], ["preserveAspectRatio", "none"], ["aria-hidden", "true"]]) svg.setAttribute(name, value);
    scores.forEach((count, i) => {
      if (count === 0) return;
      const bar = document.createElementNS(space, "rect"), height = Math.max(1, 20 * count / most);
      for (const [name, value] of [["x", i], ["y", 20 - height], ["width", 0.9], ["height", height]]) bar.setAttribute(name, value);
      svg.append(bar);
    });
    return svg;
  }

  #tableSection() {
    const { summary } = this, hasScores = summary.classes.some(each => each.lowestScore !== undefined);
    const cls = make("select", null, [make("option", null, "All classes", { value: "" }), ...summary.classes.map(each => make("option", null, each.name, { value: each.number }))]);
    const order = make("select", null, [["id", "As in the result"], ["score", "Highest score first"]].map(([value, text]) => make("option", null, text, { value })));
    const headers = ["Object", "Class", ...(hasScores ? ["Score"] : []), "Size"];
    const body = make("tbody"), more = make("button", "objects-more", "Show more", { type: "button" });
    const table = this.#table = { body, more, cls, order, hasScores, next: null, loads: null };
    for (const select of [cls, order]) select.addEventListener("change", () => this.#load(true));
    more.addEventListener("click", () => this.#load(false));
    this.#load(true);
    return make("section", "objects-table", [
      make("h3", null, "Table", { id: `${this.prefix}-table` }),
      make("p", "objects-filters", [make("label", null, ["Class ", cls]), hasScores ? make("label", null, ["Order ", order]) : ""]),
      make("div", "objects-scroll", make("table", null, [make("thead", null, make("tr", null, headers.map(each => make("th", null, each, { scope: "col" })))), body], { "aria-labelledby": `${this.prefix}-table` })),
      more,
    ]);
  }

  async #load(isNew) {
    const table = this.#table;
    table.loads?.abort();
    const loads = table.loads = new AbortController();
    table.more.disabled = true;
    try {
      const page = await this.layer.source.page({ order: table.order.value, cls: table.cls.value || null, after: isNew ? null : table.next, limit: rowsOfPage }, loads.signal);
      if (isNew) table.body.replaceChildren();
      table.body.append(...page.objects.map(each => this.#row(each)));
      table.next = page.next ?? null;
      table.more.hidden = table.next === null;
    } catch (error) {
      if (!loads.signal.aborted) this.#say(`The table could not be loaded. ${error.message}`);
    } finally {
      if (!loads.signal.aborted) table.more.disabled = false;
    }
  }

  #row(each) {
    const button = make("button", "objects-go", numbers.format(each.id + 1), { type: "button", "aria-label": `Show object ${each.id + 1}` });
    button.addEventListener("click", () => {
      this.layer.show(each.box);
      this.layer.select(each.id);
    });
    const row = make("tr", null, [
      make("td", null, button), make("td", "objects-name", each.name, { dir: "auto" }),
      ...(this.#table.hasScores ? [make("td", "objects-number", each.score === undefined ? "–" : String(each.score))] : []), make("td", "objects-number", this.#size(each)),
    ]);
    // The whole row leads to the object; by keyboard its button does.
    row.addEventListener("click", event => event.target === button || button.click());
    row.dataset.id = each.id;
    return row;
  }

  #size(each) {
    if (each.kind === "point") return "point";
    return each.kind === "line" ? "line" : this.#area(each.area);
  }

  #area(pixels) {
    if (!this.mpp) return `${numbers.format(Math.round(pixels))} px²`;
    const area = pixels * this.mpp * this.mpp;
    return area >= 1e4 ? `${numbers.format(Number((area / 1e6).toPrecision(3)))} mm²` : `${numbers.format(Number(area.toPrecision(3)))} µm²`;
  }

  #length(pixels) {
    return this.mpp ? `${numbers.format(Number((pixels * this.mpp).toPrecision(3)))} µm` : `${numbers.format(Math.round(pixels))} px`;
  }

  #showSelected(object) {
    if (!this.selected) return;
    for (const row of this.#table?.body.rows ?? []) row.classList.toggle("objects-current", object !== null && row.dataset.id === String(object.object.id));
    if (object === null) {
      this.selected.replaceChildren(make("p", "objects-hint", "No object is selected."));
      return;
    }
    const { object: each, properties, notes, perimeter, vertices } = object, [left, top, right, bottom] = each.box;
    const close = make("button", "objects-close", "Clear selection", { type: "button" });
    close.addEventListener("click", () => this.layer.select(null));
    const facts = [
      ["Class", each.name], each.score === undefined ? null : ["Score", String(each.score)], ["Kind", each.kind],
      ["Position", `x ${Math.round((left + right) / 2)}, y ${Math.round((top + bottom) / 2)} px`],
      each.kind === "point" ? null : ["Box", `${this.#length(right - left)} × ${this.#length(bottom - top)}`],
      each.kind === "polygon" ? ["Area", this.#area(each.area)] : null,
      each.kind === "point" ? null : [each.kind === "line" ? "Length" : "Perimeter", this.#length(perimeter)],
      each.kind === "point" ? null : ["Vertices", numbers.format(vertices)],
    ].filter(Boolean);
    this.selected.replaceChildren(
      make("h3", null, `Object ${numbers.format(each.id + 1)}`), this.#list(facts), ...notes.map(note => make("p", "objects-note", note)),
      properties ? make("h4", null, "Properties from the result") : "", properties ? this.#list(flat(properties)) : "", close);
  }

  #list(pairs) {
    return make("dl", "objects-facts", pairs.flatMap(([name, value]) => [make("dt", null, name, { dir: "auto" }), make("dd", null, value, { dir: "auto" })]));
  }
}

/** Properties as pairs of texts; what is nested is written as JSON. */
function flat(properties) {
  if (typeof properties !== "object" || properties === null) return [["value", String(properties)]];
  return Object.entries(properties).map(([name, value]) => [name, typeof value === "object" && value !== null ? JSON.stringify(value) : String(value)]);
}
