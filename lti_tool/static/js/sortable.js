// [data-sortable] holds [data-sort-item]s that are dragged by their [data-drag] handle, by mouse or finger; the order of
// their fields is what the form sends. Buttons for up and down do the same without this script.
import { all, onContent } from "./page.js";

function begin(event, handle) {
  const item = handle.closest("[data-sort-item]");
  const list = item?.closest("[data-sortable]");
  if (!list || event.button > 0) return;
  event.preventDefault();
  handle.setPointerCapture(event.pointerId);
  item.classList.add("dragged");

  function move(moved) {
    const others = [...list.querySelectorAll(":scope > [data-sort-item]")].filter((one) => one !== item);
    const next = others.find((one) => {
      const box = one.getBoundingClientRect();
      return moved.clientY < box.top + box.height / 2;
    });
    if (next !== item.nextElementSibling) list.insertBefore(item, next ?? null);
  }

  function end() {
    item.classList.remove("dragged");
    handle.removeEventListener("pointermove", move);
    handle.removeEventListener("pointerup", end);
    handle.removeEventListener("pointercancel", end);
  }

  handle.addEventListener("pointermove", move);
  handle.addEventListener("pointerup", end);
  handle.addEventListener("pointercancel", end);
}

onContent((root) => {
  for (const handle of all(root, "[data-drag]")) {
    handle.hidden = false;
    handle.addEventListener("pointerdown", (event) => begin(event, handle));
  }
});
