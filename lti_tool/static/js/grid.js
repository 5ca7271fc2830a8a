// table[data-grid]: arrows move between the cells with data-cell="address"; typing a number there opens a field, Enter
// saves it and goes one down, Escape drops it. The link in a cell leads to the whole work, with and without this script.
import { all, announce, onContent } from "./page.js";
import { send } from "./session.js";

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function rows(table) {
  return [...table.querySelectorAll("tr")].filter((row) => row.querySelector("[data-cell]"));
}

/** The next cell that way with something to open, past those that are graded without names; nothing at the edge. */
function beside(cell, [down, right]) {
  const lines = rows(cell.closest("[data-grid]"));
  const there = lines[lines.indexOf(cell.parentElement) + down]?.cells[cell.cellIndex + right];
  if (!there || there.querySelector("a")) return there ?? null;
  return there.matches("td") ? beside(there, [down, right]) : null;
}

function focus(cell) {
  const link = cell?.querySelector("a");
  if (!link) return;
  for (const other of cell.closest("[data-grid]").querySelectorAll("td a")) other.tabIndex = -1;
  link.tabIndex = 0;
  link.focus({ preventScroll: true });
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** One stop for the Tab key: arrows lead on from there. */
function begin(table) {
  const links = table.querySelectorAll("td a");
  links.forEach((link, index) => (link.tabIndex = index ? -1 : 0));
}

function edit(cell, typed) {
  const link = cell.querySelector("a");
  const field = document.createElement("input");
  field.className = "form-control cell-entry";
  field.inputMode = "decimal";
  field.autocomplete = "off";
  field.setAttribute("aria-label", link.textContent);
  field.value = typed;
  link.hidden = true;
  link.before(field);
  field.focus();
}

function drop(cell) {
  cell.querySelector(".cell-entry")?.remove();
  const link = cell.querySelector("a");
  link.hidden = false;
  return link;
}

/** A short line in the cell, for what was refused; it is said aloud as well. */
function say(cell, text) {
  announce(text);
  cell.querySelector("[data-cell-says]")?.remove();
  const line = Object.assign(document.createElement("div"), { className: "text-danger", textContent: text });
  line.dataset.cellSays = "";
  cell.append(line);
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}

async function save(cell, field) {
  field.readOnly = true;
  const body = new URLSearchParams({ points: field.value, comment: "", version: cell.dataset.version });
  try {
    const response = await send(cell.dataset.cell, { method: "POST", headers: { Accept: "application/json" }, body });
    const answer = await response.json();
    if (!answer.cell) return refuse(cell, field, answer.error);
    cell.dataset.version = answer.version;
    if (response.status === 422) return refuse(cell, field, answer.said);
    cell.replaceChildren(...new DOMParser().parseFromString(answer.cell, "text/html").body.childNodes);
    if (response.ok) {
      announce(answer.said);
      focus(beside(cell, [1, 0]) ?? cell);
    } else {
      say(cell, answer.said);
      focus(cell);
    }
  } catch {
    refuse(cell, field, document.getElementById("say-offline")?.content.textContent.trim() ?? "");
  }
}

function refuse(cell, field, text) {
  field.readOnly = false;
  field.setAttribute("aria-invalid", "true");
  say(cell, text);
  field.focus({ preventScroll: true });
  field.select();
}

document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.("[data-grid] [data-cell]");
  if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches(".cell-entry")) return entering(event, cell);
  if (!event.target.matches("a")) return;
  if (STEPS[event.key]) {
    event.preventDefault();
    focus(beside(cell, STEPS[event.key]));
  } else if (/^[0-9]$/.test(event.key)) {
    event.preventDefault();
    edit(cell, event.key);
  }
});

function entering(event, cell) {
  const down = event.key === "ArrowDown" || event.key === "Enter";
  if (down && !event.target.readOnly) {
    event.preventDefault();
    save(cell, event.target);
  } else if (event.key === "Escape") {
    event.preventDefault();
    cell.querySelector("[data-cell-says]")?.remove();
    drop(cell).focus();
  }
}

onContent((root) => all(root, "[data-grid]").forEach(begin));
