// The photos in the form of a product: each is made smaller, sent at once and gets its row; rows move up and down.
// Without script the same input sends the photos with the form, and the places are numbers.
const LONGEST_SIDE = 1800;
const SMALL_ENOUGH = 600_000;

const smaller = async (file) => {
  if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size < SMALL_ENOUGH) return file;
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", 0.86); });
    return blob && blob.size < file.size ? new File([blob], `${file.name.replace(/\.\w+$/, "")}.jpg`, { type: "image/jpeg" }) : file;
  } catch {
    return file;
  }
};

const start = (holder) => {
  if (holder.dataset.started) return;
  holder.dataset.started = "yes";
  holder.classList.add("has-script");
  const list = holder.querySelector("[data-photo-list]");
  const total = holder.querySelector('[name="photo-TOTAL_FORMS"]');
  const status = holder.querySelector("[data-photo-status]");
  const form = holder.closest("form");
  let underway = 0;
  let wanted = null;

  // Whoever presses "Save" while a photo is on its way gets the page sent with the photo, not without it.
  form.addEventListener("submit", (event) => {
    if (!underway) return;
    event.preventDefault();
    wanted = event.submitter;
    status.textContent = list.querySelector(".photo-row--busy")?.textContent ?? "";
  });

  const renumber = () => {
    [...list.querySelectorAll("[data-photo-row]")].forEach((row, place) => {
      const order = row.querySelector('[name$="-order"]');
      if (order) order.value = place + 1;
    });
  };

  const placeholder = (file) => {
    const row = document.createElement("li");
    row.className = "photo-row photo-row--busy";
    const picture = document.createElement("span");
    picture.className = "photo-row__picture";
    const words = document.createElement("div");
    words.className = "photo-row__words";
    words.textContent = holder.dataset.sending.replace("{name}", file.name);
    row.append(picture, words);
    list.append(row);
    status.textContent = words.textContent;
    return row;
  };

  const send = async (original) => {
    const row = placeholder(original);
    underway += 1;
    const file = await smaller(original);
    const index = Number(total.value);
    total.value = index + 1;
    const body = new FormData();
    body.append("photo", file, file.name);
    body.append("index", index);
    body.append("name", form.elements.name?.value ?? "");
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    try {
      const answer = await fetch(holder.dataset.photosUrl, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
      if (!answer.ok) throw new Error(answer.statusText);
      const template = document.createElement("template");
      template.innerHTML = await answer.text();
      row.replaceWith(template.content);
      status.textContent = "";
    } catch {
      row.classList.remove("photo-row--busy");
      row.classList.add("photo-row--bad");
      const again = document.createElement("button");
      again.type = "button";
      again.className = "button button--secondary button--small";
      again.textContent = holder.dataset.failed;
      again.addEventListener("click", () => { row.remove(); send(original); });
      row.querySelector(".photo-row__words").replaceChildren(original.name, document.createElement("br"), again);
      wanted = null;
    }
    underway -= 1;
    renumber();
    if (!underway && wanted) {
      const button = wanted;
      wanted = null;
      form.requestSubmit(button);
    }
  };

  // Stops here: the general preview of file fields would keep the photos in the input and send them twice.
  holder.addEventListener("change", async (event) => {
    if (event.target.type !== "file") return;
    event.stopPropagation();
    const files = [...event.target.files];
    event.target.value = "";
    // All count at once as underway, although they are sent one after the other.
    underway += files.length;
    for (const file of files) {
      underway -= 1;
      await send(file);
    }
  });

  list.addEventListener("click", (event) => {
    const dismiss = event.target.closest("[data-photo-dismiss]");
    if (dismiss) {
      dismiss.closest("li").remove();
      return;
    }
    const move = event.target.closest("[data-move]");
    if (!move) return;
    const row = move.closest("[data-photo-row]");
    const neighbour = move.dataset.move === "-1" ? row.previousElementSibling : row.nextElementSibling;
    if (!neighbour) return;
    if (move.dataset.move === "-1") neighbour.before(row);
    else neighbour.after(row);
    renumber();
    move.focus();
  });
};

const startAll = (root) => root.querySelectorAll?.("[data-photos]").forEach(start);
startAll(document);
document.addEventListener("htmx:load", (event) => startAll(event.target));
