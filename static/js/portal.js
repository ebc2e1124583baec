// What every page needs: times in the viewer's zone, folds that stay as they were, toasts that go, menus that close.

"use strict";

const openFolds = new Set();
// Dates are written as the page is: in the region of the browser where that speaks the language of the page.
const language = document.documentElement.lang;
const locale = navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;

// The zone that the viewer has chosen, else the device's, which the server is told for what it writes itself.
const deviceZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const zoned = (style) => ({ ...style, timeZone: document.body.dataset.zone || deviceZone });
const dayOf = (at) => at.toLocaleDateString("sv", zoned({}));

function tellZone() {
  const cookie = `hitl_time_zone=${deviceZone}`;
  if (!document.cookie.split("; ").includes(cookie)) {
    document.cookie = `${cookie}; path=${document.body.dataset.path || "/"}; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  }
  for (const place of document.querySelectorAll("[data-device-zone]")) place.textContent = place.dataset.deviceZone.replace("%s", deviceZone.replaceAll("_", " "));
}

// Times are written by the server too; here they get the words of the viewer's region, and stay right as days pass.
function tellTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    const exact = at.toLocaleString(locale, zoned({ dateStyle: "medium", timeStyle: "long" }));
    if (time.hasAttribute("data-exact")) {
      const isToday = dayOf(at) === dayOf(new Date());
      time.textContent = isToday ? at.toLocaleTimeString(locale, zoned({})) : exact;
      time.title = exact;
    } else {
      time.title = exact;
    }
  }
}

function countInTitle(root) {
  const head = root.querySelector("[data-count]");
  if (!head) return;
  const count = head.dataset.count; // "999+" where there are more
  const title = document.title.replace(/^\(\d+\+?\) /, "");
  document.title = count === "0" ? title : `(${count}) ${title}`;
}

function fadeToasts() {
  for (const toast of document.querySelectorAll(".toast")) setTimeout(() => toast.remove(), 7000);
}

function rememberFolds(target) {
  openFolds.clear();
  for (const fold of target.querySelectorAll("details[id]")) openFolds.add(`${fold.id}:${fold.open}`);
}

function restoreFolds(target) {
  for (const fold of target.querySelectorAll("details[id]")) {
    if (openFolds.has(`${fold.id}:true`)) fold.open = true;
    if (openFolds.has(`${fold.id}:false`)) fold.open = false;
  }
}

document.addEventListener("htmx:beforeSwap", (event) => rememberFolds(event.detail.target));
document.addEventListener("htmx:afterSettle", () => {
  tellTimes(document);
  countInTitle(document);
  fadeToasts();
});
document.addEventListener("htmx:afterSwap", (event) => restoreFolds(event.detail.target));

// What somebody did and the server did not take is said; what a page only fetches is fetched again.
function tellUnanswered(event) {
  if (event.detail.requestConfig?.verb !== "post") return;
  const status = event.detail.xhr?.status ?? 0;
  const words = document.getElementById("unanswered");
  words.hidden = (status >= 200 && status < 400) || status === 409 || status === 422;
  words.textContent = status >= 400 && status < 500 ? words.dataset.refused : words.dataset.silent;
}
document.addEventListener("htmx:afterRequest", tellUnanswered);

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll(".menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("DOMContentLoaded", () => {
  tellZone();
  tellTimes(document);
  fadeToasts();
});
