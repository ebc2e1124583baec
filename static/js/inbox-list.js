// The list: rows that arrive and leave without losing what is ticked, focused or looked at; and bars that offer
// undoing.

"use strict";

(() => {
  const ticked = new Set();
  const pane = () => document.querySelector(".pane-list");
  const rows = () => [...document.querySelectorAll(".row > a")];
  const boxes = () => [...document.querySelectorAll('.row [name="item"]')];

  // Ticking --------------------------------------------------------------------------------------------------

  function countTicked() {
    ticked.clear();
    for (const box of boxes()) if (box.checked) ticked.add(box.value);
    const bar = document.getElementById("bulk");
    if (!bar) return;
    const count = bar.querySelector(".bulk-count");
    count.textContent = ticked.size ? count.dataset.text.replace("%d", ticked.size) : "";
    bar.querySelector("[data-untick]").hidden = false;
  }

  function untick() {
    for (const box of boxes()) box.checked = false;
    countTicked();
  }

  document.addEventListener("change", (event) => { if (event.target.name === "item") countTicked(); });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-untick]")) untick(); });

  // Rows that come and go ------------------------------------------------------------------------------------

  // What somebody points at, or has in focus, stays where it is on the screen while rows above it leave.
  let anchor = null;
  let known = new Set();

  function remember() {
    const kept = document.querySelector(".row > a:focus, .row > a:hover, .row > a[aria-current]");
    anchor = kept ? { id: kept.id, top: kept.getBoundingClientRect().top } : null;
    known = new Set(rows().map((row) => row.id));
  }

  function restore() {
    const chosen = new Set(ticked);
    for (const box of boxes()) box.checked = chosen.has(box.value);
    countTicked();
    for (const row of rows()) row.parentElement.classList.toggle("is-new", known.size > 0 && !known.has(row.id));
    const kept = anchor && document.getElementById(anchor.id);
    if (kept && pane()) pane().scrollTop += kept.getBoundingClientRect().top - anchor.top;
    markOpen();
  }

  // A card opens without its list: the list is told here which of its rows that is. At once, not when all has settled:
  // a key that is pressed between the two is about the card that is seen.
  function markOpen() {
    const id = document.querySelector(".card-view")?.dataset.requirement;
    for (const row of rows()) {
      if (id && row.id === `row-${id}`) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
  }

  document.addEventListener("htmx:beforeSwap", (event) => { if (event.detail.target.id === "rows") remember(); });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id === "rows") restore();
    startHeld();
  });
  document.addEventListener("htmx:afterSwap", markOpen);

  // A row whose item is being decided is on its way out at once, it alone; it is back as it was where that fails.
  function going(event) {
    const id = event.detail.elt.id === "decision" && event.detail.elt.closest(".card-view").dataset.requirement;
    return id ? document.getElementById(`item-${id}`) : null;
  }
  document.addEventListener("htmx:beforeRequest", (event) => going(event)?.classList.add("is-going"));
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful) going(event)?.classList.remove("is-going");
  });

  // Whoever has decided, claimed or put off something sees it in the list at once, also while nothing is live.
  document.addEventListener("htmx:afterRequest", (event) => {
    const { verb, path } = event.detail.requestConfig ?? {};
    const isTold = event.detail.successful || event.detail.xhr?.status === 409;
    if (verb === "post" && isTold && !path.includes("/comments/")) htmx.trigger(document.body, "inbox-changed");
  });

  // Undo -----------------------------------------------------------------------------------------------------

  function startHeld() {
    for (const bar of document.querySelectorAll("[data-held]")) {
      if (bar.dataset.started) continue;
      bar.dataset.started = "yes";
      const seconds = Number(bar.dataset.held);
      const ends = performance.now() + seconds * 1000;
      bar.querySelector(".held-drain")?.animate(
        [{ transform: `scaleX(${seconds / (bar.dataset.whole || seconds)})` }, { transform: "scaleX(0)" }], { duration: seconds * 1000, fill: "forwards" });
      const label = bar.querySelector(".held-left");
      const timer = setInterval(() => {
        const left = Math.ceil((ends - performance.now()) / 1000);
        if (left > 0 && bar.isConnected) { label.textContent = `${left} s`; return; }
        clearInterval(timer);
        // Somebody who is about to press the button is told by the server that it is too late.
        if (!bar.matches(":focus-within, :hover")) bar.remove();
        else bar.classList.add("is-over");
      }, 250);
    }
  }

  document.addEventListener("DOMContentLoaded", () => { countTicked(); startHeld(); });
})();
