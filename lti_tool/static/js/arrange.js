// [data-arrange="address"] with data-seen: lists [data-arranged-list="unit"] of [data-arranged="activity"] in units
// [data-arranged="unit"]. Each is moved by its a[data-handle]: dragged, or with the arrow keys on it. Every move is sent
// with the order it was made from; what somebody else arranged meanwhile is never overwritten. The handle's link leads
// to a page with all places in one list, for everybody else.
import { all, announce, notice, onContent, words } from "./page.js";
import { send } from "./session.js";

const SORTABLE = new URL("../vendor/sortable/Sortable.min.js", import.meta.url).href;
const waiting = new WeakMap(); // moves of one course go one after the other: each needs the order after the one before

const kindOf = (item) => item.dataset.arranged;
const placeOf = (item) => item.closest("[data-arranged-list]")?.dataset.arrangedList ?? "";
const following = (item) => {
  let next = item.nextElementSibling;
  while (next && kindOf(next) !== kindOf(item)) next = next.nextElementSibling;
  return next;
};

function put(course, item, { unit, before }) {
  const list = kindOf(item) === "unit" ? course : course.querySelector(`[data-arranged-list="${unit ?? 0}"]`);
  const next = before && course.querySelector(`[data-arranged="${kindOf(item)}"][data-id="${before}"]`);
  list.insertBefore(item, next || null);
  item.closest("details")?.setAttribute("open", "");
}

function tell(course, item) {
  const beside = [...item.parentElement.children].filter((each) => kindOf(each) === kindOf(item));
  const title = item.querySelector("h3, .activity-what > a")?.textContent.trim() ?? "";
  announce(
    words("moved").replace("{title}", title).replace("{place}", beside.indexOf(item) + 1).replace("{all}", beside.length),
  );
}

async function move(course, item, place, undo) {
  const body = new URLSearchParams({ seen: course.dataset.seen, [kindOf(item)]: item.dataset.id, place });
  try {
    const answer = await send(course.dataset.arrange, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!answer.ok) {
      undo();
      notice(answer.status === 409 ? "moved-elsewhere" : "refused");
      return;
    }
    const told = await answer.json();
    course.dataset.seen = told.seen;
    const focused = item.contains(document.activeElement);
    put(course, item, told);
    if (focused) item.querySelector("[data-handle]").focus();
    tell(course, item);
  } catch {
    undo();
    notice("offline");
  }
}

function inTurn(course, act) {
  waiting.set(course, (waiting.get(course) ?? Promise.resolve()).then(act));
}

document.addEventListener("keydown", (event) => {
  const handle = event.target.closest?.("[data-handle]");
  const place = { ArrowUp: "up", ArrowDown: "down" }[event.key];
  const course = handle?.closest("[data-arrange]");
  if (!course || !place || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  inTurn(course, () => move(course, handle.closest("[data-arranged]"), place, () => {}));
});

function draggable(course, list, handle, group) {
  let from = null;
  window.Sortable.create(list, {
    handle,
    group,
    draggable: "[data-arranged]",
    forceFallback: true,
    fallbackOnBody: true,
    fallbackTolerance: 4,
    animation: 120,
    onStart: ({ item }) => { from = [item.parentElement, item.nextSibling]; },
    onEnd: ({ item }) => {
      const [parent, next] = from;
      if (item.parentElement === parent && item.nextSibling === next) return;
      const before = following(item)?.dataset.id ?? "";
      const place = kindOf(item) === "unit" ? before : `${placeOf(item)}:${before}`;
      inTurn(course, () => move(course, item, place, () => parent.insertBefore(item, next)));
    },
  });
}

onContent(async (root) => {
  const courses = all(root, "[data-arrange]");
  if (!courses.length) return;
  await import(SORTABLE);
  for (const course of courses) {
    for (const handle of all(course, "[data-handle]")) handle.draggable = false; // the link itself is not what is dragged
    for (const list of all(course, "[data-arranged-list]")) draggable(course, list, "[data-handle]", "activities");
    draggable(course, course, ".unit-tools > [data-handle]", "units");
    course.dataset.draggable = "";
  }
});
