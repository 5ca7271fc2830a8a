// button[data-copy]: copies the text of the field beside it. LMS frames often forbid the clipboard: then the text is
// selected and the person is told which keys to press.
import { announce, words } from "./page.js";

async function copy(field) {
  field.focus();
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    return document.execCommand("copy"); // deprecated, and all that is left inside such a frame
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  const field = button?.closest(".copyable")?.querySelector("input, textarea");
  if (!field) return;
  const says = words((await copy(field)) ? "copied" : "press-copy");
  const label = button.querySelector("[data-copy-says]");
  if (label) label.textContent = says;
  announce(says);
});
