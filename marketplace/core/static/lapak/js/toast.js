// Toasts: those that came with the page go after a while, new ones are asked for by the event lapak:toast or by the
// HX-Trigger header of an answer ({"toast": {"text": …}}). The region is live, so each is read out.
const STAY = 8000;
const region = document.getElementById("toasts");

const dismissLater = (toast) => {
  let timer = setTimeout(() => toast.remove(), STAY);
  const hold = () => clearTimeout(timer);
  const release = () => { timer = setTimeout(() => toast.remove(), STAY / 2); };
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("pointerleave", release);
  toast.addEventListener("focusout", release);
};

const addCloseButton = (toast) => {
  const close = document.createElement("button");
  close.type = "button";
  close.className = "toast__close";
  close.textContent = "×";
  close.setAttribute("aria-label", region.dataset.close);
  close.addEventListener("click", () => toast.remove());
  toast.append(close);
};

const showToast = ({ text, level, actionLabel, actionUrl, onAction }) => {
  const toast = document.createElement("div");
  toast.className = "toast";
  const words = document.createElement("span");
  words.textContent = text;
  toast.append(words);
  if (actionLabel && (actionUrl || onAction)) {
    const action = document.createElement(actionUrl ? "a" : "button");
    action.className = "toast__action";
    action.textContent = actionLabel;
    if (actionUrl) action.href = actionUrl;
    else {
      action.type = "button";
      action.addEventListener("click", () => { toast.remove(); onAction(); });
    }
    toast.append(action);
  }
  addCloseButton(toast);
  region.replaceChildren(toast);
  // An error stays until it is read: it may say that nothing was saved.
  if (level !== "error") dismissLater(toast);
};

if (region) {
  for (const toast of region.querySelectorAll("[data-toast]")) {
    addCloseButton(toast);
    dismissLater(toast);
  }
  document.addEventListener("lapak:toast", (event) => showToast(event.detail));
  document.addEventListener("toast", (event) => showToast({
    text: event.detail.text,
    level: event.detail.level,
    actionLabel: event.detail.action_label,
    actionUrl: event.detail.action_url,
  }));
}
