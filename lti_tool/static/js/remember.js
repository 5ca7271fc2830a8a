// details[data-remember="name"]: stays as the reader left it, in this browser; without storage only as long as the tab.
import { all, onContent, tabStorage } from "./page.js";

const store = (() => {
  try {
    localStorage.setItem("probe", "1");
    localStorage.removeItem("probe");
    return localStorage;
  } catch {
    return tabStorage;
  }
})();
const keyOf = (fold) => `fold:${fold.dataset.remember}`;

onContent((root) => {
  const wanted = document.getElementById(location.hash.slice(1));
  for (const fold of all(root, "details[data-remember]")) {
    if (store.getItem(keyOf(fold)) && !fold.contains(wanted)) fold.open = false;
    fold.addEventListener("toggle", () => {
      if (fold.open) store.removeItem(keyOf(fold));
      else store.setItem(keyOf(fold), "1");
    });
  }
});
