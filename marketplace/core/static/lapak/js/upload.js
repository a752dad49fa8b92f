// Photos: made smaller before they are sent, shown at once, and sent with a bar where the tile has an address for that.
// Without script the same inputs send the files with their form.
const LONGEST_SIDE = 2000;
const SMALL_ENOUGH = 700_000;
const QUALITY = 0.86;

const megabytes = (bytes) => `${(bytes / 1e6).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 })} MB`;

// A smaller JPEG of a photo, turned upright; the file itself when it is no photo, small already, or cannot be read here.
const shrink = async (file) => {
  if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size < SMALL_ENOUGH) return file;
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", QUALITY); });
    if (!blob || blob.size >= file.size) return file;
    return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg", lastModified: file.lastModified });
  } catch {
    return file;
  }
};

const readAsAddress = (file) => new Promise((resolve) => {
  const reader = new FileReader();
  reader.onload = () => resolve(reader.result);
  reader.onerror = () => resolve("");
  reader.readAsDataURL(file);
});

const shrinkInPlace = async (input) => {
  const files = await Promise.all([...input.files].map(shrink));
  const transfer = new DataTransfer();
  files.forEach((file) => transfer.items.add(file));
  input.files = transfer.files;
  return files;
};

const preview = async (files, holder) => {
  holder.replaceChildren();
  for (const file of files) {
    if (file.type.startsWith("image/")) {
      const picture = document.createElement("img");
      picture.alt = file.name;
      picture.src = await readAsAddress(file);
      holder.append(picture);
    }
  }
};

document.addEventListener("change", async (event) => {
  const input = event.target;
  const field = input.closest?.("[data-file-field]");
  if (!field || input.type !== "file") return;
  const files = await shrinkInPlace(input);
  let holder = field.querySelector(".file-field__previews");
  if (!holder) {
    holder = document.createElement("div");
    holder.className = "file-field__previews";
    field.append(holder);
  }
  let names = field.querySelector(".file-field__name");
  if (!names) {
    names = document.createElement("p");
    names.className = "file-field__name";
    names.setAttribute("role", "status");
    field.append(names);
  }
  names.textContent = files.map((file) => `${file.name}, ${megabytes(file.size)}`).join(" · ");
  await preview(files, holder);
});

const send = (tile, input, file) => {
  const state = tile.querySelector("[data-upload-state]");
  const bar = document.createElement("progress");
  bar.className = "progress";
  bar.max = 100;
  state.after(bar);
  const say = (percent) => {
    state.textContent = tile.dataset.uploading.replace("{percent}", percent).replace("{size}", megabytes(file.size));
    bar.value = percent;
  };
  say(0);
  const request = new XMLHttpRequest();
  const cancel = document.createElement("button");
  cancel.type = "button";
  cancel.className = "button button--plain button--small";
  cancel.textContent = tile.dataset.cancel;
  cancel.addEventListener("click", () => request.abort());
  bar.after(cancel);
  const stop = (text) => {
    bar.remove();
    cancel.remove();
    input.value = "";
    if (text) state.textContent = text;
  };
  const before = state.textContent;
  const data = new FormData();
  data.append(input.name, file);
  request.open("POST", tile.dataset.uploadUrl);
  request.setRequestHeader("HX-Request", "true");
  request.setRequestHeader("X-CSRFToken", document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1] ?? "");
  request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) say(Math.round((event.loaded / event.total) * 100)); });
  request.addEventListener("load", () => {
    if (request.status >= 500 || !request.responseText.includes("data-upload-tile")) {
      stop(tile.dataset.failed);
      return;
    }
    const fresh = new DOMParser().parseFromString(request.responseText, "text/html").querySelector("[data-upload-tile]");
    tile.replaceWith(fresh);
    window.htmx?.process(fresh);
    fresh.querySelector("input, button, a")?.focus();
  });
  request.addEventListener("error", () => stop(tile.dataset.failed));
  request.addEventListener("abort", () => stop(before));
  request.send(data);
};

document.addEventListener("change", async (event) => {
  const input = event.target;
  const tile = input.closest?.("[data-upload-tile]");
  if (!tile || input.type !== "file" || !input.files.length) return;
  const [file] = await shrinkInPlace(input);
  await preview([file], tile.querySelector("[data-upload-picture]"));
  if (tile.dataset.uploadUrl) send(tile, input, file);
  else tile.querySelector("[data-upload-state]").textContent = `${file.name}, ${megabytes(file.size)}`;
});
