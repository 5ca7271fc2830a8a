// [data-toolbar="id of a textarea"] with button[data-mark]: write the signs of Markdown for people who do not know them.
// The text area stays what it is.
import { all, announce, onContent, words } from "./page.js";

const around = (before, after, name) => (chosen) => [before, chosen || words(`mark-${name}`), after];
const lines = (sign, name) => (chosen) =>
  ["", (chosen || words(`mark-${name}`)).split("\n").map((line) => sign + line).join("\n"), ""];

function picture(chosen, area) {
  const form = area.closest("form");
  const attached = all(form, "[data-picture]").map((each) => each.dataset.picture);
  const brought = all(form, ".file-item .file-name").map((each) => each.firstChild?.textContent || each.textContent);
  const names = [...attached, ...brought.map((name) => name.trim())].filter((name) => /\.(png|jpe?g|gif|webp)$/i.test(name));
  if (names.length) return ["![", chosen || words("mark-picture"), `](<file:${names.at(-1)}>)`];
  announce(words("pick-picture"));
  form.querySelector("input[type=file]")?.focus();
  return null;
}

const MARKS = {
  bold: around("**", "**", "bold"),
  heading: lines("## ", "heading"),
  list: lines("- ", "list"),
  link: around("[", "](https://)", "link"),
  formula: (chosen) => ["$", chosen || "x^2", "$"],
  picture,
};
const WHOLE_LINES = ["heading", "list"];

function write(area, mark) {
  let { selectionStart: start, selectionEnd: end } = area;
  if (WHOLE_LINES.includes(mark)) start = area.value.lastIndexOf("\n", start - 1) + 1;
  const made = MARKS[mark](area.value.slice(start, end), area);
  if (!made) return;
  const [before, middle, after] = made;
  area.focus();
  area.setRangeText(before + middle + after, start, end, "end");
  area.setSelectionRange(start + before.length, start + before.length + middle.length);
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-toolbar] [data-mark]");
  if (button) write(document.getElementById(button.closest("[data-toolbar]").dataset.toolbar), button.dataset.mark);
});

onContent((root) => {
  for (const bar of all(root, "[data-toolbar]")) {
    bar.hidden = false;
    const area = document.getElementById(bar.dataset.toolbar);
    const label = area.closest(".field")?.querySelector("label");
    label?.after(bar);
  }
});
