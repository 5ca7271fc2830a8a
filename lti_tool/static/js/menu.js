// details.menu: closes on Escape, on a click elsewhere, and when the focus leaves it.

function closeOthers(inside) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(inside)) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeOthers(event.target));
document.addEventListener("focusin", (event) => closeOthers(event.target));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
