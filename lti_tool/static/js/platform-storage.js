// Storage lent by the LMS (1EdTech "LTI Client Side postMessages" 1.0 and "OIDC Login with LTI Client Side
// postMessages" 0.1): a login puts its state and nonce there, and the launch reads them back, which shows that both
// happened in one browser although it keeps no cookies for us.
//
// At login:   <div data-storage-put data-frame data-origin data-state data-nonce data-next="address to go on to">
// At launch:  <form data-storage-proof data-frame data-origin data-state data-nonce> with an input named "proof", and
//             <form data-new-tab>, which is hidden for as long as there is hope

const PATIENCE = 2000; // milliseconds for one answer

/** Ask `frame` and wait: resolves to the answer of exactly `origin`, rejects when none comes in time. */
function ask(frame, origin, message) {
  return new Promise((resolve, reject) => {
    const id = crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint32Array(4)), String).join("-");
    const stop = () => { clearTimeout(timer); window.removeEventListener("message", hear); };
    const timer = setTimeout(() => { stop(); reject(new Error("timeout")); }, PATIENCE);
    function hear(event) {
      const data = event.data;
      if (event.origin !== origin || data?.message_id !== id || data.subject !== `${message.subject}.response`) return;
      stop();
      if (data.error) reject(new Error(String(data.error.code)));
      else resolve(data);
    }
    window.addEventListener("message", hear);
    try {
      frame.postMessage({ ...message, message_id: id }, origin);
    } catch (fault) {
      stop();
      reject(fault);
    }
  });
}

/** Windows that may belong to the LMS: the one around this page, and the one that opened it. */
function neighbours() {
  return [window.parent, window.opener].filter((one, index, list) =>
    one && one !== window && list.indexOf(one) === index);
}

function named(neighbour, name) {
  if (!name || name === "_parent" || name === "_self") return neighbour;
  try {
    return neighbour.frames[name] ?? null;
  } catch {
    return null;
  }
}

/** The frame that keeps data. A neighbour's own word about it counts more than the login's parameter. */
async function storage(origin, subject, wanted) {
  const found = neighbours().map(async (neighbour) => {
    const { supported_messages: supported = [] } = await ask(neighbour, origin, { subject: "lti.capabilities" });
    const offer = supported.find((one) => one.subject === subject);
    const frame = offer && named(neighbour, offer.frame ?? wanted);
    if (!frame) throw new Error("not offered");
    return frame;
  });
  try {
    return await Promise.any(found);
  } catch {
    const told = neighbours().map((neighbour) => wanted && named(neighbour, wanted)).find(Boolean);
    if (!told) throw new Error("no storage");
    return told;
  }
}

// The keys tell this login from others in the same browser; a platform need not take long ones.
const keys = ({ state, nonce }) => [`lti_state_${state.slice(-40)}`, `lti_nonce_${nonce.slice(-40)}`];

async function put(element) {
  const { origin, frame: wanted, state, nonce, next } = element.dataset;
  try {
    const frame = await storage(origin, "lti.put_data", wanted);
    const values = [state, nonce];
    await Promise.all(keys(element.dataset).map((key, index) =>
      ask(frame, origin, { subject: "lti.put_data", key, value: values[index] })));
  } catch {
    // The launch will find nothing there, and offers a new tab.
  }
  location.replace(next);
}

async function prove(form) {
  const { origin, frame: wanted } = form.dataset;
  const otherwise = document.querySelectorAll("[data-new-tab]");
  otherwise.forEach((one) => { one.hidden = true; });
  try {
    const frame = await storage(origin, "lti.get_data", wanted);
    const answers = await Promise.all(keys(form.dataset).map((key) => ask(frame, origin, { subject: "lti.get_data", key })));
    const values = answers.map((answer) => answer.value);
    if (!values.every((value) => typeof value === "string" && value)) throw new Error("nothing kept");
    form.elements.namedItem("proof").value = values.join("");
    form.submit();
  } catch {
    form.hidden = true;
    otherwise.forEach((one) => { one.hidden = false; });
  }
}

document.querySelectorAll("[data-storage-put]").forEach(put);
document.querySelectorAll("form[data-storage-proof]").forEach(prove);
