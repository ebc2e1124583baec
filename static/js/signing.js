// An answer that is signed: before the form is sent, the server says what to sign, and the person's passkey does. Nothing
// on the page changes meanwhile, so whatever happens, what was typed is still there.

"use strict";

(() => {
  const signed = new WeakSet(); // forms that are being sent with a signature, or need none

  const say = (form, kind) => {
    for (const words of form.querySelectorAll(".signing [data-says]")) words.hidden = words.dataset.says !== kind;
    if (kind) form.querySelector(".signing").scrollIntoView({ block: "nearest" }); // the bar of a phone is far from it
  };

  async function offerFor(form, button) {
    const body = new FormData(form, button);
    const answer = await fetch(form.querySelector(".signing").dataset.offer, { method: "POST", body });
    if (!answer.ok || answer.redirected) return {}; // the form itself, sent, is told why
    return answer.json();
  }

  function send(form, button) {
    signed.add(form);
    button?.focus(); // htmx sends along the button that was focused last
    form.requestSubmit(button);
  }

  async function sign(form, button) {
    const offer = await offerFor(form, button);
    if (!("publicKey" in offer)) return send(form, button);
    if (!offer.publicKey) return say(form, "none");
    if (!window.PublicKeyCredential || !window.passkeySays) return say(form, "impossible");
    say(form, "wait");
    const { signature, offered } = form.elements;
    signature.value = JSON.stringify(await window.passkeySays(offer.publicKey));
    offered.value = offer.offered;
    if (!form.isConnected) return say(form, "failed");
    say(form, null);
    return send(form, button);
  }

  async function begin(event) {
    const form = event.target;
    if (form.id !== "decision" || !form.querySelector(".signing")) return;
    if (signed.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.hasAttribute("data-signing")) return;
    form.setAttribute("data-signing", "");
    say(form, null);
    try {
      await sign(form, event.submitter);
    } catch (error) {
      say(form, ["NotAllowedError", "AbortError"].includes(error.name) ? "refused" : "failed");
    } finally {
      form.removeAttribute("data-signing");
      event.submitter?.focus();
    }
  }

  // Before htmx, which listens at the form.
  document.addEventListener("submit", begin, true);
})();
