// The tool says that it is done: back to the list, where the tool waits to be activated.
(() => {
  const { origin } = document.currentScript.dataset;
  window.addEventListener("message", (event) => {
    const subject = event.data && event.data.subject;
    if (event.origin === origin && subject === "org.imsglobal.lti.close") {
      window.location = document.getElementById("onward").href;
    }
  });
})();
