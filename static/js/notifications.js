// The list of notifications: whoever follows one has read it. Without this script there is a button for that.

"use strict";

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-note]");
  const form = link?.closest(".note")?.querySelector(".note-read");
  if (!form) return;
  const said = new FormData(form);
  said.set("note", link.dataset.note);
  said.set("quietly", "1");
  // Kept alive: the page that it was asked for is about to be left.
  fetch(form.action, { method: "POST", body: said, keepalive: true, credentials: "same-origin" });
});
