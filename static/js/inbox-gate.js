// The gate of a risky decision: approving is locked until everything that was folded has been opened. The server
// checks the same; here people see what is left, and are taken to it.

"use strict";

(() => {
  const opened = new Map(); // what was opened of each revision, also while its card is renewed

  const gate = () => document.querySelector("#decision .gate");
  const form = () => document.getElementById("decision");
  const keyOf = () => `${form().action}#${form().elements.revision.value}`;
  const wanted = () => gate().dataset.folds.split(" ").filter(Boolean);
  const fold = (name) => document.querySelector(`.card-main details[data-fold="${CSS.escape(name)}"]`);

  function seen() {
    if (!opened.has(keyOf())) opened.set(keyOf(), new Set(form().elements.seen.value.split(" ").filter(Boolean)));
    return opened.get(keyOf());
  }

  function left() {
    const known = seen();
    return wanted().filter((name) => !known.has(name));
  }

  function tell() {
    if (!gate()) return;
    for (const name of wanted()) if (fold(name)?.open) seen().add(name);
    const names = left();
    form().elements.seen.value = [...seen()].join(" ");
    for (const button of form().querySelectorAll("button[data-gated]")) {
      if (names.length) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
    }
    if (!wanted().length) return;
    const { more, one, done } = gate().dataset;
    gate().querySelector(".gate-left").textContent =
      names.length > 1 ? more.replace("%d", names.length) : names.length ? one : done;
    gate().dataset.locked = names.length ? "yes" : "no";
    gate().querySelector("[data-unfold]").hidden = names.length === 0;
  }

  function around(element) {
    const found = [];
    for (let at = element?.parentElement?.closest("details"); at; at = at.parentElement?.closest("details")) found.push(at);
    return found;
  }

  function open(names) {
    for (const name of names) {
      for (const details of [...around(fold(name)), fold(name)]) if (details) details.open = true;
    }
  }

  function show(details) {
    details?.scrollIntoView({ block: "center" });
    details?.querySelector("summary")?.focus({ preventScroll: true });
  }

  document.addEventListener("toggle", (event) => { if (event.target.matches?.("details[data-fold]")) tell(); }, true);

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-unfold], button[data-gated]");
    if (!target || !gate()) return;
    const names = left();
    if (target.matches("[data-unfold]") && names.every(fold)) {
      event.preventDefault();
      open(names);
      show(fold(names[0]));
    } else if (target.matches('[aria-disabled="true"]')) {
      event.preventDefault();
      event.stopPropagation();
      show(fold(names[0]));
    }
  }, true);

  document.addEventListener("htmx:afterSettle", tell);
  document.addEventListener("DOMContentLoaded", tell);
})();
