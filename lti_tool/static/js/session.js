// A session for browsers that keep no cookies inside a frame. The launch hands its signed session to this script in
// <div data-session="…" data-next="/…">; from then on htmx fetches every page, and each request carries the session as a header, never
// in an address. With cookies nothing here acts but the notices for requests that went wrong.
import { all, notice, onContent, tabStorage, withdraw } from "./page.js";

const KEY = "session";
const body = () => document.body;
let bearer = null;
let over = false;

function keep(token) {
  bearer = token;
  if (token) tabStorage.setItem(KEY, token);
  else tabStorage.removeItem(KEY);
}

function signed() {
  return bearer ? { Authorization: `Bearer ${bearer}` } : {};
}

/** Take the renewed session of an answer, or find that it is over. */
function renew(renewed, status) {
  over = status === 401 || (bearer !== null && !renewed && status === 403);
  if (bearer && (renewed || over)) keep(renewed); // every answer to a session that is still good renews it
}

function csrf() {
  return document.querySelector("input[name=csrf_token]")?.value ?? "";
}

/** fetch() with the session and the token of our forms; says so itself when the session is over. */
export async function send(path, { method = "GET", headers = {}, body } = {}) {
  const token = method === "GET" ? {} : { "X-CSRFToken": csrf() };
  const response = await fetch(path, { method, body, headers: { ...headers, ...token, ...signed() } });
  renew(response.headers.get("X-Session"), response.status);
  if (over) notice("session-over");
  return response;
}

/** Fetch a page of ours in place of this one. */
function open(path) {
  body().setAttribute("hx-boost", "true"); // inherited by every link and form that comes
  history.replaceState({ htmx: true }, "", path);
  return window.htmx.ajax("GET", path, { source: body(), target: body(), swap: "innerHTML" });
}

function begin() {
  const handed = document.querySelector("[data-session]");
  if (handed) {
    keep(handed.dataset.session);
    delete handed.dataset.session;
    open(handed.dataset.next);
    return;
  }
  const stored = tabStorage.getItem(KEY);
  if (!stored) return;
  if (body().hasAttribute("data-anonymous") && !location.pathname.startsWith("/lti/")) {
    bearer = stored;
    open(location.pathname + location.search);
  } else {
    keep(null); // this page came with a cookie: the older way in is over
  }
}

function isOurs(address) {
  return new URL(address, location.href).origin === location.origin;
}

function isWholePage(text) {
  return /^\s*<!doctype html/i.test(text);
}

document.addEventListener("htmx:beforeProcessNode", (event) => {
  const element = event.target;
  const leaves = element.matches?.("form[action]") && (!isOurs(element.getAttribute("action")) || element.target);
  if (leaves) element.setAttribute("hx-boost", "false"); // such as the answer that goes back to the LMS
});

document.addEventListener("htmx:configRequest", (event) => {
  const { headers, verb } = event.detail;
  Object.assign(headers, signed());
  if (verb !== "get") headers["X-CSRFToken"] = csrf();
});

document.addEventListener("htmx:historyCacheMiss", (event) => {
  for (const [name, value] of Object.entries(signed())) event.detail.xhr.setRequestHeader(name, value);
});

document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr } = event.detail;
  renew(xhr.getResponseHeader("X-Session"), xhr.status);
});

/** What the error page in `text` says, shown on top of this page; false when it is no error page. */
function showRefusal(text) {
  const said = new DOMParser().parseFromString(text, "text/html").querySelector("[data-refused]");
  if (!said) return false;
  withdraw("refused");
  if (over) notice("session-over");
  else notice("refused", [...said.querySelectorAll("p, li")].map((part) => part.textContent.trim()));
  return true;
}

// A refused form must not wipe out what was typed; a page that was asked for and refused is shown as it comes.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target, requestConfig } = event.detail;
  const whole = isWholePage(xhr.responseText);
  const navigates = target === body();
  if (xhr.status < 400) ["offline", "refused"].forEach(withdraw);
  else if (whole && !(navigates && requestConfig.verb === "get")) {
    if (showRefusal(xhr.responseText) || !navigates) event.detail.shouldSwap = false;
  }
  if (whole && navigates && event.detail.shouldSwap) {
    const language = /<html[^>]*\slang="([\w-]+)"/i.exec(xhr.responseText);
    if (language) document.documentElement.lang = language[1];
  }
});

document.addEventListener("htmx:historyCacheMissLoadError", ({ detail }) => {
  renew(detail.xhr.getResponseHeader("X-Session"), detail.xhr.status);
  notice(over ? "session-over" : "refused");
});

document.addEventListener("htmx:sendError", () => notice("offline"));

async function download(link) {
  try {
    const response = await send(link.href);
    if (!response.ok) {
      if (!over) notice("refused");
      return;
    }
    const saved = document.createElement("a");
    saved.href = URL.createObjectURL(await response.blob());
    saved.download = link.getAttribute("download") || nameOf(response) || link.textContent.trim();
    saved.dataset.saved = "";
    saved.click();
    setTimeout(() => URL.revokeObjectURL(saved.href), 60_000);
  } catch {
    notice("offline");
  }
}

function nameOf(response) {
  const disposition = response.headers.get("Content-Disposition") ?? "";
  const plain = /filename="?([^";]+)"?/i.exec(disposition);
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition);
  return encoded ? decodeURIComponent(encoded[1]) : plain?.[1];
}

// Capturing, so that a file's link is never fetched as a page.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[download], a[data-download]");
  if (!bearer || !link || !isOurs(link.href)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  download(link);
}, true);

onContent((root) => {
  if (!bearer) return;
  for (const link of all(root, "a[download], a[data-download]")) link.setAttribute("hx-boost", "false");
});

begin();
