// [data-close]: the work in this window is done, such as a registration; the LMS is asked to close it. What the
// element says stays for the person when nobody does.
import { all, onContent } from "./page.js";

onContent((root) => {
  if (!all(root, "[data-close]").length) return;
  const around = window.opener ?? window.parent;
  // Any origin may hear this: it says nothing but "done", and the LMS administrator's origin may differ from its API's.
  if (around && around !== window) around.postMessage({ subject: "org.imsglobal.lti.close" }, "*");
});
