// form[data-draft="name"]: what is typed is kept in this tab while it is typed, and put back, with a word about it,
// when the form comes up again as it was. It goes once the page says that saving succeeded. The tab's storage is used,
// not the browser's: in a school the next person at this computer must not read it.
import { all, onContent, tabStorage } from "./page.js";

const TYPED = "textarea[name], input[name]:not([type]), input[name][type=text], input[name][type=number]";

const person = () => document.getElementById("site-header")?.dataset.person ?? "";
const keyOf = (form) => `draft:${person()}:${form.dataset.draft}`;

function read(key) {
  try {
    return JSON.parse(tabStorage.getItem(key)) ?? null;
  } catch {
    return null;
  }
}

function write(key, draft) {
  try {
    tabStorage.setItem(key, JSON.stringify(draft));
  } catch {
    // Full: the text is still on the page.
  }
}

function fields(form) {
  return all(form, TYPED).filter((field) => !field.readOnly);
}

function remember(form) {
  const changed = fields(form).filter((field) => field.value !== field.defaultValue);
  if (!changed.length) {
    tabStorage.removeItem(keyOf(form));
    return;
  }
  const texts = Object.fromEntries(changed.map((field) => [field.name, [field.defaultValue, field.value]]));
  write(keyOf(form), { texts, sent: false });
}

function offerToDrop(form, restored) {
  const note = document.getElementById("say-restored")?.content.cloneNode(true);
  if (!note) return;
  const shown = note.firstElementChild;
  shown.querySelector("[data-draft-drop]").addEventListener("click", () => {
    for (const field of restored) field.value = field.defaultValue;
    tabStorage.removeItem(keyOf(form));
    shown.remove();
    restored[0].focus();
  });
  restored[0].after(shown);
}

function restore(form) {
  const draft = read(keyOf(form));
  if (!draft) return;
  const restored = [];
  for (const field of fields(form)) {
    const [before, typed] = draft.texts[field.name] ?? [];
    if (typed === undefined || field.defaultValue !== before) continue; // the saved text is another one by now
    field.value = typed;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    restored.push(field);
  }
  if (restored.length) offerToDrop(form, restored);
  else tabStorage.removeItem(keyOf(form));
}

function forgetSent() {
  const keys = Array.from({ length: tabStorage.length }, (_, index) => tabStorage.key(index));
  for (const key of keys) {
    if (key?.startsWith("draft:") && read(key)?.sent) tabStorage.removeItem(key);
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-draft]");
  if (form) remember(form);
});

document.addEventListener("submit", (event) => {
  const draft = event.target.dataset?.draft && read(keyOf(event.target));
  if (draft) write(keyOf(event.target), { ...draft, sent: true });
});

onContent((root) => {
  if (document.querySelector("[data-flash=success]")) forgetSent();
  for (const form of all(root, "form[data-draft]")) restore(form);
});
