// form[data-passkey="create|get"][data-options="address"]: has the browser make a passkey, or asks for one, and sends the
// answer in the form's field `credential`. Shows [data-passkey-able] where that works, else leaves [data-passkey-unable];
// inside another site's page it shows [data-passkey-framed], since browsers keep passkeys for windows of their own.
import { announce } from "./page.js";
import { send } from "./session.js";

const framed = window.top !== window.self;
const able = Boolean(window.PublicKeyCredential && navigator.credentials && window.isSecureContext);

function show(selector, visible) {
  for (const part of document.querySelectorAll(selector)) part.hidden = !visible;
}

show("[data-passkey-able]", able && !framed);
show("[data-passkey-unable]", !able && !framed);
show("[data-passkey-framed]", framed);

function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** The server's options with their texts turned into bytes. */
function readable(options) {
  const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
  return {
    ...options,
    challenge: bytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: bytes(options.user.id) } }),
    ...(options.excludeCredentials && { excludeCredentials: known(options.excludeCredentials) }),
    ...(options.allowCredentials && { allowCredentials: known(options.allowCredentials) }),
  };
}

/** The browser's answer as JSON. */
function sendable({ id, rawId, type, response }) {
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const told = parts.filter((part) => response[part]).map((part) => [part, text(response[part])]);
  return JSON.stringify({ id, rawId: text(rawId), type, response: Object.fromEntries(told) });
}

async function options(form) {
  const answer = await send(form.dataset.options, { method: "POST", headers: { Accept: "application/json" } });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.error);
  return { publicKey: readable(told) };
}

async function answer(form) {
  const says = form.querySelector("[data-passkey-failed]");
  const usual = (says.dataset.usual ??= says.textContent);
  says.hidden = true;
  try {
    const asked = await options(form);
    const made = await navigator.credentials[form.dataset.passkey](asked);
    form.elements.credential.value = sendable(made);
    form.requestSubmit();
  } catch (error) {
    // the browser's own errors are in its language and say little; the server's say what to do
    says.textContent = error instanceof DOMException || !error.message ? usual : error.message;
    says.hidden = false;
    announce(says.textContent);
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-passkey]") || form.elements.credential.value) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  answer(form);
}, true);
