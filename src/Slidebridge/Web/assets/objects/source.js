// Where a scan's objects come from. `url` is the base of:
//   GET {url}                                        the summary
//   GET {url}/tiles/{level}/{x}/{y}                  a tile; 204 or 404 if it is empty
//   GET {url}/page?order=&after=&class=&score=&limit=  rows of the table; order is id or score
//   GET {url}/at?x=&y=&within=                       the objects at a position, level-0 pixels; the smallest first
//   GET {url}/{id}                                   one object: properties and outline
// `query` is added to each of them: which result, for example.
export class ObjectsSource {
  constructor(url, query = {}) {
    Object.assign(this, { url, query });
  }

  summary(signal) {
    return this.#json("", signal);
  }

  /** The bytes of a tile, or null if nothing is in it. */
  async tile(level, x, y, signal) {
    const answer = await fetch(this.#address(`/tiles/${level}/${x}/${y}`), { signal });
    if (answer.status === 204 || answer.status === 404) return null;
    if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
    return answer.arrayBuffer();
  }

  page({ order = "id", after = null, cls = null, score = null, limit = 100 } = {}, signal) {
    return this.#json("/page", signal, { order, limit, after, class: cls, score });
  }

  at(x, y, within, signal) {
    return this.#json("/at", signal, { x, y, within });
  }

  object(id, signal) {
    return this.#json(`/${encodeURIComponent(id)}`, signal);
  }

  async #json(path, signal, values) {
    const answer = await fetch(this.#address(path, values), { signal, headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error((await answer.json().catch(() => null))?.detail ?? `The server answered ${answer.status}.`);
    return answer.json();
  }

  /** The address of a path, with the values that are there. */
  #address(path, values = {}) {
    const query = new URLSearchParams(Object.entries({ ...this.query, ...values }).filter(([, value]) => value !== null && value !== ""));
    return `${this.url}${path}${query.size > 0 ? `?${query}` : ""}`;
  }
}
