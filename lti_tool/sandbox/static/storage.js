// Platform storage (1EdTech "LTI Client Side postMessages" and "OIDC Login with LTI Client Side postMessages").
// Only messages from the tool's own origin are heard, and answers go to that origin only.
(() => {
  const { origin, frame } = document.currentScript.dataset;
  const subjects = { put: "lti.put_data", get: "lti.get_data", ask: "lti.capabilities" };
  const store = new Map();

  function capabilities() {
    const where = frame === "_self" ? {} : { frame };
    return {
      supported_messages: [
        { subject: subjects.ask },
        { subject: subjects.put, ...where },
        { subject: subjects.get, ...where },
      ],
    };
  }

  function answer(data) {
    if (data.subject === subjects.ask) return capabilities();
    if (frame === "lti_storage") return null; // data is kept by the frame, this page only says so
    if (!data.key) return { error: { code: "bad_request", message: "key is missing" } };
    if (data.subject === subjects.put) {
      if (data.value === null || data.value === undefined) store.delete(data.key);
      else store.set(data.key, data.value);
      return { key: data.key, value: data.value };
    }
    return { key: data.key, value: store.get(data.key) };
  }

  window.addEventListener("message", (event) => {
    const data = event.data;
    if (event.origin !== origin || !data || !Object.values(subjects).includes(data.subject)) return;
    const body = answer(data);
    if (body && event.source) {
      const reply = { subject: `${data.subject}.response`, message_id: data.message_id, ...body };
      event.source.postMessage(reply, event.origin);
    }
  });
})();
