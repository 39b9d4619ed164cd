// Call mode: after an outcome is chosen by its key, the first field that it asks for is ready to type in,
// or Enter saves at once. Without this file everything works with Tab and the mouse.
(() => {
  "use strict";
  const form = document.querySelector("[data-call-form]");
  if (!form) return;
  form.addEventListener("change", (event) => {
    if (event.target.name !== "outcome") return;
    const fields = [...form.querySelectorAll(".fields input, .fields select")];
    const first = fields.find((field) => field.getClientRects().length > 0);
    (first || event.target).focus();
    if (first && first.select) first.select();
  });
  form.addEventListener("submit", (event) => {
    // A second press of Enter must not save twice; the server refuses it as well.
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => { delete form.dataset.sent; });
})();
