// What htmx sends carries the CSRF token of the cookie; what fails is said in a toast, with a way to try again.
const csrfToken = () => document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1];

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") {
    const token = csrfToken();
    if (token) event.detail.headers["X-CSRFToken"] = token;
  }
});

const complain = (event, textName) => {
  // Loading a number in the background may fail quietly; what the visitor asked for may not.
  if (event.detail.requestConfig?.triggeringEvent?.type === "load") return;
  const region = document.getElementById("toasts");
  if (!region) return;
  const element = event.detail.elt;
  document.dispatchEvent(new CustomEvent("lapak:toast", {
    detail: {
      text: region.dataset[textName],
      level: "error",
      actionLabel: region.dataset.retry,
      onAction: () => {
        if (element instanceof HTMLFormElement) element.requestSubmit();
        else window.htmx?.trigger(element, event.detail.requestConfig?.triggeringEvent?.type ?? "click");
      },
    },
  }));
};

document.addEventListener("htmx:sendError", (event) => complain(event, "offline"));
document.addEventListener("htmx:timeout", (event) => complain(event, "offline"));
document.addEventListener("htmx:responseError", (event) => complain(event, "failed"));
