// The live connection: lists of messages, which carry ids only; what changed is told to the page as events on <body>, and htmx
// fetches the fragments that listen: inbox-changed, runs-changed, run-changed:<id>, run-speaks:<id>,
// requirement-changed:<id>, presence-changed:<id>, comments-changed:<id of a run or requirement>, mentions-changed,
// notes-changed.
// What the page shows is told the other way, as it says with live-say; again to each new connection.

"use strict";

(() => {
  // What changes the list: everything about a requirement, and a run that pauses or ends.
  const INBOX = /Paused|^StepOutputReview|^StepError|^StepInterrupted|^Workflow(Cancelled|Completed|Error)|^CancelRequested/;
  const SPEECH = "RunContent"; // a model speaks: only its words are fetched, not the page
  const PRESENCE = "Presence"; // somebody comes to a card, goes, or writes
  const PERSONAL = "Personal"; // something of the viewer's own, which the message names
  const COMMENT = /^Comment(Added|Erased)$/; // concerns the talk about a card, not the card
  const COALESCE_MS = 50;
  const LONGEST_WAIT_MS = 15000;
  const PATIENCE_MS = 1500; // a shorter gap is not worth a word
  const STEADY_MS = 5000; // a connection that lasts this long has not failed
  const SIGNED_OUT = 4401;

  let sequence = Number(document.body.dataset.sequence || 0);
  let attempts = 0;
  let timer = null;
  let notice = null;
  let steady = null;
  let live = null;
  let said = null;
  let isRefused = false;
  const pending = new Set();

  function say() {
    if (said && live?.readyState === WebSocket.OPEN) live.send(said);
  }

  document.addEventListener("live-say", ({ detail }) => {
    const saying = JSON.stringify(detail);
    if (saying === said) return;
    said = saying;
    say();
  });

  function connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}${document.body.dataset.live}?after=${sequence}`);
    live = socket;
    socket.addEventListener("open", () => {
      say();
      steady = setTimeout(() => { attempts = 0; isRefused = false; }, STEADY_MS);
      if (attempts) hear({ sequence, type: PERSONAL, what: "notes" }); // what is no event is not told again
      tellLost(false);
    });
    socket.addEventListener("message", (event) => JSON.parse(event.data).forEach(hear));
    socket.addEventListener("close", (event) => {
      clearTimeout(steady);
      // Once more first: where somebody has proved in another tab who they are, the session goes on by another key.
      if (event.code === SIGNED_OUT && isRefused) return tellSignedOut();
      isRefused = event.code === SIGNED_OUT;
      if (isRefused) return connect();
      tellLost(true);
      const wait = Math.min(LONGEST_WAIT_MS, 250 * 2 ** attempts++);
      setTimeout(connect, wait * (0.75 + Math.random() / 2));
    });
  }

  function hear(message) {
    // A resync may also go back: then the page was about another database.
    if (message.resync || message.sequence > sequence) sequence = message.sequence;
    if (message.resync) for (const name of everything()) pending.add(name);
    for (const name of concerned(message)) pending.add(name);
    timer ??= setTimeout(tell, COALESCE_MS);
  }

  function concerned({ type, run, requirement, what }) {
    if (type === SPEECH) return [`run-speaks:${run}`];
    if (type === PRESENCE) return [`presence-changed:${requirement}`];
    if (type === PERSONAL) return [`${what}-changed`];
    if (COMMENT.test(type)) return [`comments-changed:${requirement ?? run}`, `run-changed:${run}`, "mentions-changed"];
    const names = run ? ["runs-changed", `run-changed:${run}`] : [];
    if (requirement) names.push(`requirement-changed:${requirement}`);
    if (requirement || INBOX.test(type)) names.push("inbox-changed");
    return names;
  }

  // One event a name, however many messages a busy run has sent meanwhile.
  function tell() {
    timer = null;
    const names = [...pending];
    pending.clear();
    for (const name of names) document.body.dispatchEvent(new CustomEvent(name));
  }

  function everything() {
    const names = ["inbox-changed", "runs-changed", "mentions-changed", "notes-changed"];
    for (const element of document.querySelectorAll("[data-requirement]")) {
      for (const what of ["requirement", "presence", "comments"]) names.push(`${what}-changed:${element.dataset.requirement}`);
    }
    for (const element of document.querySelectorAll("[data-run]")) names.push(`run-changed:${element.dataset.run}`, `comments-changed:${element.dataset.run}`);
    return names;
  }

  // The page stays as it is: somebody may be writing in it.
  function tellSignedOut() {
    clearTimeout(notice);
    document.getElementById("signed-out").hidden = false;
  }

  function tellLost(isLost) {
    const banner = document.getElementById("connection");
    const back = document.getElementById("connected-again");
    clearTimeout(notice);
    if (isLost) {
      notice = setTimeout(() => { banner.hidden = false; }, PATIENCE_MS);
      back.hidden = true;
    } else if (!banner.hidden) {
      banner.hidden = true;
      back.hidden = false;
      notice = setTimeout(() => { back.hidden = true; }, STEADY_MS);
    }
  }

  // What the page fetches by itself keeps nobody signed in.
  const BY_ITSELF = /-(changed|refresh|speaks)(:|$)/;
  document.body.addEventListener("htmx:configRequest", ({ detail }) => {
    const why = detail.triggeringEvent;
    if (why && !why.isTrusted && BY_ITSELF.test(why.type)) detail.headers["X-By-Itself"] = "1";
  });

  connect();
})();
