// The inbox: keys, rows that arrive, and a card that never loses what somebody is writing.

"use strict";

(() => {
  const rows = () => [...document.querySelectorAll(".row > a")];
  const card = () => document.querySelector(".card-view");
  const form = () => document.getElementById("decision");

  // Keys -----------------------------------------------------------------------------------------------------

  function isTyping(element) {
    return element.closest("input, textarea, select, [contenteditable], dialog") !== null;
  }

  function move(by) {
    const all = rows();
    if (!all.length) return;
    const marked = document.querySelector(".row > a[aria-current]");
    const here = all.indexOf(all.includes(document.activeElement) ? document.activeElement : marked);
    const next = here < 0 ? 0 : Math.min(all.length - 1, Math.max(0, here + by));
    all[next].focus();
    all[next].scrollIntoView({ block: "nearest" });
  }

  // A row that has the focus but is not open is opened, never approved: nobody has seen its card.
  function approve() {
    const focused = rows().find((row) => row === document.activeElement);
    if (focused && !focused.hasAttribute("aria-current")) focused.click();
    else document.querySelector('.card-view [data-key="a"]')?.click();
  }

  const KEYS = {
    j: () => move(1),
    k: () => move(-1),
    o: () => rows().includes(document.activeElement) && document.activeElement.click(),
    a: approve,
    r: () => form()?.querySelector("[name=feedback]")?.focus(),
    n: () => document.querySelector("[data-next]")?.click(),
    u: () => card() && document.querySelector(".back").click(),
    "?": () => document.getElementById("keys").showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (document.body.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.repeat && event.key !== "j" && event.key !== "k") return;
    if (event.isComposing || event.defaultPrevented || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]") || !Object.hasOwn(KEYS, event.key)) return;
    event.preventDefault();
    KEYS[event.key]();
  });

  // Live -----------------------------------------------------------------------------------------------------

  let known = new Set();
  const ids = () => rows().map((row) => row.id);

  document.addEventListener("htmx:beforeSwap", (event) => {
    known = new Set(event.detail.target.id === "rows" ? ids() : []);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "rows") {
      for (const row of rows()) row.parentElement.classList.toggle("is-new", !known.has(row.id));
    }
    if (document.querySelector("#standing [data-closed]")) closeForm();
  });

  document.addEventListener("input", (event) => {
    if (event.target.form?.id === "decision") event.target.form.dataset.dirty = "";
  });

  // Decided elsewhere: a card that nobody writes in becomes the decision; in one that somebody writes in, only
  // the banner appears and the buttons rest.
  let listening = null;
  function listen() {
    const id = card()?.dataset.requirement;
    if (!id || id === listening) return;
    listening = id;
    document.body.addEventListener(`requirement-changed:${id}`, () => {
      if (card()?.dataset.requirement !== id || form()?.classList.contains("htmx-request")) return;
      const isDirty = form()?.hasAttribute("data-dirty");
      if (isDirty) htmx.trigger("#standing", "standing-refresh");
      else htmx.trigger(".card-view", "card-refresh");
    });
  }

  function closeForm() {
    for (const button of form()?.querySelectorAll("button[name=action]") ?? []) button.disabled = true;
  }

  // What happened to the run between the server's answer and this moment was told to a card that did not listen yet.
  function catchUp(event) {
    const { requestConfig, xhr } = event.detail;
    if (requestConfig?.verb === "post" && xhr?.status === 200 && card() && !form()) htmx.trigger(card(), "card-refresh");
  }

  document.addEventListener("htmx:afterSettle", listen);
  document.addEventListener("htmx:afterSettle", catchUp);
  document.addEventListener("DOMContentLoaded", listen);

  // Copying -------------------------------------------------------------------------------------------------

  // Browsers lend the clipboard to safe origins only; elsewhere the text can still be marked.
  function offerCopies() {
    for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
  }
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = button.dataset.done;
  });
  document.addEventListener("htmx:afterSettle", offerCopies);
  document.addEventListener("DOMContentLoaded", offerCopies);

  // Time that runs out ---------------------------------------------------------------------------------------

  function tick() {
    for (const time of document.querySelectorAll("[data-deadline]")) {
      const left = new Date(time.dateTime) - Date.now();
      const chip = time.closest(".deadline");
      if (left <= 0) {
        chip.dataset.urgency = "over";
        if (chip.closest(".card-view")) closeForm();
      } else if (left < 3600_000) {
        chip.dataset.urgency = "soon";
      }
    }
  }
  setInterval(tick, 5000);
})();
