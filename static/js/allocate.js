// The running remainder of the allocation table: what is typed so far against what there is. The server counts again.
(() => {
  "use strict";
  // As the server reads amounts: a point for the decimals; blanks, commas and apostrophes only between groups of three.
  const grouped = /^\d{1,3}([ ,'\u00a0\u202f]\d{3})+(\.\d+)?$/;
  const units = (text, digits) => {
    const value = text.trim();
    const bare = grouped.test(value) ? value.replace(/[ ,'\u00a0\u202f]/g, "") : value;
    if (bare === "") return 0n;
    const match = /^(\d*)(?:\.(\d*))?$/.exec(bare);
    if (!match || (match[2] || "").length > digits) return null;
    return BigInt((match[1] || "0") + (match[2] || "").padEnd(digits, "0"));
  };
  const written = (amount, digits) => {
    const figures = String(amount < 0n ? -amount : amount).padStart(digits + 1, "0");
    const whole = figures.slice(0, figures.length - digits);
    const exact = (amount < 0n ? "-" : "") + whole + (digits ? `.${figures.slice(-digits)}` : "");
    const places = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    return new Intl.NumberFormat(document.documentElement.lang || "en-GB", places).format(exact);
  };
  document.addEventListener("input", (event) => {
    const table = event.target.matches("[data-share]") && event.target.closest("[data-spreads]");
    if (!table) return;
    const digits = (table.dataset.spreads.split(".")[1] || "").length;
    let rest = units(table.dataset.spreads, digits);
    for (const input of table.querySelectorAll("[data-share]")) {
      const part = units(input.value, digits);
      if (part === null) return; // not an amount (yet): the server says so
      rest -= part;
    }
    const cell = table.querySelector("[data-rest]");
    cell.classList.toggle("tone-bad", rest < 0n);
    cell.querySelector(".money").firstChild.data = `${written(rest, digits)} `;
    table.querySelector("[data-rest-label]").textContent = rest < 0n ? "Too much" : "Stays on account";
  });
})();
