// form[data-confirm="question"]: asks before it is sent.

const agreed = new WeakSet();

function ask(question, answer) {
  const dialog = document.getElementById("confirm");
  if (!dialog?.showModal) {
    if (window.confirm(question)) answer();
    return;
  }
  dialog.querySelector("#confirm-question").textContent = question;
  dialog.returnValue = "no";
  dialog.addEventListener("close", () => { if (dialog.returnValue === "yes") answer(); }, { once: true });
  dialog.showModal();
}

// In the capturing phase, so that a form that has not been agreed to reaches nobody else.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (!question) return;
  if (agreed.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const submitter = event.submitter;
  ask(question, () => {
    agreed.add(form);
    form.requestSubmit(submitter);
  });
}, true);
