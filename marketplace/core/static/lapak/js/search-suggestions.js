// The search box as a combobox: htmx brings the options, here the keys move through them. Without script the field is a
// plain field and Enter searches.
for (const field of document.querySelectorAll(".search-box input[name=q]")) {
  const list = field.closest(".search-box").querySelector("[data-suggestions]");
  if (!list || !field.hasAttribute("hx-get")) continue;
  const status = field.closest(".search-box").querySelector("[data-suggestions-status]");
  const options = () => [...list.querySelectorAll('[role="option"]')];
  const active = () => list.querySelector('[aria-selected="true"]');

  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-expanded", "false");
  field.setAttribute("aria-controls", "saran");

  const mark = (option) => {
    active()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
  };
  const close = () => {
    list.replaceChildren();
    status.textContent = "";
    field.setAttribute("aria-expanded", "false");
    mark(null);
  };

  list.addEventListener("htmx:afterSwap", () => {
    // An answer that comes after the field was left or emptied is too late.
    if (document.activeElement !== field || field.value.trim().length < 2) return close();
    field.setAttribute("aria-expanded", String(options().length > 0));
    // How many there are is said aloud; the list itself is only seen.
    status.textContent = list.querySelector("[role=listbox]")?.dataset.status ?? "";
    mark(null);
  });
  field.addEventListener("keydown", (event) => {
    const all = options();
    if (event.key === "Escape" && all.length) {
      event.preventDefault();
      close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && all.length) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const at = all.indexOf(active());
      // From the field down to the first or up to the last; beyond either end lies the field again.
      const next = at === -1 ? (step === 1 ? 0 : all.length - 1) : at + step;
      mark(all[next] ?? null);
    } else if (event.key === "Enter" && active()) {
      event.preventDefault();
      location.assign(active().dataset.url);
    }
  });
  // An option is no link (an option may hold nothing that can be pressed); pressing it leaves the focus in the field.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option) location.assign(option.dataset.url);
  });
  // Leaving the search box closes the list.
  field.closest(".search-box").addEventListener("focusout", (event) => {
    if (!event.currentTarget.contains(event.relatedTarget)) close();
  });
}
