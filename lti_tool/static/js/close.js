// button[data-lti-close]: the work in this window is done, such as a registration; a press asks the LMS to close it.
// Not by itself: the page says what remains to be done in the LMS, and would be gone before anybody has read it.

document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-lti-close]")) return;
  const around = window.opener ?? window.parent;
  if (!around || around === window) return;
  // Any origin may hear this: it says nothing but "done", and the LMS administrator's origin may differ from its API's.
  around.postMessage({ subject: "org.imsglobal.lti.close" }, "*");
});
