// input[type=file]: shows what was chosen, and says at once when a file is larger than data-max-bytes.
import { words } from "./page.js";

function size(bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const style = { style: "unit", unit: units[power], maximumFractionDigits: power > 1 ? 1 : 0 };
  return new Intl.NumberFormat(document.documentElement.lang, style).format(bytes / 1000 ** power);
}

document.addEventListener("change", (event) => {
  const field = event.target;
  if (!field.matches?.("input[type=file]")) return;
  const files = [...field.files];
  const most = Number(field.dataset.maxBytes ?? Infinity);
  const tooLarge = files.some((file) => file.size > most);
  field.setCustomValidity(tooLarge ? words("too-large").replace("{size}", size(most)) : "");
  if (tooLarge) field.reportValidity();
  const shown = document.querySelector(`output[for="${CSS.escape(field.id)}"]`);
  if (shown) shown.textContent = files.map((file) => `${file.name} (${size(file.size)})`).join(", ");
});
