// The doctor's page: counts what has come so far, in the words that the page brings along, and leads to what is to be done.

"use strict";

const ORDER = ["failed", "warning", "ok", "skipped", "awaited"];

function countFindings() {
  const sum = document.getElementById("doctor-sum");
  const chips = ORDER.map((state) => {
    const number = document.querySelectorAll(`.check[data-state="${state}"]`).length;
    const chip = Object.assign(document.createElement("span"), { className: "chip", textContent: `${number} ${sum.dataset[state]}` });
    chip.dataset.state = state;
    return number ? chip : null;
  });
  sum.replaceChildren(...chips.filter(Boolean));
  document.getElementById("doctor-todo").replaceChildren(...["failed", "warning"].flatMap(linksTo));
}

function linksTo(state) {
  return [...document.querySelectorAll(`.check[data-state="${state}"]`)].map((check) => {
    const item = document.createElement("li");
    item.append(Object.assign(document.createElement("a"), { href: `#${check.id}`, textContent: check.querySelector("h3").textContent }));
    return item;
  });
}

document.addEventListener("htmx:afterSettle", countFindings);
