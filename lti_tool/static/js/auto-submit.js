// form[data-auto-submit]: goes on by itself; its button stays for browsers without scripts.
import { all, onContent } from "./page.js";

onContent((root) => {
  for (const form of all(root, "form[data-auto-submit]")) form.submit();
});
