// A card that never loses what somebody is writing. The list and the keys have files of their own.

"use strict";

(() => {
  const card = () => document.querySelector(".card-view");
  const form = () => document.getElementById("decision");

  // Live -----------------------------------------------------------------------------------------------------

  document.addEventListener("htmx:afterSwap", () => {
    if (document.querySelector("#standing [data-closed]")) closeForm();
  });

  document.addEventListener("input", (event) => {
    if (event.target.form?.id === "decision") event.target.form.dataset.dirty = "";
  });

  // Decided elsewhere: a card that nobody writes in becomes the decision; in one that somebody writes in, only
  // the banner appears and the buttons rest.
  let listening = null;
  function listen() {
    const id = card()?.dataset.requirement;
    if (!id || id === listening) return;
    listening = id;
    document.body.addEventListener(`requirement-changed:${id}`, () => {
      if (card()?.dataset.requirement !== id || form()?.classList.contains("htmx-request")) return;
      const isDirty = form()?.hasAttribute("data-dirty");
      if (isDirty) htmx.trigger("#standing", "standing-refresh");
      else htmx.trigger(".card-view", "card-refresh");
    });
  }

  function closeForm() {
    for (const button of form()?.querySelectorAll("button[name=action]") ?? []) button.disabled = true;
  }

  // What happened to the run between the server's answer and this moment was told to a card that did not listen yet.
  function catchUp(event) {
    const { requestConfig, xhr } = event.detail;
    if (requestConfig?.verb === "post" && xhr?.status === 200 && card() && !form()) htmx.trigger(card(), "card-refresh");
  }

  // A refresh comes too late where somebody has pressed something meanwhile, or begun to write: what they get is newer,
  // the answer needs the button that it was asked from, and what they write is about what they saw.
  function giveWay(event) {
    const asker = event.detail.requestConfig?.elt;
    if (!asker?.matches(".card-view")) return;
    const others = document.querySelectorAll("#card :is(form, a).htmx-request:not(.comments *)");
    const isDirty = form()?.hasAttribute("data-dirty");
    if (others.length || isDirty) event.detail.shouldSwap = false;
    if (isDirty) htmx.trigger("#standing", "standing-refresh");
  }

  document.addEventListener("htmx:beforeSwap", giveWay);
  document.addEventListener("htmx:afterSettle", listen);
  document.addEventListener("htmx:afterSettle", catchUp);
  document.addEventListener("DOMContentLoaded", listen);

  // Copying -------------------------------------------------------------------------------------------------

  // Browsers lend the clipboard to safe origins only; elsewhere the text can still be marked.
  function offerCopies() {
    for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
  }
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = button.dataset.done;
  });
  document.addEventListener("htmx:afterSettle", offerCopies);
  document.addEventListener("DOMContentLoaded", offerCopies);
})();
