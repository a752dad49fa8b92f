// A drawn map with a pin that fills the field of a position. Without script the field alone does the same.
const SIZE = 320;
const STEP = 4;
const MOST = 64;

function setUp(map) {
  const holder = map.closest("[data-position]");
  const field = holder.querySelector("input");
  const note = holder.querySelector("[data-position-note]");
  const sheet = map.querySelector("svg");
  const pin = map.querySelector("[data-map-pin]");
  const [south, west, north, east] = map.dataset.map.split(" ").map(Number);
  const view = { x: 0, y: 0, zoom: 1 };
  let at = null;

  const read = () => {
    const parts = field.value.split(/[,;]/).map(Number);
    if (parts.length !== 2 || parts.some(Number.isNaN) || !field.value.trim()) return null;
    return { x: ((parts[1] - west) / (east - west)) * SIZE, y: ((north - parts[0]) / (north - south)) * SIZE };
  };
  const draw = () => {
    const side = SIZE / view.zoom;
    sheet.setAttribute("viewBox", `${view.x} ${view.y} ${side} ${side}`);
    const shown = at || { x: view.x + side / 2, y: view.y + side / 2 };
    pin.setAttribute("transform", `translate(${shown.x} ${shown.y}) scale(${1 / view.zoom})`);
    pin.classList.toggle("sketch-map__pin--unset", !at);
  };
  const centre = (point) => {
    const side = SIZE / view.zoom;
    view.x = point.x - side / 2;
    view.y = point.y - side / 2;
  };
  const write = () => {
    const latitude = north - (at.y / SIZE) * (north - south);
    const longitude = west + (at.x / SIZE) * (east - west);
    field.value = `${latitude.toFixed(6)}, ${longitude.toFixed(6)}`;
    note.textContent = holder.dataset.placed.replace("{position}", field.value);
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const under = (event) => {
    const box = sheet.getBoundingClientRect();
    const side = SIZE / view.zoom;
    return { x: view.x + ((event.clientX - box.left) / box.width) * side, y: view.y + ((event.clientY - box.top) / box.height) * side };
  };

  let isDragging = false;
  sheet.addEventListener("pointerdown", (event) => {
    isDragging = true;
    sheet.setPointerCapture(event.pointerId);
    at = under(event);
    draw();
  });
  sheet.addEventListener("pointermove", (event) => {
    if (!isDragging) return;
    at = under(event);
    draw();
  });
  sheet.addEventListener("pointerup", () => {
    if (!isDragging) return;
    isDragging = false;
    write();
  });
  sheet.addEventListener("pointercancel", () => { isDragging = false; });
  sheet.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way) return;
    event.preventDefault();
    const side = SIZE / view.zoom;
    at = at || { x: view.x + side / 2, y: view.y + side / 2 };
    const far = (event.shiftKey ? 5 : 1) * STEP / view.zoom;
    at = { x: at.x + way[0] * far, y: at.y + way[1] * far };
    if (at.x < view.x || at.x > view.x + side || at.y < view.y || at.y > view.y + side) centre(at);
    draw();
    write();
  });
  map.querySelectorAll("[data-map-zoom]").forEach((button) => button.addEventListener("click", () => {
    const side = SIZE / view.zoom;
    const middle = at || { x: view.x + side / 2, y: view.y + side / 2 };
    view.zoom = Math.min(MOST, Math.max(0.5, view.zoom * Number(button.dataset.mapZoom)));
    centre(middle);
    draw();
  }));
  field.addEventListener("change", () => {
    at = read();
    const side = SIZE / view.zoom;
    if (at && (at.x < view.x || at.x > view.x + side || at.y < view.y || at.y > view.y + side)) centre(at);
    draw();
  });
  at = read();
  draw();
}

document.querySelectorAll("[data-map]").forEach(setUp);
