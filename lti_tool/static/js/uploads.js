// [data-file-picker]: sends files while the form is still being filled in, in pieces (tus 1.0), and gives the form their
// ids. A lost connection is waited out; after a reload, choosing the same file again goes on where it stopped. Without
// this script the plain field sends them with the form.
import { all, announce, onContent, tabStorage, words } from "./page.js";
import { send } from "./session.js";

const FIRST_PIECE = 256 * 1024; // bytes
const LARGEST_PIECE = 8 * 1024 * 1024;
const SHORT = 1000; // milliseconds: a piece that took less may be twice as large next time
const WAITS = [1000, 2000, 5000, 10_000, 30_000]; // milliseconds until it is tried again, the last one for ever
const ADDRESS = "/files/uploads";
const JSON_WANTED = { "Tus-Resumable": "1.0.0", Accept: "application/json" };

const sleep = (time) => new Promise((done) => setTimeout(done, time));
const person = () => document.getElementById("site-header")?.dataset.person ?? "";
const say = (name, values = {}) =>
  Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), words(name));

/** Bytes for people. */
export function size(bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  const style = { style: "unit", unit: units[power], maximumFractionDigits: power > 1 ? 1 : 0 };
  return new Intl.NumberFormat(document.documentElement.lang, style).format(bytes / 1024 ** power);
}

/** A refusal that trying again would not change. */
class Refusal extends Error {}

function base64(text) {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}

/** One request of the protocol; waits out lost connections and a server that restarts. */
async function ask(item, path, options) {
  for (let tries = 0; ; tries += 1) {
    if (item.removed) throw new Refusal("");
    try {
      const response = await send(path, { ...options, headers: { ...JSON_WANTED, ...options.headers } });
      if (response.status < 500 && response.status !== 429) return response;
    } catch {
      // the line is down
    }
    if (options.once) return null;
    item.show(say("file-waits"));
    await sleep(WAITS[Math.min(tries, WAITS.length - 1)]);
  }
}

async function refusal(response) {
  try {
    return new Refusal((await response.json()).error);
  } catch {
    return new Refusal(say("file-refused"));
  }
}

async function begin(item) {
  const metadata = `filename ${base64(item.file.name)},kinds ${base64(item.kinds)}`;
  const headers = { "Upload-Length": String(item.file.size), "Upload-Metadata": metadata };
  const response = await ask(item, ADDRESS, { method: "POST", headers });
  if (response.status !== 201) throw await refusal(response);
  item.address = new URL(response.headers.get("Location"), location.href).pathname;
  tabStorage.setItem(item.key, item.address);
  return { offset: 0, id: null };
}

/** How far the upload has come; null when there is none to go on with. */
async function reached(item) {
  if (!item.address) return null;
  const response = await ask(item, item.address, { method: "HEAD" });
  if (!response.ok) return null;
  return { offset: Number(response.headers.get("Upload-Offset")), id: response.headers.get("X-File") };
}

