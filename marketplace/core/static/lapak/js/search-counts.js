// Tells the site that a search was seen and which of its products was opened: the figures of the search, without a
// person, a cookie or a session (docs/search.md). Who asks not to be followed is not; without script nothing is counted.
const list = () => document.querySelector("#hasil[data-counted]");
const refuses = navigator.globalPrivacyControl || navigator.doNotTrack === "1";
if (list() && !refuses) {
  // Made up for this view of the page: the same message twice counts once.
  const view = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const send = (fields) => {
    const { counted, countAt } = list().dataset;
    const body = new URLSearchParams({ token: counted, view, ...fields });
    if ("keepalive" in Request.prototype) {
      fetch(countAt, { method: "POST", body, keepalive: true, credentials: "omit" }).catch(() => {});
    } else {
      navigator.sendBeacon(countAt, body);
    }
  };
  // Reloading, or coming back from a product, is no new search.
  const came = performance.getEntriesByType("navigation")[0]?.type;
  let isFirst = "asked" in list().dataset && came === "navigate";
  if (isFirst) send({ event: "seen" });
  const opened = (event) => {
    const card = event.target.closest?.("a") && event.target.closest("#hasil[data-counted] .product-card");
    if (!card || (event.type === "auxclick" && event.button !== 1)) return;
    const place = [...card.parentElement.children].indexOf(card) + 1;
    send({ event: "click", place, first: isFirst ? "1" : "0" });
    isFirst = false;
  };
  document.addEventListener("click", opened);
  document.addEventListener("auxclick", opened);
}
