// Says through the live connection which requirement this page shows, and whether somebody writes about it. Only when
// that changes: who looks elsewhere, or has stopped to write for a while, says so once.

"use strict";

(() => {
  const STOPPED_MS = 15000;
  let writing = null;

  function say() {
    const shown = document.visibilityState === "visible" ? document.querySelector(".card-view")?.dataset.requirement : undefined;
    const detail = { looking: shown ?? null, writing: Boolean(shown && writing) };
    document.dispatchEvent(new CustomEvent("live-say", { detail }));
  }

  function stop() {
    clearTimeout(writing);
    writing = null;
    say();
  }

  function write() {
    clearTimeout(writing);
    const begins = writing === null;
    writing = setTimeout(stop, STOPPED_MS);
    if (begins) say();
  }

  document.addEventListener("input", (event) => { if (event.target.closest("#decision")) write(); });
  document.addEventListener("submit", stop);
  document.addEventListener("visibilitychange", say);
  document.addEventListener("htmx:afterSettle", say);
  document.addEventListener("DOMContentLoaded", say);
})();
