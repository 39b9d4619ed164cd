// The dashboard's few lines of script: theme, navigation on phones, toasts, dialogs, lists and keyboard shortcuts.
// Declared in the page: data-key="n" (press to click or focus), data-key="g c" (two keys), data-key-label (help text),
// data-opens / data-closes (dialog ids), data-confirm (question before a submit), data-check-all, data-copy, data-dismiss.
(() => {
  "use strict";
  const root = document.documentElement;
  const all = (query, from = document) => [...from.querySelectorAll(query)];
  const one = (query, from = document) => from.querySelector(query);

  // --- theme: kept in a cookie, so that the server paints the first frame right
  const flipTheme = () => {
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = isDark ? "light" : "dark";
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
  };

  // --- side navigation on phones
  const showNavigation = (isOpen) => {
    root.dataset.nav = isOpen ? "open" : "";
    one("[data-nav-toggle]")?.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) one("#navigation a")?.focus();
  };

  // --- lists: the current row and the ticks
  const firstLink = "[data-open], td a[href]"; // what Enter opens
  const rows = () => all("tr[data-row]");
  const currentRow = () => one("tr[data-row].is-current");
  const goTo = (row) => {
    if (!row) return;
    currentRow()?.classList.remove("is-current");
    row.classList.add("is-current");
    (one(firstLink, row) || one("input[type=checkbox]", row))?.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };
  const step = (by) => {
    const list = rows();
    const at = list.indexOf(currentRow());
    goTo(list[at < 0 ? 0 : Math.min(Math.max(at + by, 0), list.length - 1)]);
  };
  const countTicks = () => {
    const ticks = all("input[name=row]");
    const ticked = ticks.filter((tick) => tick.checked);
    ticks.forEach((tick) => tick.closest("tr").classList.toggle("is-ticked", tick.checked));
    const bar = one("[data-bulk]");
    if (!bar) return;
    bar.hidden = ticked.length === 0;
    one("[data-bulk-count]", bar).textContent = `${ticked.length} ticked`;
    const head = one("[data-check-all]");
    if (head) {
      head.checked = ticks.length > 0 && ticked.length === ticks.length;
      head.indeterminate = ticked.length > 0 && ticked.length < ticks.length;
    }
  };
  const rowKeys = {
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => currentRow() && step(1),
    ArrowUp: () => currentRow() && step(-1),
    x: () => one("input[name=row]", currentRow() || document.createElement("i"))?.click(),
    Enter: () => one(firstLink, currentRow() || document.createElement("i"))?.click(),
  };

  // --- shortcuts
  const isTyping = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  const scope = () => one("dialog[open]") || document;
  const isFolded = (element) => element.closest("details.menu:not([open])"); // its keys work all the same
  const isShown = (element) => !element.disabled && (element.getClientRects().length > 0 || isFolded(element));
  const withKey = (key) => all("[data-key]", scope()).find((element) => element.dataset.key === key && isShown(element));
  const use = (element) => {
    if (element.matches("input:not([type=checkbox], [type=radio], [type=submit]), textarea, select")) element.focus();
    else element.click();
  };
  const hidden = (element) => element.closest("#navigation"); // folded on phones, still reachable by keys
  let prefix = "";
  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
    const key = prefix + event.key;
    const target = withKey(key) || all("#navigation [data-key]").find((e) => hidden(e) && e.dataset.key === key);
    prefix = "";
    if (target) {
      event.preventDefault();
      use(target);
    } else if (event.key === "?") {
      showHelp();
    } else if (all("[data-key]").some((element) => element.dataset.key.startsWith(`${event.key} `))) {
      prefix = `${event.key} `;
      setTimeout(() => { prefix = ""; }, 1200);
    } else if (rowKeys[event.key] && rows().length && scope() === document) {
      if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
      if (event.key.startsWith("Arrow") && !currentRow()) return;
      event.preventDefault();
      rowKeys[event.key]();
    }
  };
  const showHelp = () => {
    const dialog = one("#shortcuts");
    if (!dialog || dialog.open) return;
    const list = one("[data-shortcut-list]", dialog);
    all("[data-from-page]", list).forEach((item) => item.remove());
    const seen = new Set(all("kbd", list).map((key) => key.textContent));
    all("[data-key]").filter((e) => !dialog.contains(e)).forEach((element) => {
      if (seen.has(element.dataset.key)) return;
      seen.add(element.dataset.key);
      const item = document.createElement("li");
      item.dataset.fromPage = "";
      const name = element.dataset.keyLabel || element.getAttribute("aria-label") || element.textContent;
      item.append(name.trim().replace(/\s+/g, " "), document.createElement("span"));
      element.dataset.key.split(" ").forEach((key) => {
        const cap = document.createElement("kbd");
        cap.textContent = key;
        item.lastChild.append(cap, " ");
      });
      list.append(item);
    });
    dialog.showModal();
  };

  // --- one listener per event, for parts that htmx brings later as well
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      showNavigation(false);
      all("details.menu[open]").forEach((menu) => { menu.open = false; });
      if (event.target.matches("input[type=search]")) event.preventDefault(); // Chromium would empty it
      if (isTyping(event.target)) event.target.blur();
      return;
    }
    press(event);
  });
  document.addEventListener("click", (event) => {
    const on = (query) => event.target.closest(query);
    all("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    if (on("[data-theme-toggle]")) flipTheme();
    if (on("[data-nav-toggle]")) showNavigation(root.dataset.nav !== "open");
    if (on("[data-nav-close]")) showNavigation(false);
    if (on("[data-help]")) showHelp();
    if (on("[data-opens]")) one(`#${on("[data-opens]").dataset.opens}`)?.showModal();
    if (on("[data-closes]")) on("dialog")?.close();
    if (event.target.matches("dialog")) event.target.close();
    if (on("[data-dismiss]")) on("[data-dismiss]").closest("[data-dismissable]").remove();
    if (on("[data-print]")) window.print();
    const copy = on("[data-copy]");
    if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => { copy.dataset.copied = ""; });
    const row = on("tr[data-row]");
    if (row && !on("a, button, input, label, summary")) goTo(row);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-check-all]")) all("input[name=row]").forEach((tick) => { tick.checked = event.target.checked; });
    if (event.target.matches("[data-check-all], input[name=row]")) countTicks();
    if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    const question = event.submitter?.dataset.confirm || event.target.dataset.confirm;
    if (question && !window.confirm(question)) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);
  const settle = () => {
    countTicks();
    all(".toast.is-success, .toast.is-info").forEach((toast) => setTimeout(() => toast.remove(), 7000));
    all("dialog[data-open-now]").forEach((dialog) => dialog.showModal());
  };
  document.addEventListener("DOMContentLoaded", settle);
  document.addEventListener("htmx:afterSettle", settle);
  // A form with errors comes back as 422; it is to be shown, not dropped.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 422) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
})();
