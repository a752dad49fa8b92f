// Product page: pictures change in place, and the chosen variant's price shows wherever the price stands.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-gallery] .gallery__list a");
  if (!link || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  const gallery = link.closest("[data-gallery]");
  const links = [...gallery.querySelectorAll(".gallery__list a")];
  const main = gallery.querySelector("[data-gallery-main]");
  main.src = link.href;
  main.alt = link.dataset.alt ?? "";
  links.forEach((each) => each.removeAttribute("aria-current"));
  link.setAttribute("aria-current", "true");
  const counter = gallery.querySelector("[data-gallery-counter]");
  if (counter) counter.textContent = gallery.dataset.counter.replace("{number}", links.indexOf(link) + 1).replace("{total}", links.length);
});

document.addEventListener("change", (event) => {
  const chosen = event.target.closest?.(".variant input[data-price]");
  if (!chosen) return;
  document.querySelectorAll("[data-chosen-price]").forEach((each) => { each.textContent = chosen.dataset.price; });
  document.querySelectorAll("[data-chosen-note]").forEach((each) => { each.textContent = chosen.dataset.note; });
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-share]");
  if (!button || !navigator.share) return;
  event.preventDefault();
  try {
    await navigator.share({ title: document.title, url: button.dataset.share || location.href });
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
});
