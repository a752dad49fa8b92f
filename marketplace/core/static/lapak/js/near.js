// "Use my position" below the list of districts. The browser is asked only when the button is pressed; what is sent is
// cut to about a hundred metres, as the site itself would.
const showButtons = () => {
  for (const button of document.querySelectorAll("[data-near-button]")) button.hidden = !navigator.geolocation;
};
showButtons();
document.addEventListener("htmx:afterSettle", showButtons);

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-near-button]");
  if (!button) return;
  const form = button.closest("[data-near]");
  const note = form.querySelector("[data-near-note]");
  note.textContent = form.dataset.working;
  const found = ({ coords }) => {
    // Meanwhile the list may have been drawn anew.
    if (!form.isConnected) return;
    const place = `${coords.latitude.toFixed(3)},${coords.longitude.toFixed(3)}`;
    const select = form.querySelector("select");
    select.append(new Option("", place, false, true));
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const failed = () => { note.textContent = form.dataset.failed; };
  navigator.geolocation.getCurrentPosition(found, failed, { timeout: 15000, maximumAge: 300000 });
});
