import type { PushOracle } from '@tidelock/conformance';
import type { PushRequest } from '@tidelock/core';
import type { World } from './world.ts';

const URL_OF_APP = 'https://app.example/hooks/mailbox/p1';
const STRANGER = '11111111-2222-4333-8444-555555555555';

/** Whoever is at the addresses of an app, and answers as it has to unless told not to. */
export function createPost(arrivals: PushRequest[]) {
  let isReachable = true;
  return {
    reachable(is: boolean): void {
      isReachable = is;
    },
    async send(request: Request): Promise<Response> {
      if (!isReachable) throw new TypeError('fetch failed');
      const { method, url, headers } = request;
      const body = new Uint8Array(await request.arrayBuffer());
      arrivals.push({ method, url, headers: Object.fromEntries(headers), body });
      const token = new URL(url).searchParams.get('validationToken');
      return token === null
        ? new Response(null, { status: 202 })
        : new Response(token, { headers: { 'content-type': 'text/plain' } });
    },
  };
}

type Item = Record<string, unknown>;

const itemsOf = ({ body }: PushRequest): Item[] =>
  (JSON.parse(new TextDecoder().decode(body)) as { value: Item[] }).value;

const withItems = (request: PushRequest, value: readonly Item[]): PushRequest => ({
  ...request,
  body: new TextEncoder().encode(JSON.stringify({ value })),
});

const FORGERIES: Readonly<Record<Parameters<PushOracle['forge']>[1], (item: Item) => Item>> = {
  secret: (item) => ({ ...item, clientState: `${String(item.clientState).slice(0, -1)}x` }),
  'no-secret': ({ clientState: _, ...item }) => item,
  tenant: (item) => ({ ...item, tenantId: STRANGER }),
  mailbox: (item) => ({
    ...item,
    resource: String(item.resource).replace(/^(users\/)[^/]+/i, `$1${STRANGER}`),
  }),
};

export function createPushOracle(
  { admin, clock }: World,
  of: { readonly arrivals: PushRequest[]; readonly post: ReturnType<typeof createPost> },
): PushOracle {
  let changes = 0;
  return {
    url: URL_OF_APP,
    lifecycleUrl: `${URL_OF_APP}/lifecycle`,
    now: () => clock.now(),
    reachable: of.post.reachable,
    async change(mailbox, kind) {
      changes += 1;
      const time = { dateTime: '2026-12-01T10:00', timeZone: 'UTC' };
      if (kind === 'contact') admin.createContact(mailbox, { surname: `S${changes}` });
      else admin.createEvent(mailbox, { subject: `E${changes}`, start: time, end: time });
      await admin.pushIdle();
    },
    async lifecycle(subscription, event) {
      if (event === 'missed') admin.missNotifications(subscription);
      else if (event === 'expiring') admin.challengeSubscription(subscription);
      else admin.removeSubscription(subscription);
      await admin.pushIdle();
    },
    arrived: () => of.arrivals.splice(0),
    forge: (request, what) => {
      const [first = {}, ...others] = itemsOf(request);
      return withItems(request, [FORGERIES[what](first), ...others]);
    },
    join: (requests) =>
      withItems(
        requests[0] ?? { method: 'POST', url: '', headers: {}, body: new Uint8Array() },
        requests.flatMap(itemsOf),
      ),
    advance: (ms) => clock.advance(ms),
  };
}
