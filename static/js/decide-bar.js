// On small screens: the short bar at the bottom goes while the answers themselves are in sight.

"use strict";

(() => {
  let watcher = null;

  function watch() {
    watcher?.disconnect();
    const bar = document.querySelector(".decide-bar");
    const zone = document.querySelector(".decision");
    if (!bar || !zone) return;
    watcher = new IntersectionObserver(([seen]) => bar.classList.toggle("is-needless", seen.isIntersecting), { threshold: 0.35 });
    watcher.observe(zone);
  }

  document.addEventListener("htmx:afterSettle", watch);
  document.addEventListener("DOMContentLoaded", watch);
})();
