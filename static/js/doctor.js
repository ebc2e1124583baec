// The doctor's page: counts what has come so far, in the words that the page brings along.

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
}

document.addEventListener("htmx:afterSettle", countFindings);
