// Minus and plus beside a number. In the basket each change sends its form.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-quantity] [data-step]");
  if (!button) return;
  const input = button.closest("[data-quantity]").querySelector("input");
  const before = input.value;
  if (button.dataset.step === "1") input.stepUp();
  else input.stepDown();
  if (input.value !== before) input.dispatchEvent(new Event("change", { bubbles: true }));
});

let waiting;
document.addEventListener("change", (event) => {
  const group = event.target.closest?.("[data-quantity][data-auto-submit]");
  if (!group) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => event.target.form?.requestSubmit(), 400);
});
