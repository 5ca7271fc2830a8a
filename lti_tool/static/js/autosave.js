// form[data-autosave="address"]: what is typed in its text areas goes there as JSON (text, version, tab) while it is
// typed; the answer's new version goes into the form, so that saving it by its button follows on. [data-autosave-says]
// in the form tells how that went.
import { announce, words } from "./page.js";
import { send } from "./session.js";

const PAUSE = 1500; // milliseconds without typing until it is saved
const LONGEST = 15_000; // and while somebody types on and on

const running = new WeakMap();

function say(form, name, values = {}) {
  const text = Object.entries(values).reduce((said, [key, value]) => said.replace(`{${key}}`, value), words(name));
  const place = form.querySelector("[data-autosave-says]");
  if (place) place.textContent = text;
  else announce(text);
}

function now() {
  return new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short" }).format(new Date());
}

function work(form) {
  const { text, version, tab } = form.elements;
  return JSON.stringify({ text: text.value, version: Number(version.value), tab: tab.value });
}

async function save(form) {
  const state = running.get(form);
  if (state.busy || state.stopped) return;
  clearTimeout(state.timer);
  state.timer = state.since = null;
  state.busy = true;
  try {
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    const response = await send(form.dataset.autosave, { method: "POST", headers, body: work(form) });
    await heed(form, state, response);
  } catch {
    say(form, "unsaved-offline");
    plan(form, LONGEST);
  } finally {
    state.busy = false;
  }
}

async function heed(form, state, response) {
  if (response.ok) {
    form.elements.version.value = (await response.json()).version;
    say(form, "saved", { time: now() });
    return;
  }
  if (response.status >= 500 || response.status === 429) {
    say(form, "unsaved-offline");
    plan(form, LONGEST);
    return;
  }
  state.stopped = true; // another window, a grade, or the end of the session: its button shows what to do
  say(form, response.status === 409 ? "unsaved-elsewhere" : "unsaved");
}

function plan(form, wait) {
  const state = running.get(form);
  clearTimeout(state.timer);
  state.timer = setTimeout(() => {
    if (!form.isConnected) return;
    if (state.busy) plan(form, PAUSE);
    else save(form);
  }, wait);
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form?.dataset.autosave || event.target !== form.elements.text) return;
  if (!running.has(form)) running.set(form, { timer: null, since: null, busy: false, stopped: false });
  const state = running.get(form);
  state.since ??= Date.now();
  plan(form, Math.max(0, Math.min(PAUSE, state.since + LONGEST - Date.now())));
});

document.addEventListener("submit", (event) => {
  const state = running.get(event.target);
  if (state) clearTimeout(state.timer); // the form itself brings the text now
});
