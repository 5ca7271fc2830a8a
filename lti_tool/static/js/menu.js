// details.menu: closes on Escape, on a click elsewhere, and when the focus leaves it.
// button[data-unfold]: opens and closes what it names in aria-controls; how, the style sheet says by aria-expanded.

function closeOthers(inside) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(inside)) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  closeOthers(event.target);
  const button = event.target.closest?.("button[data-unfold]");
  button?.setAttribute("aria-expanded", String(button.getAttribute("aria-expanded") !== "true"));
});
document.addEventListener("focusin", (event) => closeOthers(event.target));
document.addEventListener("keydown", (event) => {
  const unfolded = event.key === "Escape" && event.target.closest?.("nav")?.querySelector("button[data-unfold][aria-expanded=true]");
  if (unfolded) {
    unfolded.setAttribute("aria-expanded", "false");
    unfolded.focus();
  }
  const menu = event.key === "Escape" && event.target.closest?.("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
