// The sheet of filters on a phone: opens by its address without script; here focus moves in, stays in, and comes back.
for (const sheet of document.querySelectorAll("[data-sheet]")) {
  const openers = () => document.querySelectorAll(`a[href="#${sheet.id}"]`);
  const isOpen = () => sheet.classList.contains("is-open");
  // Everything that is not the sheet and does not hold it: nobody may get there while the sheet covers it.
  const others = () => {
    const found = [];
    for (let element = sheet; element !== document.body; element = element.parentElement) {
      found.push(...[...element.parentElement.children].filter((each) => each !== element && !each.matches(".toast-region")));
    }
    return found;
  };
  let opener = null;

  const open = (event) => {
    if (getComputedStyle(sheet).display !== "none" && !isOpen()) return;
    event.preventDefault();
    opener = event.currentTarget;
    sheet.classList.add("is-open");
    others().forEach((element) => { element.inert = true; });
    sheet.querySelector("[data-sheet-close]")?.focus();
  };
  const close = (event) => {
    if (!isOpen()) return;
    event?.preventDefault();
    sheet.classList.remove("is-open");
    others().forEach((element) => { element.inert = false; });
    opener?.focus();
  };

  openers().forEach((link) => link.addEventListener("click", open));
  sheet.querySelector("[data-sheet-close]")?.addEventListener("click", close);
  sheet.addEventListener("submit", () => close());
  // From here on it is a column beside the results and covers nothing.
  matchMedia("(min-width: 960px)").addEventListener("change", () => close());
  sheet.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close(event);
    if (event.key !== "Tab" || !isOpen()) return;
    const stops = [...sheet.querySelectorAll("a[href], button, input, select, summary")].filter((each) => !each.disabled && each.offsetParent);
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    if (document.activeElement === edge) {
      event.preventDefault();
      (event.shiftKey ? stops.at(-1) : stops[0]).focus();
    }
  });
}
