// Grading quickly: [data-key="j"] is followed or pressed by its key while nothing is being typed ("ctrl+enter" also
// then); [data-rubric] sums the levels chosen, and a figure chooses a level of the criterion that has the focus;
// what is selected in [data-passages] goes into [data-passage-form].

function typing(target) {
  return target.matches?.("textarea, select, input:not([type=radio]):not([type=checkbox])") ?? false;
}

function chooseLevel(event) {
  const criterion = event.target.closest?.("[data-rubric] fieldset");
  const level = criterion?.querySelectorAll("input[type=radio]")[Number(event.key) - 1];
  if (!level) return;
  level.click();
  level.focus();
  event.preventDefault();
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.metaKey || event.isComposing) return;
  const together = event.ctrlKey && event.key === "Enter";
  if (!together && (event.ctrlKey || typing(event.target))) return;
  if (/^[1-9]$/.test(event.key)) {
    chooseLevel(event);
    return;
  }
  const name = together ? "ctrl+enter" : event.key.toLowerCase();
  const found = [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === name);
  if (!found) return;
  event.preventDefault();
  found.click();
});

document.addEventListener("change", (event) => {
  const rubric = event.target.closest?.("[data-rubric]");
  if (!rubric) return;
  const rows = [...rubric.querySelectorAll("fieldset")];
  const most = (row) => Math.max(...[...row.querySelectorAll("input")].map((each) => Number(each.dataset.points)));
  const all = rows.reduce((sum, row) => sum + most(row), 0);
  const chosen = [...rubric.querySelectorAll("input:checked")];
  const reached = chosen.reduce((sum, each) => sum + Number(each.dataset.points), 0);
  const points = (reached * Number(rubric.dataset.maximum)) / all;
  const format = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });
  rubric.querySelector("[data-rubric-sum]").textContent = chosen.length === rows.length ? format.format(points) : "–";
});

document.addEventListener("mouseup", () => {
  const text = document.querySelector("[data-passages]");
  const form = document.querySelector("[data-passage-form]");
  const selection = document.getSelection();
  if (!text || !form || !selection.rangeCount || selection.isCollapsed) return;
  const range = selection.getRangeAt(0);
  if (!text.contains(range.commonAncestorContainer)) return;
  const plain = (part) => {
    const box = document.createElement("div");
    box.append(part.cloneContents());
    for (const note of box.querySelectorAll("[data-note]")) note.remove();
    return box.textContent;
  };
  const before = document.createRange();
  before.setStart(text, 0);
  before.setEnd(range.startContainer, range.startOffset);
  // the server counts whole characters, also those outside the basic plane
  form.elements.start.value = [...plain(before)].length;
  form.elements.quote.value = plain(range);
  form.closest("details").open = true;
});
