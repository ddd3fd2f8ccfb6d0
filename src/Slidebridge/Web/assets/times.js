// Keeps "3 min ago" current, and shows the exact time in the reader's zone and clock (12 or 24 hours, as the browser says) on hover.
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

export function length(seconds) {
  const two = (first, unit, second, smaller) => second === 0 ? `${first} ${unit}` : `${first} ${unit} ${second} ${smaller}`;
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 600) return two(Math.floor(seconds / 60), "min", Math.floor(seconds % 60), "s");
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return two(Math.floor(seconds / 3600), "h", Math.floor(seconds / 60 % 60), "min");
  return two(Math.floor(seconds / 86400), "d", Math.floor(seconds / 3600 % 24), "h");
}

export function relative(seconds) {
  return Math.abs(seconds) < 5 ? "just now" : seconds < 0 ? `${length(-seconds)} ago` : `in ${length(seconds)}`;
}

/** Updates the times below an element. */
export function updateTimes(root = document) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const at = new Date(element.dateTime);
    const text = element.dataset.exact === undefined ? relative((at - Date.now()) / 1000) : exact.format(at);
    if (element.textContent !== text) element.textContent = text;
    element.title = exact.format(at);
  }
}

export function startTimes() {
  updateTimes();
  setInterval(updateTimes, 5000);
}
