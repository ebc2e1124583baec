// Deadlines that tell the truth: counted from what the server said was left, whatever the clock here says. When time is
// up the buttons go; what comes of it is told by the server, once more when the engine has done it.

"use strict";

(() => {
  const HOUR = 3600_000;
  const MINUTE = 60_000;
  const CLOCK = 6 * HOUR; // nearer than that, every second is shown
  const URGENT = [["now", 5 * MINUTE], ["soon", HOUR]];
  const ends = new WeakMap();
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang || undefined, { numeric: "always" });

  function remaining(time) {
    const said = time.dataset.left;
    const known = ends.get(time);
    if (!known || known.said !== said) ends.set(time, { said, at: Date.now() + Number(said) * 1000 });
    return ends.get(time).at - Date.now();
  }

  function clock(left) {
    const seconds = Math.ceil(left / 1000);
    const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0"));
    return seconds < 3600 ? parts.join(":") : [Math.floor(seconds / 3600), ...parts].join(":");
  }

  function told(time, left) {
    if (left < CLOCK) return time.dataset.near.replace("%s", clock(left));
    return left < 48 * HOUR ? words.format(Math.round(left / HOUR), "hour") : words.format(Math.round(left / HOUR / 24), "day");
  }

  // In a card that nobody writes in the server's words replace the buttons; what somebody has typed stays.
  function over(time) {
    time.dataset.isOver = "yes";
    time.textContent = time.dataset.over;
    time.closest(".deadline").dataset.urgency = "over";
    const card = time.closest(".card-view");
    const form = card?.querySelector("#decision");
    if (!form) return;
    form.classList.add("is-over");
    form.querySelector(".time-over").hidden = false;
    for (const button of form.querySelectorAll(".verb button, .decide-bar button")) button.disabled = true;
    if (!form.hasAttribute("data-dirty")) setTimeout(() => htmx.trigger(card, "card-refresh"), 1000);
  }

  function tick() {
    for (const time of document.querySelectorAll("[data-deadline]:not([data-is-over])")) {
      const left = remaining(time);
      if (left <= 0) {
        over(time);
        continue;
      }
      const text = told(time, left);
      if (time.textContent !== text) time.textContent = text;
      time.closest(".deadline").dataset.urgency = URGENT.find(([, less]) => left < less)?.[0] ?? "later";
    }
  }

  setInterval(tick, 1000);
  document.addEventListener("htmx:afterSettle", tick);
  document.addEventListener("DOMContentLoaded", tick);
})();
