// A button that fills a field with where the phone is. Nothing is sent anywhere until the form is.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-position-button]");
  if (!button) return;
  const holder = button.closest("[data-position]");
  const note = holder.querySelector("[data-position-note]");
  const field = holder.querySelector("input");
  note.textContent = holder.dataset.working;
  const fail = () => { note.textContent = holder.dataset.failed; };
  if (!navigator.geolocation) {
    fail();
    return;
  }
  navigator.geolocation.getCurrentPosition((position) => {
    field.value = `${position.coords.latitude.toFixed(6)}, ${position.coords.longitude.toFixed(6)}`;
    note.textContent = holder.dataset.found;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }, fail, { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 });
});
