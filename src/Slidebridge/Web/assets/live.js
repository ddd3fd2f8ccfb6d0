// A page's live parts: elements with data-live and an id. When the bridge says that something has changed, the page is fetched again, and the parts that differ are replaced.
// The stream is read by fetch, not EventSource, so that it can say that nobody's hand asked for it: what a page does by itself does not prolong a session.
import { updateTimes } from "./times.js";

let used = true;
for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => { used = true; });
export const headers = () => { const now = used ? {} : { "X-Background": "1" }; used = false; return now; };

const patience = [500, 1000, 2000, 5000];

function say(text) {
  const place = document.getElementById("connection");
  if (place && place.textContent !== text) place.textContent = text;
}

/** Fetches the page again and replaces the live parts that differ. */
export async function refresh() {
  const parts = [...document.querySelectorAll("[data-live]")];
  if (parts.length === 0) return;
  const response = await fetch(location.href, { headers: { ...headers(), "X-Live": parts.map(part => part.dataset.version ?? "").join(" ").trim() } });
  if (response.status === 401) { location.reload(); return; }
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  updateTimes(page);
  for (const part of parts) {
    const now = page.getElementById(part.id);
    if (!now || now.dataset.unchanged !== undefined || part.isEqualNode(now)) continue;
    const focus = part.contains(document.activeElement) ? document.activeElement.id : "";
    const open = [...part.querySelectorAll("details[open][id]")].map(one => one.id);
    const chosen = [...part.querySelectorAll("input[type=checkbox]:checked[value]")].map(box => box.value);
    part.replaceWith(now);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    for (const box of now.querySelectorAll("input[type=checkbox][value]")) box.checked = chosen.includes(box.value);
    if (focus) document.getElementById(focus)?.focus();
    now.dispatchEvent(new CustomEvent("renewed", { bubbles: true }));
  }
}

/** Calls back for each event of a stream of server-sent events, until it ends. */
async function read(address, onEvent, signal) {
  const response = await fetch(address, { headers: { "X-Background": "1", Accept: "text/event-stream" }, signal });
  if (response.status === 401) { location.reload(); return; }
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  say("");
  onEvent("changed"); // What changed before the stream was there.
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ""; ;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
      const event = text.slice(0, end).split("\n").find(line => line.startsWith("event: "))?.slice(7);
      if (event) onEvent(event);
    }
  }
}

export function startLive() {
  const from = document.querySelector("[data-stream]")?.dataset.stream;
  if (!from) return;
  let pending = null, isStale = false;
  const renew = () => {
    // What changes while the page is fetched may not be in it.
    if (pending) { isStale = true; return pending; }
    isStale = false;
    pending = refresh().catch(error => say(error.message)).finally(() => { pending = null; if (isStale) renew(); });
    return pending;
  };
  let stop = new AbortController();
  addEventListener("pagehide", () => stop.abort());
  addEventListener("pageshow", event => { if (event.persisted) { stop = new AbortController(); follow(); } });
  async function follow() {
    for (let tries = 0; !stop.signal.aborted;) {
      try {
        await read(from, event => { tries = 0; if (event === "changed") renew(); }, stop.signal);
      } catch (error) {
        if (stop.signal.aborted) return;
        if (tries > 0) say("The server of this page cannot be reached; trying again.");
      }
      await new Promise(done => setTimeout(done, patience[Math.min(tries++, patience.length - 1)]));
    }
  }
  follow();
}
