// What the other scripts share: new content, spoken notices, and the words of the page's own language.

/** Call `visit(root)` for the page, and for everything that is swapped into it later. */
export function onContent(visit) {
  document.addEventListener("htmx:load", (event) => visit(event.detail.elt));
}

/** Elements that match, `root` included. */
export function all(root, selector) {
  const inside = [...root.querySelectorAll(selector)];
  return root.matches?.(selector) ? [root, ...inside] : inside;
}

/** The translated text of a `<template id="say-…">`. */
export function words(name) {
  return document.getElementById(`say-${name}`)?.content.textContent.trim() ?? "";
}

/** Have a screen reader say it. */
export function announce(text) {
  const voice = document.getElementById("page-says");
  if (voice) voice.textContent = text;
}

/** Show one of the page's ready notices on top, once; `texts` come before its own last words. */
export function notice(name, texts = []) {
  const ready = document.getElementById(`say-${name}`);
  const place = document.getElementById("notices");
  if (!ready || !place || place.querySelector(`[data-notice="${name}"]`)) return;
  const shown = document.createElement("div");
  shown.dataset.notice = name;
  shown.append(ready.content.cloneNode(true));
  const own = shown.querySelector("p:last-of-type");
  own?.before(...texts.map((text) => Object.assign(document.createElement("p"), { textContent: text })));
  place.append(shown);
  shown.scrollIntoView({ block: "nearest" });
}

/** Take a notice away again. */
export function withdraw(name) {
  document.querySelector(`#notices [data-notice="${name}"]`)?.remove();
}

/** Storage of this tab; only this page's memory where the browser gives none. */
export const tabStorage = (() => {
  try {
    sessionStorage.setItem("probe", "1");
    sessionStorage.removeItem("probe");
    return sessionStorage;
  } catch {
    const kept = new Map();
    return {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, String(value)),
      removeItem: (key) => void kept.delete(key),
      key: (index) => [...kept.keys()][index] ?? null,
      get length() { return kept.size; },
    };
  }
})();
