// The tab at the foot of a phone shows the same number as the basket in the header, whenever that arrives.
document.addEventListener("htmx:afterSwap", () => {
  const count = document.getElementById("basket-count")?.dataset.count ?? "";
  for (const place of document.querySelectorAll("[data-basket-count]")) {
    const number = document.createElement("span");
    number.className = "count";
    number.setAttribute("aria-hidden", "true");
    number.textContent = count;
    place.replaceChildren(...(count ? [number] : []));
  }
});
