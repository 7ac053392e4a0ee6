import { type Answer, createTestWorld, startMs, type TestWorld } from './microsoft365-fixture.ts';

export const HOUR = 3_600_000;
export const HOOK = 'https://app.example/hooks/mailbox/p1';

/** What an app was sent. */
export interface Arrival {
  readonly url: string;
  readonly type: string;
  readonly token: string | null;
  readonly items: Record<string, unknown>[];
}

export type Conduct = (arrival: Arrival) => Response | Promise<Response>;

export const good: Conduct = ({ token }) =>
  token === null
    ? new Response(null, { status: 202 })
    : new Response(token, { headers: { 'content-type': 'text/plain; charset=utf-8' } });

export interface PushTest extends TestWorld {
  readonly arrivals: Arrival[];
  /** How the app answers from now on. */
  answer(conduct: Conduct): void;
  subscribe(more?: Record<string, unknown>): Promise<Answer>;
  /** Everything that arrived besides handshakes. */
  items(): Record<string, unknown>[];
}

/** An app at `HOOK`, in process, that answers as it should. */
export async function createPushTest(push: Record<string, unknown> = {}): Promise<PushTest> {
  const arrivals: Arrival[] = [];
  let conduct: Conduct = good;
  const send = async (request: Request): Promise<Response> => {
    const text = await request.text();
    const arrival = {
      url: request.url,
      type: request.headers.get('content-type') ?? '',
      token: new URL(request.url).searchParams.get('validationToken'),
      items: text === '' ? [] : JSON.parse(text).value,
    };
    arrivals.push(arrival);
    return conduct(arrival);
  };
  const world = await createTestWorld({ send, push: { echo: 0, ...push } });
  return {
    ...world,
    arrivals,
    answer(next) {
      conduct = next;
    },
    subscribe: (more = {}) =>
      world.graph('POST', '/subscriptions', {
        headers: { prefer: 'IdType="ImmutableId"' },
        body: {
          changeType: 'created,updated,deleted',
          notificationUrl: HOOK,
          lifecycleNotificationUrl: `${HOOK}/lifecycle`,
          resource: `users/${world.ann}/contacts`,
          expirationDateTime: new Date(startMs + 48 * HOUR).toISOString(),
          clientState: 'secret',
          ...more,
        },
      }),
    items: () => arrivals.flatMap(({ items }) => items),
  };
}
