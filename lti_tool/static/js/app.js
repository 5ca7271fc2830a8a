// Everything pages may use; each script waits for its own data- attributes. See docs/developer/components.md.
import "./confirm.js";
import "./arrange.js";
import "./remember.js";
import "./toolbar.js";
import "./session.js";
import "./drafts.js";
import "./autosave.js";
import "./grid.js";
import "./copy.js";
import "./filefield.js";
import "./uploads.js";
import "./menu.js";
import "./close.js";
import "./auto-submit.js";
import "./print.js";
import "./grading.js";
import "./resize.js";
import "./quiz.js";
import "./sortable.js";

// Only the pages of a login need it.
if (document.querySelector("[data-storage-put], [data-storage-proof]")) import("./platform-storage.js");
// Only people who come from no LMS meet these.
if (document.querySelector("[data-passkey]")) import("./passkeys.js");
