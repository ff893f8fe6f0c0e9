// The service worker: the browser starts it for a push message, whether or not a page is open. A message is a webhook's body.

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('push', (event) => event.waitUntil(show(event.data.json())));
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.callId));
});

const missed = ['NO_ANSWER', 'CANCELLED', 'BUSY'];

/** One notification a call, by its tag: what comes later takes the place of what was there. */
async function show({ type, data: { callId, media, endReason, ringExpiresAt } }) {
  const shown = { tag: callId, data: { callId } };
  const rings = type === 'call.created' && Date.parse(ringExpiresAt) > Date.now();
  if (rings) {
    const body = media === 'VIDEO' ? 'Video call' : 'Call';
    await self.registration.showNotification('Somebody is calling', { ...shown, body, requireInteraction: true, renotify: true });
  } else if (type === 'call.created' || missed.includes(endReason)) {
    await self.registration.showNotification('Missed call', { ...shown, silent: true });
  } else {
    // Answered, here or elsewhere, or declined. A browser forgives a few messages that show nothing.
    for (const notification of await self.registration.getNotifications({ tag: callId })) notification.close();
  }
  for (const page of await pages()) page.postMessage({ callId });
}

/** The page that is there, or a new one: it asks for `activeCalls`, since the call may be over by now. */
async function open(callId) {
  const [page] = await pages();
  if (page === undefined) return self.clients.openWindow(`/?call=${callId}`);
  page.postMessage({ callId });
  return page.focus();
}

function pages() {
  return self.clients.matchAll({ type: 'window', includeUncontrolled: true });
}
