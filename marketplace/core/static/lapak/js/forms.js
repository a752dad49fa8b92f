// Forms: the error summary takes the focus, passwords can be shown, a form is not sent twice, and what a form keeps
// while it is filled in is said below it.
document.querySelector("[data-error-summary]")?.focus();

document.querySelectorAll("[data-error-summary] a").forEach((link) => link.addEventListener("click", (event) => {
  const target = document.querySelector(link.hash);
  if (!target) return;
  event.preventDefault();
  const field = target.matches("fieldset") ? target.querySelector("input:not(:disabled)") ?? target : target;
  (target.closest(".field") ?? target).scrollIntoView({ block: "start" });
  field.focus({ preventScroll: true });
}));

for (const wrap of document.querySelectorAll("[data-password]")) {
  const input = wrap.querySelector("input");
  const toggle = document.createElement("button");
  toggle.type = "button";
  toggle.className = "password__toggle";
  toggle.textContent = wrap.dataset.show;
  toggle.setAttribute("aria-controls", input.id);
  toggle.addEventListener("click", () => {
    const isShown = input.type === "text";
    input.type = isShown ? "password" : "text";
    toggle.textContent = isShown ? wrap.dataset.show : wrap.dataset.hide;
  });
  wrap.append(toggle);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  // Coming back by the browser's history must find the form usable.
  addEventListener("pageshow", () => { delete form.dataset.sent; }, { once: true });
  setTimeout(() => { delete form.dataset.sent; }, 8000);
});

// <form data-autosave="address"> sends its fields a little after each change; the element with data-autosave-note says so.
for (const form of document.querySelectorAll("form[data-autosave]")) {
  const note = form.querySelector("[data-autosave-note]");
  const say = (name) => { if (note) note.textContent = note.dataset[name].replace("{time}", new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" })); };
  let timer;
  let underway = null;
  const send = async () => {
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    const patience = new AbortController();
    const enough = setTimeout(() => patience.abort(), 10000);
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST",
        body: data,
        headers: { "X-Requested-With": "XMLHttpRequest" },
        signal: patience.signal,
      });
      // A form that stands on a version goes on from the one that was just saved.
      const version = answer.headers.get("X-Version");
      if (version && form.elements.version) form.elements.version.value = version;
      say(answer.ok ? "saved" : "failed");
    } catch {
      say("failed");
    } finally {
      clearTimeout(enough);
    }
  };
  // One after the other: each stands on the version that the answer to the last one named.
  const save = () => {
    const mine = (underway ?? Promise.resolve()).then(send).then(() => { if (underway === mine) underway = null; });
    underway = mine;
  };
  form.addEventListener("change", (event) => {
    if (event.target.type === "file") return;
    clearTimeout(timer);
    timer = setTimeout(save, 1200);
  });
  // Who goes on while a save is on its way waits for its answer: it names the version, without which the form would be
  // taken for an outdated one.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!underway) return;
    event.preventDefault();
    underway.then(() => form.requestSubmit(event.submitter));
  });
}

// data-submit-on-change: a select that sends its form (sorting), so that its button can stay for those without script.
document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-submit-on-change]")) event.target.form?.requestSubmit();
});
