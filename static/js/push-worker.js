// Runs while no page is open: shows what is pushed, and opens the page that it is about. Of the portal alone.

"use strict";

const isOurs = (link) => new URL(link, self.location.href).origin === self.location.origin;

self.addEventListener("push", (event) => {
  const { title, link } = event.data.json();
  // The same thing pushed twice is shown once.
  event.waitUntil(self.registration.showNotification(title, { tag: link, data: { link } }));
});

async function open(link) {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const shown = pages.find((page) => page.url === link);
  return shown ? shown.focus() : self.clients.openWindow(link);
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { link } = event.notification.data;
  if (isOurs(link)) event.waitUntil(open(link));
});

self.addEventListener("install", () => self.skipWaiting());
