// What a link to the viewer holds, in the fragment of the page's address: the place, the results, and how they look. A browser sends no fragment to the bridge.

/** Browsers complain of a page that changes its address more often. */
const pause = 150;

export class Address {
  #timer = 0;

  constructor() {
    this.values = new URLSearchParams(location.hash.slice(1));
    /** Somebody has entered another address of this page. */
    this.onmove = () => {};
    addEventListener("hashchange", () => {
      const values = new URLSearchParams(location.hash.slice(1));
      if (values.toString() === this.values.toString()) return;
      this.values = values;
      this.onmove();
    });
  }

  /** Changes the values; the address follows soon, without a new entry in the browser's history. */
  change(act) {
    act(this.values);
    this.#timer ||= setTimeout(() => this.write(), pause);
  }

  /** Writes the address now. */
  write() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    history.replaceState(null, "", `#${this.values}`);
  }
}