async function sendPiece(item, offset, length) {
  const headers = { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" };
  const body = item.file.slice(offset, offset + length);
  const response = await ask(item, item.address, { method: "PATCH", headers, body, once: true });
  if (response?.status === 204) {
    return { offset: Number(response.headers.get("Upload-Offset")), id: response.headers.get("X-File") };
  }
  if (response && ![404, 409, 410].includes(response.status)) throw await refusal(response);
  if (!response || response.status === 409) {
    item.show(say("file-waits"));
    await sleep(WAITS[0]);
  }
  return null; // where it stands has to be asked
}

/** Send what is missing; resolves to the id of the whole file. */
async function upload(item) {
  item.address = tabStorage.getItem(item.key);
  let state = (await reached(item)) ?? (await begin(item));
  let length = FIRST_PIECE;
  while (state.id === null) {
    if (item.removed) throw new Refusal("");
    const started = performance.now();
    item.progress(state.offset);
    const next = await sendPiece(item, state.offset, length);
    if (next && performance.now() - started < SHORT) length = Math.min(length * 2, LARGEST_PIECE);
    state = next ?? (await reached(item)) ?? (await begin(item));
  }
  tabStorage.removeItem(item.key);
  return state.id;
}

function button(name, file, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-link";
  made.textContent = say(name);
  const whose = document.createElement("span");
  whose.className = "visually-hidden";
  whose.textContent = ` ${file}`;
  made.append(whose);
  made.addEventListener("click", press);
  return made;
}

class Item {
  constructor(picker, file) {
    this.file = file;
    this.picker = picker;
    this.kinds = picker.root.dataset.kinds;
    this.key = `upload:${person()}:${this.kinds}:${file.name}:${file.size}:${file.lastModified}`;
    this.removed = false;
    this.row = document.createElement("li");
    this.row.className = "file-item";
    this.name = document.createElement("span");
    this.name.className = "file-name";
    this.name.textContent = `${file.name} `;
    this.name.append(Object.assign(document.createElement("small"), { textContent: size(file.size) }));
    this.bar = Object.assign(document.createElement("progress"), { max: file.size, value: 0 });
    this.bar.setAttribute("aria-label", file.name);
    this.state = document.createElement("span");
    this.state.className = "file-state";
    this.row.append(this.name, this.bar, this.state, button("file-remove", file.name, () => this.remove()));
    picker.list.append(this.row);
  }

  show(text) {
    this.state.textContent = text;
  }

  progress(offset) {
    this.bar.value = offset;
    this.show(`${Math.floor((100 * offset) / this.file.size)} %`);
  }

  async run() {
    const { mostBytes } = this.picker.root.dataset;
    try {
      if (this.file.size > Number(mostBytes)) throw new Refusal(say("too-large", { size: size(Number(mostBytes)) }));
      this.ready(await upload(this));
    } catch (fault) {
      if (!this.removed) this.fail(fault instanceof Refusal ? fault.message : say("file-refused"));
    }
  }

  ready(id) {
    this.bar.remove();
    this.show(say("file-ready"));
    this.row.dataset.fileReady = "";
    const field = Object.assign(document.createElement("input"), { type: "hidden", value: id });
    field.name = `${this.picker.root.dataset.name}_id`;
    this.row.prepend(field);
    announce(`${this.file.name}: ${say("file-ready")}`);
  }

  fail(text) {
    this.failed = true;
    this.bar.remove();
    tabStorage.removeItem(this.key);
    this.row.classList.add("file-failed");
    this.show(text);
    announce(`${this.file.name}: ${text}`);
  }

  remove() {
    this.removed = true;
    tabStorage.removeItem(this.key);
    this.picker.drop(this.row);
    this.picker.items.delete(this);
    if (this.address && !this.failed) send(this.address, { method: "DELETE", headers: JSON_WANTED }).catch(() => {});
  }
}

class Picker {
  constructor(root) {
    this.root = root;
    this.field = root.querySelector("input[type=file]");
    this.list = root.querySelector("[data-file-list]");
    this.items = new Set();
    this.queue = Promise.resolve();
    this.field.removeAttribute("name"); // its files go by themselves
    root.dataset.filePicking = "";
    root.querySelector("[data-file-hint]").hidden = false;
    for (const one of root.querySelectorAll("[data-file-remove]")) {
      one.hidden = false;
      one.addEventListener("click", () => this.drop(one.closest("li")));
    }
    this.field.addEventListener("change", () => this.add([...this.field.files]));
    root.addEventListener("dragover", (event) => this.over(event, true));
    root.addEventListener("dragleave", (event) => this.over(event, false));
    root.addEventListener("drop", (event) => {
      this.over(event, false);
      this.add([...event.dataTransfer.files]);
    });
    this.field.form?.addEventListener("submit", (event) => this.hold(event), true);
  }

  over(event, inside) {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    this.root.classList.toggle("file-over", inside);
  }

  add(files) {
    this.field.value = "";
    for (const file of files) {
      const known = [...this.items].some((item) => !item.failed && item.file.name === file.name
        && item.file.size === file.size && item.file.lastModified === file.lastModified);
      if (known) continue;
      const item = new Item(this, file);
      const full = this.list.querySelectorAll("li:not(.file-failed)").length > Number(this.root.dataset.most);
      this.items.add(item);
      if (full) item.fail(say("file-too-many"));
      else this.queue = this.queue.then(() => (item.removed ? null : item.run()));
    }
  }

  drop(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    (next?.querySelector("button") ?? this.field).focus();
  }

  /** A form is sent once all its files are there. */
  hold(event) {
    const under = [...this.items].some((item) => !item.failed && !("fileReady" in item.row.dataset));
    if (!under) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter, target: form } = event;
    announce(say("file-sends-then"));
    this.root.querySelector(".form-text").after(Object.assign(document.createElement("p"), {
      className: "file-then", textContent: say("file-sends-then") }));
    this.queue.then(() => {
      this.root.querySelectorAll(".file-then").forEach((one) => one.remove());
      const failed = [...this.items].find((item) => item.failed);
      if (failed) failed.row.querySelector("button").focus();
      else if (form.isConnected) form.requestSubmit(submitter);
    });
  }
}

onContent((root) => {
  for (const one of all(root, "[data-file-picker]")) new Picker(one);
});
