// Single keys, as each person has them: the page loads the list of keys, shows it as help, and does what it says.
// They rest while somebody types, while a dialog or menu is open, and for who has switched them off.

"use strict";

(() => {
  const help = () => document.getElementById("keys");
  const rows = () => [...document.querySelectorAll(".row > a")];
  const card = () => document.querySelector(".card-view");
  const box = (row) => row?.parentElement.querySelector('[name="item"]');
  const anyTicked = () => document.querySelector('.row [name="item"]:checked') !== null;

  function focused() {
    const row = document.activeElement?.closest(".row");
    return row ? row.querySelector("a") : document.querySelector(".row > a[aria-current]");
  }

  function move(by) {
    const all = rows();
    if (!all.length) return null;
    const here = all.indexOf(focused());
    const beyond = here + by;
    if (beyond >= all.length) document.querySelector('.pager [rel="next"]')?.focus();
    const next = all[here < 0 ? 0 : Math.min(all.length - 1, Math.max(0, beyond))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
    return next;
  }

  function tick(row, value) {
    const found = box(row);
    if (!found) return;
    found.checked = value ?? !found.checked;
    found.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function extend(by) {
    tick(focused(), true);
    tick(move(by), true);
  }

  const together = (what) => document.querySelector(`#bulk [value="${what}"]`).click();

  // What asks for more than a yes: the first thing to fill in or choose.
  const FIRST_FIELD = ".decision :is(input:not([type=hidden]), select, textarea, .button):enabled";

  // A row that has the focus but is not open is opened, never approved: nobody has seen its card. What is risky
  // takes a second key: this one only goes to the button.
  function approve() {
    if (anyTicked()) return together("approve");
    const row = document.activeElement?.closest(".row > a");
    if (row && !row.hasAttribute("aria-current")) return row.click();
    const button = document.querySelector('.card-view [data-key="a"]');
    if (!button) document.querySelector(FIRST_FIELD)?.focus();
    else if (document.querySelector('.bar[data-risk="high"]')) button.focus();
    else button.click();
  }

  function reject() {
    if (anyTicked()) return together("reject");
    document.querySelector("#decision [name=feedback]")?.focus();
  }

  function claim() {
    if (anyTicked()) return together("claim");
    document.querySelector("[data-claim]")?.click();
  }

  function later() {
    const menu = document.querySelector(".later");
    if (!menu) return;
    menu.open = true;
    menu.querySelector("button").focus();
  }

  function back() {
    if (anyTicked()) document.querySelector("[data-untick]").click();
    else if (card()) document.querySelector(".bar-back").click();
  }

  function search() {
    const field = document.getElementById("q");
    if (field.offsetParent === null) return;
    field.focus();
    field.select();
  }

  const DOES = {
    next: () => move(1),
    previous: () => move(-1),
    open: () => document.activeElement?.closest(".row > a")?.click(),
    approve,
    reject,
    select: () => tick(focused()),
    extend: () => extend(1),
    extend_back: () => extend(-1),
    claim,
    later,
    undo: () => document.querySelector("[data-undo]")?.click(),
    following: () => document.querySelector("[data-next]")?.click(),
    search,
    back,
    help: () => help().showModal(),
  };
  const REPEATABLE = new Set(["next", "previous", "extend", "extend_back"]);

  const isTyping = (element) =>
    element.closest('input:not([type="checkbox"]), textarea, select, [contenteditable], dialog, .menu[open]') !== null;

  function actionOf(key) {
    if (help()?.dataset.on !== "yes") return null;
    return [...help().querySelectorAll("[data-action]")].find((shown) => shown.textContent === key)?.dataset.action;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (event.key === "Escape" && event.target.id === "q") return event.target.blur();
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const action = actionOf(event.key);
    if (!action || (event.repeat && !REPEATABLE.has(action))) return;
    event.preventDefault();
    DOES[action]();
  });
})();
