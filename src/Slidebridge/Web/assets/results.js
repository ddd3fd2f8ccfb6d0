// Which results of the task are shown: one, or two side by side or as their difference. The page has controls for it if there are several results.

/** Colours that people with any kind of colour vision tell apart (Okabe and Ito), and a faint one for what both results have. */
const differenceColors = new Map([["in both", "#9a9a9a"], ["only in A", "#0072b2"], ["only in B", "#d55e00"]]);

/** The bridge's name of a result: the task's own has none. */
const nameOf = value => value === "own" ? "" : value.replace(/^shadow:/, "");

export class Results {
  /** `controls`: the fieldset with the fields result, with and mode, or null if there is one result. */
  constructor(controls, frame, address) {
    Object.assign(this, { controls, frame, address });
    this.onchange = () => {};
    controls?.addEventListener("change", () => {
      const { result, against, mode } = this;
      address.change(values => {
        for (const [name, value, usual] of [["result", result.value, result.options[0].value], ["with", against.value, ""], ["mode", against.value && mode.value, ""]]) if (value === usual) values.delete(name); else values.set(name, value);
      });
      this.#update();
      this.onchange();
    });
  }

  get result() { return this.controls.querySelector("[name=result]"); }
  get against() { return this.controls.querySelector("[name=with]"); }
  get mode() { return this.controls.querySelector("[name=mode]"); }

  /** Sets the controls as the address says; returns what in it is not there, in a sentence, or null. */
  restore() {
    if (!this.controls) return null;
    let trouble = null;
    for (const [field, name] of [[this.result, "result"], [this.against, "with"], [this.mode, "mode"]]) {
      const wanted = this.address.values.get(name), option = [...field.options].find(each => each.value === wanted);
      if (wanted && !option) trouble = "The link names a result that this task does not have.";
      field.value = (option ?? field.options[0]).value;
    }
    this.#update();
    return trouble;
  }

  /** The next way: one result, two side by side, their difference. */
  turn() {
    if (!this.controls) return;
    const { result, against, mode } = this, [beside, difference] = [...mode.options].map(option => option.value);
    if (!against.value) [against.value, mode.value] = [[...against.options].find(option => option.value && option.value !== result.value).value, beside];
    else if (mode.value === beside) mode.value = difference;
    else against.value = "";
    this.controls.dispatchEvent(new Event("change"));
  }

  /** What is to be shown: one source of objects, or two side by side. Each: { url, query, title, colors }. */
  get wanted() {
    const url = this.frame.dataset.objects;
    if (!url) return [];
    if (!this.controls) return [{ url, query: { of: nameOf(this.frame.dataset.result ?? "own") } }];
    const { result, against, mode } = this, text = field => field.selectedOptions[0].textContent, of = nameOf(result.value);
    if (!against.value) return [{ url, query: { of } }];
    if (mode.value === "difference") return [{ url, query: { of, against: nameOf(against.value) }, title: "Difference", colors: differenceColors }];
    return [{ url, query: { of }, title: `A: ${text(result)}` }, { url, query: { of: nameOf(against.value) }, title: `B: ${text(against)}` }];
  }

  #update() {
    this.mode.disabled = !this.against.value;
    this.controls.querySelector("[data-for=difference]").hidden = !this.against.value || this.mode.value !== "difference";
  }
}
