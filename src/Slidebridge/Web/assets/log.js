// A classifier's log, read when somebody opens it, and again every few seconds while it is open and the task runs.
import { headers } from "./live.js";

const between = 5000;

async function show(details) {
  const text = details.querySelector("pre");
  const response = await fetch(details.dataset.log, { headers: headers() });
  const log = response.ok ? await response.text() || "The classifier has written nothing." : `The bridge answered ${response.status}.`;
  if (text.textContent === log) return;
  const isAtEnd = text.scrollTop + text.clientHeight >= text.scrollHeight - 4;
  text.textContent = log;
  if (isAtEnd) text.scrollTop = text.scrollHeight;
}

export function startLogs() {
  for (const details of document.querySelectorAll("details[data-log]")) {
    let timer = null;
    details.addEventListener("toggle", () => {
      clearInterval(timer);
      if (!details.open) return;
      const look = () => show(details).catch(() => {});
      look();
      // Each look is a line of the audit log: a task that has ended writes nothing more.
      timer = setInterval(() => { if (document.querySelector("#task-head .state.running")) look(); }, between);
    });
  }
}
