// The page of 'slidebridge view': what the classifier does, and its newest result, while the place on the slide stays.
const frame = document.getElementById("viewer"), status = document.getElementById("run");

function say(text, isBad) {
  status.textContent = text;
  status.className = isBad ? "notice bad" : "notice";
  status.hidden = text === "";
}

const events = new EventSource(status.dataset.stream);
events.addEventListener("run", event => {
  const { text, isFailed, result } = JSON.parse(event.data);
  say(text, isFailed);
  const address = `${status.dataset.objects}/${result}`;
  if (!result || frame.dataset.objects === address) return;
  frame.dataset.objects = address;
  frame.dispatchEvent(new Event("objects"));
});
events.addEventListener("error", () => say("The command 'slidebridge view' does not answer. If it was stopped, start it again.", true));
addEventListener("pagehide", () => events.close());
