// The pages of the simulator: the form of an AI request, the debug note, the faults. Everything goes through the simulator's own API.
import { ask } from "./actions.js";
import { refresh } from "./live.js";

function tell(text, isBad = false) {
  document.getElementById("outcome")?.replaceChildren(Object.assign(document.createElement("p"), { textContent: text, className: isBad ? "notice bad" : "notice" }));
}

async function call(method, path, body) {
  const response = await fetch(path, { method, headers: body ? { "Content-Type": "application/json" } : {}, body: body && JSON.stringify(body) });
  if (!response.ok) throw new Error((await response.json().catch(() => null))?.detail ?? `The simulator answered ${response.status}.`);
  return response;
}

/** Does something that takes a moment, and says why if it fails. */
async function attempt(button, act) {
  if (button) button.disabled = true;
  try { await act(); } catch (error) { tell(error.message, true); } finally { if (button) button.disabled = false; }
}

/** A form's fields by name, as JSON has them: numbers as numbers, what is empty not at all. */
function valuesOf(form, numbers) {
  const values = {};
  for (const [name, value] of new FormData(form)) if (value !== "") values[name] = numbers.includes(name) ? Number(value) : value;
  return values;
}

async function request(form, isCalled) {
  const { model, company_id, case: of, count, webhook } = valuesOf(form, ["case", "count"]);
  const slides = [...form.querySelectorAll("input[name=slide]:checked")].map(box => box.value);
  if (slides.length === 0) { tell("Choose a slide first.", true); return; }
  const stains = Object.fromEntries([...form.querySelectorAll("input[name=stain]")].filter(field => slides.includes(field.dataset.slide) && field.value.trim()).map(field => [field.dataset.slide, field.value.trim()]));
  const response = await call("POST", "/simulator/requests", { slides, model, company_id, count, stain: null, stains, ...(of === undefined ? {} : { case: of }), webhook: isCalled ? webhook : "" });
  const task = response.headers.get("Location")?.split("/").at(-1);
  if (!task) { tell(`${count} requests were created.`); await refresh(); return; }
  if (!isCalled) { location.assign(`/tasks/${task}/note`); return; }
  const [made] = (await response.json()).requests;
  if (made.webhook.status !== 200) { tell(`The webhook ${made.webhook.status ? `answered ${made.webhook.status}` : "cannot be reached"}: ${made.webhook.answer}`, true); await refresh(); return; }
  location.assign(`/cases/${made.case}`);
}

addEventListener("submit", event => {
  const form = event.target;
  if (form.id === "request") {
    event.preventDefault();
    attempt(event.submitter, () => request(form, event.submitter?.value !== "note"));
  } else if (form.id === "fault") {
    event.preventDefault();
    attempt(event.submitter, async () => {
      const fault = valuesOf(form, ["status", "retry_after", "delay_ms", "times", "every", "skip", "probability"]);
      await call("POST", "/simulator/faults", { ...fault, times: fault.times ?? null });
      await refresh();
    });
  }
});

addEventListener("click", event => {
  const button = event.target.closest?.("button");
  if (!button) return;
  if (button.dataset.faults) attempt(button, async () => { await call(button.dataset.faults, "/simulator/faults", button.dataset.fault && JSON.parse(button.dataset.fault)); await refresh(); });
  if (button.dataset.copy) attempt(button, async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    tell("Copied.");
  });
  if (button.dataset.forget !== undefined) attempt(button, async () => {
    if (await ask("Forget all cases and their evaluations?", "Forget") === null) return;
    await call("DELETE", "/simulator/state");
    await refresh();
  });
});

// A file of the folder that is not a slide has no picture.
addEventListener("error", event => {
  if (event.target.matches?.(".slide img, figure img")) event.target.replaceWith(Object.assign(document.createElement("span"), { textContent: "no picture", className: "no-picture soft" }));
}, true);
