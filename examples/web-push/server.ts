// Wakes the browsers of whoever is called: takes the webhooks of a Switchboard server, sends Web Push. README.md says how to try it.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { Webhook } from 'standardwebhooks';
import webpush, { type PushSubscription, type VapidKeys } from 'web-push';

type CallEvent = { type: string; data: { callId: string; calleeId: string; ringExpiresAt: string } };
type Answer = [status: number, type?: string, body?: string];

const { PORT = '4001', SWITCHBOARD_URL = 'http://127.0.0.1:4000/graphql', WEBHOOK_SECRET = '', VAPID_KEYS, PUSH_HOSTS } = process.env;
/** Of Chrome, Firefox, Safari and Edge: who subscribes does not get to send this server anywhere else. */
const pushHosts = PUSH_HOSTS?.split(',') ?? ['fcm.googleapis.com', 'push.services.mozilla.com', 'push.apple.com', 'notify.windows.com'];
/** What `npx web-push generate-vapid-keys --json` prints. Keep one pair for ever: subscriptions are bound to it. */
const keys = VAPID_KEYS === undefined ? webpush.generateVAPIDKeys() : (JSON.parse(VAPID_KEYS) as VapidKeys);
const webhook = new Webhook(WEBHOOK_SECRET);
/** By user, then by endpoint; and the ids of webhooks that were handled. In a product both are tables. */
const subscriptions = new Map<string, Map<string, PushSubscription>>();
const handled = new Set<string>();

const file = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const routes: Record<string, (request: IncomingMessage) => Promise<Answer>> = {
  'GET /': async () => [200, 'text/html', file('page.html')],
  'GET /sw.js': async () => [200, 'text/javascript', file('sw.js')],
  'GET /config': async () => [200, 'application/json', JSON.stringify({ publicKey: keys.publicKey, switchboardUrl: SWITCHBOARD_URL })],
  'POST /subscriptions': async (request) => {
    const userId = await userOf(request.headers.authorization ?? '');
    if (userId === null) return [401];
    const subscription = JSON.parse(await textOf(request)) as PushSubscription;
    const { hostname } = new URL(subscription.endpoint);
    if (!pushHosts.some((host) => hostname === host || hostname.endsWith(`.${host}`))) return [400];
    subscriptions.set(userId, (subscriptions.get(userId) ?? new Map<string, PushSubscription>()).set(subscription.endpoint, subscription));
    return [204];
  },
  'POST /webhooks': async (request) => {
    const body = await textOf(request);
    try {
      webhook.verify(body, request.headers as Record<string, string>);
    } catch {
      return [401];
    }
    // At least once is sometimes twice. What fails in between answers 500, and Switchboard sends it again.
    const id = String(request.headers['webhook-id']);
    if (!handled.has(id)) await tell(JSON.parse(body) as CallEvent, body);
    handled.add(id);
    return [204];
  },
};

/** Tells every browser of the callee that it rings, and then that somebody has answered or that it is over. */
async function tell({ type, data }: CallEvent, message: string): Promise<void> {
  if (type === 'call.ringing') return;
  const TTL = type === 'call.created' ? Math.max(0, Math.floor((Date.parse(data.ringExpiresAt) - Date.now()) / 1_000)) : 86_400;
  const vapidDetails = { subject: 'mailto:you@example.com', ...keys };
  // Of one topic a push service keeps the newest for a browser that is away: it does not ring for a call that is over.
  const options = { TTL, vapidDetails, urgency: 'high', topic: data.callId.replaceAll('-', '') } as const;
  const browsers = subscriptions.get(data.calleeId) ?? new Map<string, PushSubscription>();
  const sent = [...browsers].map(async ([endpoint, subscription]) => {
    const { method, headers, body } = webpush.generateRequestDetails(subscription, message, options);
    const { status } = await fetch(endpoint, {
      method,
      headers: headers as unknown as Record<string, string>,
      body: new Uint8Array(body ?? []),
      redirect: 'error',
    });
    if (status === 404 || status === 410) browsers.delete(endpoint);
    else if (status >= 300) throw new Error(`The push service answered ${status}.`);
  });
  await Promise.all(sent);
}

/** Who a token belongs to: Switchboard knows. */
async function userOf(authorization: string): Promise<string | null> {
  const headers = { 'content-type': 'application/json', authorization };
  const answer = await fetch(SWITCHBOARD_URL, { method: 'POST', headers, body: JSON.stringify({ query: '{ me { id } }' }) });
  return ((await answer.json()) as { data?: { me: { id: string } } | null }).data?.me.id ?? null;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) if ((text += chunk).length > 65_536) throw new Error('The body is too long.');
  return text;
}

createServer((request, response) => {
  const respond = ([status, type = 'text/plain', body = '']: Answer) => void response.writeHead(status, { 'content-type': type }).end(body);
  const route = routes[`${request.method} ${request.url?.split('?')[0]}`] ?? (async (): Promise<Answer> => [404]);
  route(request).then(respond, (error: Error) => (console.error(error.message), respond([500])));
}).listen(Number(PORT), '127.0.0.1', () => console.log(`Open http://127.0.0.1:${PORT}/ and sign in.`));
