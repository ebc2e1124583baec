// The live connection. Messages carry ids only; what changed is told to the page as events on <body>, and htmx
// fetches the fragments that listen: inbox-changed, runs-changed, run-changed:<id>, requirement-changed:<id>.

"use strict";

(() => {
  const INBOX = new Set([
    "RequirementDecided", "StepPaused", "StepOutputReview", "StepError", "StepInterrupted", "WorkflowPaused",
    "WorkflowCancelled", "WorkflowCompleted", "WorkflowError", "CancelRequested",
  ]);
  const COALESCE_MS = 50;
  const LONGEST_WAIT_MS = 15000;
  const PATIENCE_MS = 1500; // a shorter gap is not worth a word

  let sequence = Number(document.body.dataset.sequence || 0);
  let attempts = 0;
  let timer = null;
  let notice = null;
  const pending = new Set();

  function connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws/live/?after=${sequence}`);
    socket.addEventListener("open", () => {
      attempts = 0;
      tellLost(false);
    });
    socket.addEventListener("message", (event) => hear(JSON.parse(event.data)));
    socket.addEventListener("close", () => {
      tellLost(true);
      const wait = Math.min(LONGEST_WAIT_MS, 250 * 2 ** attempts++);
      setTimeout(connect, wait * (0.75 + Math.random() / 2));
    });
  }

  function hear(message) {
    if (message.sequence > sequence) sequence = message.sequence;
    if (message.resync) for (const name of everything()) pending.add(name);
    if (message.run) pending.add("runs-changed").add(`run-changed:${message.run}`);
    if (message.requirement) pending.add(`requirement-changed:${message.requirement}`);
    if (INBOX.has(message.type)) pending.add("inbox-changed");
    timer ??= setTimeout(tell, COALESCE_MS);
  }

  // One event a name, however many messages a busy run has sent meanwhile.
  function tell() {
    timer = null;
    const names = [...pending];
    pending.clear();
    for (const name of names) document.body.dispatchEvent(new CustomEvent(name));
  }

  function everything() {
    const names = ["inbox-changed", "runs-changed"];
    for (const element of document.querySelectorAll("[data-requirement]")) names.push(`requirement-changed:${element.dataset.requirement}`);
    for (const element of document.querySelectorAll("[data-run]")) names.push(`run-changed:${element.dataset.run}`);
    return names;
  }

  function tellLost(isLost) {
    clearTimeout(notice);
    const banner = document.getElementById("connection");
    if (isLost) notice = setTimeout(() => { banner.hidden = false; }, PATIENCE_MS);
    else banner.hidden = true;
  }

  connect();
})();
