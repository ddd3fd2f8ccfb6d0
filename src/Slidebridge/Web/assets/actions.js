// Buttons that do something with a task: <button data-do="retry" data-tasks="4711">, or without data-tasks for those that are checked in the list. A question comes before.
// Buttons that do something else: <button data-post="/api/setup/check" data-doing="Looking…">; with data-now at once.
import { headers, refresh } from "./live.js";

const words = {
  retry: ["Retry", "Restart"], cancel: ["Cancel", "Cancel"], redeliver: ["Deliver again", "Deliver again the result of"],
  rerun: ["Classify again", "Classify again"], release: ["Release", "Release the result of"], reject: ["Reject", "Reject the result of"], delete: ["Erase", "Erase everything about"],
};

/** Asks; resolves to null for no, or to the reason (empty if none is needed). */
export function ask(text, yes, withReason = false) {
  const dialog = document.getElementById("question");
  document.getElementById("question-text").textContent = text;
  const label = document.getElementById("question-reason");
  const reason = label.querySelector("input");
  label.hidden = !withReason;
  reason.required = withReason;
  reason.value = "";
  dialog.querySelector("button[value=yes]").textContent = yes;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise(done => dialog.addEventListener("close", () => done(dialog.returnValue === "yes" ? reason.value.trim() : null), { once: true }));
}

async function post(task, name, reason) {
  const response = await fetch(`/api/tasks/${task}/${name}`, {
    method: "POST", headers: { ...headers(), ...(reason ? { "Content-Type": "application/json" } : {}) }, body: reason ? JSON.stringify({ reason }) : undefined,
  });
  if (!response.ok) throw new Error((await response.json().catch(() => null))?.detail ?? `The bridge answered ${response.status}.`);
}

async function act(button) {
  const name = button.dataset.do;
  const tasks = button.dataset.tasks?.split(" ") ?? [...document.querySelectorAll("input[name=task]:checked")].map(box => box.value);
  if (tasks.length === 0) { tell("Choose tasks first."); return; }
  const [label, verb] = words[name];
  const which = tasks.length === 1 ? `task ${tasks[0]}` : `${tasks.length} tasks`;
  const reason = await ask(`${verb} ${which}?`, label, name === "reject");
  if (reason === null) return;
  const failures = [];
  let done = 0;
  for (const task of tasks) {
    try { await post(task, name, reason); done++; }
    catch (error) { failures.push(`Task ${task}: ${error.message}`); }
    if (tasks.length > 1) tell(`${label}: ${done + failures.length} of ${tasks.length}`);
  }
  tell([tasks.length === 1 && done === 1 ? `${label}: done.` : `${label}: ${done} of ${tasks.length} done.`, ...failures.slice(0, 5), ...(failures.length > 5 ? [`and ${failures.length - 5} more`] : [])]);
  await refresh().catch(() => {});
}

function tell(lines) {
  const place = document.getElementById("outcome");
  if (!place) return;
  place.replaceChildren(...[lines].flat().map(line => Object.assign(document.createElement("p"), { textContent: line })));
}

/** A button with data-post: the bridge does something, and the page shows what came of it. */
async function send(button) {
  const all = [...document.querySelectorAll("button[data-post]")];
  for (const each of all) each.disabled = true;
  tell(button.dataset.doing);
  try {
    const response = await fetch(button.dataset.post, { method: "POST", headers: headers() });
    if (!response.ok) throw new Error((await response.json().catch(() => null))?.detail ?? `The bridge answered ${response.status}.`);
    await refresh();
    tell([]);
  } catch (error) {
    tell(error.message);
  }
  for (const each of document.querySelectorAll("button[data-post]")) each.disabled = false;
  // A button that is disabled loses the focus.
  if (document.activeElement === document.body) document.getElementById(button.id)?.focus({ preventScroll: true });
}

export function startActions() {
  addEventListener("click", event => {
    const button = event.target.closest?.("button[data-do], button[data-post]");
    if (button) (button.dataset.do ? act : send)(button);
  });
  // What the page needs at its first opening.
  const first = document.querySelector("button[data-now]");
  if (first) send(first);
  addEventListener("change", event => {
    if (event.target.id === "choose-all") for (const box of document.querySelectorAll("input[name=task]")) box.checked = event.target.checked;
  });
}
