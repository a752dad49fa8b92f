// The focus stays where the work goes on. A button that was disabled while it sent gets it back; where a fragment was
// drawn anew, the element of the same id has it, or the first that data-focus-next names when that is gone (the line
// that was taken out hands it to "put it back").
let held = null;

document.addEventListener("htmx:beforeRequest", () => {
  const element = document.activeElement;
  if (element && element !== document.body) held = { element, ids: [element.id, ...(element.dataset.focusNext ?? "").split(" ")] };
});

const giveBack = () => {
  if (!held || (document.activeElement && document.activeElement !== document.body)) return;
  const places = [held.element, ...held.ids.map((id) => id && document.getElementById(id))];
  const place = places.find((each) => each?.isConnected && !each.disabled && each.getClientRects().length);
  if (!place) return;
  place.focus({ preventScroll: true });
  held = null;
};

document.addEventListener("htmx:afterRequest", giveBack);
document.addEventListener("htmx:afterSettle", giveBack);
