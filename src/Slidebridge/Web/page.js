const main = document.getElementById("main");
const element = (name, attributes = {}, ...children) => {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...children);
  return made;
};
const state = task => element("span", { className: "state " + task.state }, task.state);
const time = text => new Date(text).toLocaleString();
const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
const percent = scan => `${Math.round(scan.progress * 100)} %`;
const table = (heads, rows) => element("table", {},
  element("tr", {}, ...heads.map(h => element("th", {}, h))), ...rows.map(cells => element("tr", {}, ...cells.map(c => element("td", {}, c)))));

// What the page fetches by itself does not prolong a session.
let used = true;
for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => { used = true; });

async function get(path) {
  const response = await fetch(path, { headers: used ? {} : { "X-Background": "1" } });
  if (response.status === 401) location.reload();
  if (!response.ok) throw new Error((await response.json().catch(() => ({}))).detail ?? `The bridge answered ${response.status}.`);
  return response.json();
}

async function list() {
  const page = await get("/api/tasks?limit=100");
  if (page.total === 0) return [element("p", { className: "soft" }, "No tasks yet. The platform posts them to /webhook.")];
  return [element("p", { className: "soft" }, `${page.total} tasks`),
    table(["task", "state", "accepted", "scans", "last error"], page.tasks.map(t => [
      element("a", { href: "/tasks/" + t.task }, String(t.task)), state(t), time(t.acceptedAt),
      t.scans.map(s => `${s.scan} (${percent(s)})`).join(", "), t.lastError ?? ""]))];
}

let result = {};
async function show(id) {
  const task = await get("/api/tasks/" + id);
  // Each read of a result is a line of the audit log: once for each state, not with every update.
  const version = [task.state, task.attempts.runs, task.updatedAt].join();
  if (result.version !== version) result = { version, json: await get(`/api/tasks/${id}/result`).catch(() => null) };
  return [
    element("h2", {}, `Task ${task.task} `, state(task)),
    element("p", { className: "soft" }, `model ${task.model ?? "not named"}, ${counted(task.attempts.runs, "run")}, ${counted(task.attempts.posts, "post")}`),
    ...(task.heldUntil ? [element("p", {}, `The result waits for an operator until ${time(task.heldUntil)}: slidebridge tasks release ${task.task}, or reject.`)] : []),
    ...(task.lastError ? [element("p", {}, "Last error: " + task.lastError)] : []),
    ...(task.lastCause ? [element("pre", {}, task.lastCause)] : []),
    ...task.scans.map(s => element("figure", {},
      element("img", { src: s.overlay + "?" + task.state, alt: "scan " + s.scan + " with its result" }),
      element("figcaption", {}, `scan ${s.scan}${s.stain ? ", stain " + s.stain : ""}: ${percent(s)}`))),
    table(["when", "state", "what"], task.events.map(e => [time(e.at), e.state, e.who ? `${e.what} (by ${e.who})` : e.what])),
    ...(result.json ? [element("h3", {}, "Result"), element("pre", {}, JSON.stringify(result.json, null, 2))] : []),
  ];
}

const id = location.pathname.match(/^\/tasks\/(.+)$/)?.[1];
let shown = "";
async function refresh() {
  try {
    const found = element("div", {}, ...await (id ? show(id) : list()));
    if (found.innerHTML !== shown) { shown = found.innerHTML; main.replaceChildren(found); }
  } catch (e) {
    main.replaceChildren(element("p", {}, e.message));
  }
  used = false;
  setTimeout(refresh, 2000);
}
async function who() {
  const me = await get("/api/me");
  document.getElementById("who").append(`${me.name}, ${me.role} `, ...(me.signOut ? [element("a", { href: me.signOut }, "sign out")] : []));
}
who().catch(() => {});
refresh();
