// form[data-quiz="address"]: every answer goes to the server as it is given, as JSON (answers, version, tab). What could not
// be sent is kept in this tab and sent when the connection is back, also after the page was opened anew. [data-remaining]
// counts down the seconds the server said are left; this computer's clock is never asked what time it is.
import { all, announce, onContent, tabStorage, words } from "./page.js";
import { send } from "./session.js";

const PAUSE = 800; // milliseconds without typing until it is sent
const AGAIN = 5000; // until it is tried once more
const SPOKEN = [600, 300, 60]; // seconds left that a screen reader is told

const running = new WeakMap();

const person = () => document.getElementById("site-header")?.dataset.person ?? "";
const keyOf = (attempt) => `quiz:${person()}:${attempt}`;

function read(form) {
  try {
    return JSON.parse(tabStorage.getItem(keyOf(form.dataset.quizAttempt))) ?? {};
  } catch {
    return {};
  }
}

function write(form, waiting) {
  const key = keyOf(form.dataset.quizAttempt);
  try {
    if (Object.keys(waiting).length) tabStorage.setItem(key, JSON.stringify(waiting));
    else tabStorage.removeItem(key);
  } catch {
    // Full: the answers are still on the page.
  }
}

function say(form, name) {
  const place = form.querySelector("[data-quiz-says]");
  if (place) place.textContent = words(name);
}

/** The fields of one question as the form would send them. */
function fieldsOf(question) {
  return [...question.querySelectorAll("input[name], select[name], textarea[name]")]
    .filter((field) => !["radio", "checkbox"].includes(field.type) || field.checked)
    .map((field) => [field.name, field.value]);
}

function note(form, question) {
  const waiting = read(form);
  waiting[question.dataset.question] = fieldsOf(question);
  write(form, waiting);
}

function plan(form, wait) {
  const state = running.get(form);
  clearTimeout(state.timer);
  state.timer = setTimeout(() => form.isConnected && save(form), wait);
}

async function save(form) {
  const state = running.get(form);
  const waiting = read(form);
  if (state.stopped || !Object.keys(waiting).length) return;
  if (state.busy) {
    plan(form, PAUSE);
    return;
  }
  state.busy = true;
  try {
    const { version, tab } = form.elements;
    const body = JSON.stringify({ answers: waiting, version: Number(version.value), tab: tab.value });
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    await heed(form, waiting, await send(form.dataset.quiz, { method: "POST", headers, body }));
  } catch {
    say(form, "quiz-offline");
    plan(form, AGAIN);
  } finally {
    state.busy = false;
  }
}

async function heed(form, sent, response) {
  if (response.status >= 500 || response.status === 429) {
    say(form, "quiz-offline");
    plan(form, AGAIN);
    return;
  }
  if (!response.ok) {
    running.get(form).stopped = true; // another window, or the end of the session: what is here stays in this tab
    say(form, response.status === 409 ? "quiz-elsewhere" : "quiz-unsaved");
    return;
  }
  const told = await response.json();
  const waiting = read(form);
  for (const [number, fields] of Object.entries(sent)) {
    if (JSON.stringify(waiting[number]) === JSON.stringify(fields)) delete waiting[number]; // not changed meanwhile
  }
  write(form, told.over ? {} : waiting);
  form.elements.version.value = told.version;
  if (told.remaining !== null) begin(form, told.remaining);
  if (told.over) end(form);
  else if (Object.keys(waiting).length) plan(form, PAUSE);
  else say(form, "quiz-saved");
}

/** Put what was not sent back into the page, then send it. */
function restore(form) {
  const waiting = read(form);
  // what the form itself brought before is saved when the version has gone on since
  if (waiting.sent !== undefined) {
    const saved = waiting.sent !== form.elements.version.value;
    delete waiting.sent;
    write(form, saved ? {} : waiting);
    if (saved) return;
  }
  if (!Object.keys(waiting).length) return;
  for (const [number, fields] of Object.entries(waiting)) {
    const question = form.querySelector(`[data-question="${CSS.escape(number)}"]`);
    if (question) fill(question, fields);
  }
  save(form);
}

function fill(question, fields) {
  for (const field of question.querySelectorAll("input[name], select[name], textarea[name]")) {
    const values = fields.filter(([name]) => name === field.name).map(([, value]) => value);
    if (["radio", "checkbox"].includes(field.type)) field.checked = values.includes(field.value);
    else field.value = values[0] ?? "";
  }
}

// ---- time

function begin(root, seconds) {
  const shown = root.querySelector("[data-remaining]");
  if (shown) shown.endsAt = performance.now() + seconds * 1000;
}

function clock(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function tick(shown) {
  const left = Math.max(0, Math.ceil((shown.endsAt - performance.now()) / 1000));
  if (shown.left === left) return;
  shown.left = left;
  shown.textContent = clock(left);
  shown.closest(".time-left")?.classList.toggle("time-short", left <= 60);
  if (SPOKEN.includes(left)) announce(words("quiz-left").replace("{time}", clock(left)));
  const form = shown.closest("form[data-quiz]");
  if (left === 0 && form) end(form);
}

function end(form) {
  const state = running.get(form);
  if (!state || state.over) return;
  save(form); // the server takes it while the grace lasts
  state.over = true;
  const over = form.querySelector("[data-quiz-over]");
  if (over) {
    over.hidden = false;
    over.scrollIntoView({ block: "nearest" });
  }
}

setInterval(() => {
  for (const shown of document.querySelectorAll("[data-remaining]")) if (shown.endsAt) tick(shown);
}, 500);

// ---- events

function changed(event, wait) {
  const form = event.target.form;
  const question = event.target.closest?.("[data-question]");
  if (!form?.dataset.quiz || !question || !running.has(form)) return;
  note(form, question);
  plan(form, wait);
}

document.addEventListener("input", (event) => changed(event, PAUSE));
document.addEventListener("change", (event) => changed(event, 0));

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset?.quiz || !running.has(form)) return;
  clearTimeout(running.get(form).timer); // the form itself brings this page's answers now
  const waiting = read(form);
  if (Object.keys(waiting).length) write(form, { ...waiting, sent: form.elements.version.value });
});

window.addEventListener("online", () => {
  for (const form of document.querySelectorAll("form[data-quiz]")) if (running.has(form)) save(form);
});

onContent((root) => {
  for (const shown of all(root, "[data-remaining]")) shown.endsAt = performance.now() + Number(shown.dataset.remaining) * 1000;
  for (const form of all(root, "form[data-quiz]")) {
    if (running.has(form)) continue;
    running.set(form, { timer: null, busy: false, stopped: false, over: false });
    restore(form);
  }
  for (const done of all(root, "[data-quiz-done]")) tabStorage.removeItem(keyOf(done.dataset.quizDone));
});
