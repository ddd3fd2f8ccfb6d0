// What the page says beside the slide, and what the bridge answers.
import { headers } from "./live.js";

const notes = document.getElementById("viewer-notes");

export function note(text, isBad = false) {
  const line = Object.assign(document.createElement("p"), { textContent: text, className: isBad ? "notice bad" : "notice" });
  for (const old of notes.children) if (old.textContent === text) return;
  notes.append(line);
}

export async function json(path) {
  const response = await fetch(path, { headers: headers() });
  if (response.status === 401) location.reload();
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new Error(body?.detail ?? `The bridge answered ${response.status}.`);
  return body;
}
