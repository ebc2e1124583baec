// Passkeys: forms with data-passkey ask the device when they are sent, and send what it says in their field `credential`.
// "create" and "get" read what to ask from #passkey-options; "sign-in" fetches it from where the form goes.

"use strict";

(() => {
  const forms = document.querySelectorAll("form[data-passkey]");
  const isPossible = Boolean(window.PublicKeyCredential && navigator.credentials);

  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  const written = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const named = (known) => known?.map((one) => ({ ...one, id: bytes(one.id) }));

  function asked(options) {
    const read = { ...options, challenge: bytes(options.challenge) };
    if (options.user) read.user = { ...options.user, id: bytes(options.user.id) };
    if (options.excludeCredentials) read.excludeCredentials = named(options.excludeCredentials);
    if (options.allowCredentials) read.allowCredentials = named(options.allowCredentials);
    return read;
  }

  function told(credential) {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = written(credential.response[name]);
    }
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    return { type: credential.type, id: credential.id, rawId: written(credential.rawId), response, clientExtensionResults: credential.getClientExtensionResults() };
  }

  async function optionsFor(form) {
    if (form.dataset.passkey !== "sign-in") return JSON.parse(document.getElementById("passkey-options").textContent);
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return answer.json();
  }

  async function ask(form) {
    const options = await optionsFor(form);
    if (form.dataset.passkey !== "create") return navigator.credentials.get({ publicKey: asked(options.request_options.publicKey) });
    const publicKey = asked(options.creation_options.publicKey);
    const isAlone = form.elements.passwordless?.checked ?? false;
    const selection = { ...publicKey.authenticatorSelection, residentKey: isAlone ? "required" : "discouraged", requireResidentKey: isAlone };
    if (isAlone) selection.userVerification = "required";
    return navigator.credentials.create({ publicKey: { ...publicKey, authenticatorSelection: selection } });
  }

  // For other scripts: what a passkey says to these options, as it is sent.
  window.passkeySays = async (publicKey) => told(await navigator.credentials.get({ publicKey: asked(publicKey) }));

  function complain(form, error) {
    const kind = { NotAllowedError: "refused", AbortError: "refused", InvalidStateError: "known" }[error.name] ?? "failed";
    for (const problem of form.querySelectorAll("[data-problem]")) problem.hidden = problem.dataset.problem !== kind;
  }

  async function send(event) {
    const form = event.target;
    event.preventDefault();
    for (const problem of form.querySelectorAll("[data-problem]")) problem.hidden = true;
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      form.elements.credential.value = JSON.stringify(told(await ask(form)));
      form.submit();
    } catch (error) {
      complain(form, error);
    } finally {
      button.disabled = false;
    }
  }

  for (const form of isPossible ? forms : []) {
    form.hidden = false;
    form.addEventListener("submit", send);
  }
})();
