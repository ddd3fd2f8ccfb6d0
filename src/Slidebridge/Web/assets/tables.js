// A table that is wider than the page scrolls by itself, and then the keyboard must reach it.
let names = 0;

function update(box) {
  const isWide = box.scrollWidth > box.clientWidth;
  if (isWide === box.hasAttribute("tabindex")) return;
  if (!isWide) { for (const name of ["tabindex", "role", "aria-labelledby"]) box.removeAttribute(name); return; }
  const name = box.querySelector("caption") ?? [...document.querySelectorAll("h1, h2, h3")].filter(heading => heading.compareDocumentPosition(box) & Node.DOCUMENT_POSITION_FOLLOWING).at(-1);
  if (name) {
    name.id ||= `table-name-${++names}`;
    box.setAttribute("aria-labelledby", name.id);
  }
  box.setAttribute("role", "group"); // Not a region: its heading already names one.
  box.tabIndex = 0;
}

export function startTables() {
  const watch = new ResizeObserver(changes => changes.forEach(change => update(change.target)));
  const add = root => { for (const box of root.querySelectorAll(".table")) { watch.observe(box); update(box); } };
  add(document);
  addEventListener("renewed", event => add(event.target));
}
