// How the objects of a result look: what is hidden, least scores, colours, opacity. A link names the classes, because their numbers differ from result to result.
const usual = { opacity: 100, fill: 30 };

export class Look {
  /** The look that an address holds. `values`: its URLSearchParams; `prefix`: before each name, if an address holds several looks. */
  constructor(values = new URLSearchParams(), prefix = "") {
    const percent = name => { const value = Number(values.get(prefix + name) ?? NaN); return value >= 0 && value <= 100 ? value : usual[name]; };
    // As "0.35 tumour": a value, a space, and the class.
    const byClass = name => values.getAll(prefix + name).filter(text => text.includes(" ")).map(text => [text.slice(text.indexOf(" ") + 1), text.slice(0, text.indexOf(" "))]);
    Object.assign(this, { prefix, opacity: percent("opacity"), fill: percent("fill"), isVisible: values.get(`${prefix}objects`) !== "off" });
    this.hidden = new Set(values.getAll(`${prefix}hide`));
    this.least = new Map(byClass("least").map(([name, score]) => [name, Number(score)]).filter(([, score]) => Number.isFinite(score)));
    this.colors = new Map(byClass("color").filter(([, color]) => /^[0-9a-f]{6}$/i.test(color)).map(([name, color]) => [name, `#${color}`]));
    /** Something was changed by hand. */
    this.onchange = () => {};
  }

  /** Writes everything that is not as usual. */
  write(values) {
    const { prefix } = this;
    for (const name of ["opacity", "fill"]) if (this[name] === usual[name]) values.delete(prefix + name); else values.set(prefix + name, this[name]);
    if (this.isVisible) values.delete(`${prefix}objects`); else values.set(`${prefix}objects`, "off");
    const list = (name, texts) => { values.delete(prefix + name); for (const text of texts) values.append(prefix + name, text); };
    list("hide", this.hidden);
    list("least", [...this.least].map(([name, score]) => `${score} ${name}`));
    list("color", [...this.colors].map(([name, color]) => `${color.slice(1)} ${name}`));
  }

  /** Changes it by hand. */
  change(act) {
    act(this);
    this.onchange();
  }
}
