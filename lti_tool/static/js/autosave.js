// form[data-autosave="address"]: the text is sent to the address while it is typed, at most every few seconds.
// Sends {text, version, tab}, takes back {version, message}; a refused one says why and leaves the text alone.
import { words } from "./page.js";
import { signed } from "./session.js";

const PAUSE = 2000;
const waiting = new WeakMap();

function say(form, text) {
  const place = form.querySelector("[data-autosave-says]");
  if (place) place.textContent = text;
}

async function save(form) {
  const { text, version, tab, csrf_token: csrf } = form.elements;
  const body = JSON.stringify({ text: text.value, version: Number(version.value), tab: tab.value });
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf.value, ...signed() };
  try {
    const answer = await fetch(form.dataset.autosave, { method: "POST", headers, body });
    const told = await answer.json();
    if (answer.ok) version.value = told.version;
    say(form, told.message ?? told.error ?? "");
  } catch {
    say(form, words("offline"));
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-autosave]");
  if (!form || event.target.name !== "text") return;
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(() => { if (form.isConnected) save(form); }, PAUSE));
});

document.addEventListener("submit", (event) => clearTimeout(waiting.get(event.target)));
