// Filters and sorting leave out of the address what is empty: /cari/?q=kopi, not /cari/?q=kopi&harga_min=&harga_max=.
document.addEventListener("htmx:configRequest", (event) => {
  const form = event.detail.elt.closest?.("#saringan, .sort, .near__form");
  if (!form || event.detail.verb !== "get") return;
  const { formData } = event.detail;
  [...formData.keys()].filter((name) => formData.get(name) === "").forEach((name) => formData.delete(name));
});
