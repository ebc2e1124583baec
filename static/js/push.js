// Switches push on in this browser: asks the person, has the worker that shows it installed, and sends the portal
// what the browser gives to be reached by.

"use strict";

(() => {
  const form = document.getElementById("push-form");
  if (!form) return;
  const { worker, key } = form.dataset;
  const button = form.querySelector("button");
  const words = document.getElementById("push-words");

  const say = (what) => { words.textContent = words.dataset[what]; };

  function bytesOf(text) {
    const padded = text.replaceAll("-", "+").replaceAll("_", "/").padEnd(Math.ceil(text.length / 4) * 4, "=");
    return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
  }

  const isSame = (buffer) => buffer && bytesOf(key).every((byte, at) => new Uint8Array(buffer)[at] === byte);

  async function subscribed() {
    await navigator.serviceWorker.register(worker);
    const registration = await navigator.serviceWorker.getRegistration(worker);
    await ready(registration);
    const before = await registration.pushManager.getSubscription();
    if (before && isSame(before.options.applicationServerKey)) return before;
    await before?.unsubscribe(); // it was for a key that is no more
    return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(key) });
  }

  // `navigator.serviceWorker.ready` waits for a worker of this page's own address, which this one is not.
  function ready(registration) {
    const installing = registration.installing ?? registration.waiting;
    if (registration.active || !installing) return Promise.resolve();
    return new Promise((done) => {
      installing.addEventListener("statechange", () => { if (installing.state === "activated") done(); });
    });
  }

  async function switchOn() {
    button.disabled = true;
    try {
      if (await Notification.requestPermission() !== "granted") return say("denied");
      form.elements.subscription.value = JSON.stringify(await subscribed());
      form.submit();
    } catch (error) {
      console.warn(error);
      say("failed");
    } finally {
      button.disabled = false;
    }
  }

  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) return say("unable");
  form.hidden = false;
  say(Notification.permission === "denied" ? "denied" : "able");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    switchOn();
  });
})();
