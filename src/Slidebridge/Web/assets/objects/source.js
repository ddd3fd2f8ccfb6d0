// Where a scan's objects come from. `url` is the base of:
//   GET {url}                                        the summary
//   GET {url}/tiles/{level}/{x}/{y}                  a tile; 204 or 404 if it is empty
//   GET {url}/page?order=&after=&class=&score=&limit=  rows of the table; order is id or score
//   GET {url}/at?x=&y=&within=                       the objects at a position, level-0 pixels; the smallest first
//   GET {url}/{id}                                   one object: properties and outline
export class ObjectsSource {
  constructor(url) {
    this.url = url;
  }

  summary(signal) {
    return this.#json("", signal);
  }

  /** The bytes of a tile, or null if nothing is in it. */
  async tile(level, x, y, signal) {
    const answer = await fetch(`${this.url}/tiles/${level}/${x}/${y}`, { signal });
    if (answer.status === 204 || answer.status === 404) return null;
    if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
    return answer.arrayBuffer();
  }

  page({ order = "id", after = null, cls = null, score = null, limit = 100 } = {}, signal) {
    const query = new URLSearchParams({ order, limit });
    if (after !== null) query.set("after", after);
    if (cls !== null) query.set("class", cls);
    if (score !== null) query.set("score", score);
    return this.#json(`/page?${query}`, signal);
  }

  at(x, y, within, signal) {
    return this.#json(`/at?${new URLSearchParams({ x, y, within })}`, signal);
  }

  object(id, signal) {
    return this.#json(`/${encodeURIComponent(id)}`, signal);
  }

  async #json(path, signal) {
    const answer = await fetch(this.url + path, { signal, headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
    return answer.json();
  }
}
