import { AdapterError, isAdapterError, type MailboxPush, type Subscription } from '@tidelock/core';
import { READ_RETRY, WRITE_RETRY } from '@tidelock/kit';
import type { Graph } from './client.ts';
import { requireOwn, startWalk, walkOn } from './cursor.ts';
import { protocolError, requireLive } from './errors.ts';
import { contactsPath, mailboxPath, SUBSCRIPTIONS_PATH, subscriptionPath } from './paths.ts';
import { readPage } from './session.ts';
import { createJudge, kindOfResource } from './subscriptions-judge.ts';
import { WireSubscription } from './wire-subscription.ts';

/** Documented for contacts and events without resource data: under seven days. */
const MAX_LIFE_MS = 10_080 * 60_000;
/** The clocks of the service and of this machine may differ. */
const SLACK_MS = 5 * 60_000;
const [CREATE, RENEW, REMOVE, LIST] = [
  'subscription.create',
  'subscription.renew',
  'subscription.remove',
  'subscription.list',
] as const;

/** Undefined: about something else than contacts or events of a mailbox. */
function toSubscription(item: unknown): Subscription | undefined {
  const parsed = WireSubscription.safeParse(item);
  const about = parsed.success ? kindOfResource(parsed.data.resource) : undefined;
  if (!parsed.success || about === undefined) return undefined;
  const { id, notificationUrl, expirationDateTime } = parsed.data;
  return { id, ...about, url: notificationUrl, expiresAt: Date.parse(expirationDateTime) };
}

function requireSubscription(body: unknown, operation: string): Subscription {
  const found = toSubscription(body);
  if (found !== undefined) return found;
  throw protocolError(operation, 'the answer is not a subscription', 'subscription');
}

/** The service says no more than that its call was not answered as it has to be. */
function unreachable(error: unknown, url: string): unknown {
  if (!isAdapterError(error) || error.kind !== 'invalid' || error.operation !== CREATE) return error;
  const { message, operation, status, code, requestId } = error;
  return new AdapterError('invalid', message, {
    ...{ operation, status, code, requestId },
    remedy: `Microsoft has to reach ${new URL(url).origin} over https with a certificate that is publicly trusted: check the public address, the proxy and the firewall.`,
  });
}

const toInstant = (ms: number): string => new Date(ms).toISOString();

/** Change notifications of Microsoft Graph, without resource data. */
export function createSubscriptions(of: {
  readonly graph: Graph;
  readonly origin: string;
  readonly tenant: string;
}): MailboxPush {
  const { graph, origin } = of;
  const lane = graph.lanes.directory;
  return {
    maxLifeMs: MAX_LIFE_MS - SLACK_MS,
    judge: createJudge(of.tenant),
    async subscribe(request, { signal } = {}) {
      const { mailbox, kind, url, lifecycleUrl, secret, expiresAt } = request;
      const resource =
        kind === 'contact' ? contactsPath(mailbox, 'contacts') : `${mailboxPath(mailbox)}/events`;
      const body = {
        changeType: 'created,updated,deleted',
        notificationUrl: url,
        lifecycleNotificationUrl: lifecycleUrl,
        resource,
        expirationDateTime: toInstant(expiresAt),
        clientState: secret,
        latestSupportedTlsVersion: 'v1_2',
      };
      const call = { operation: CREATE, method: 'POST', url: SUBSCRIPTIONS_PATH, body, signal } as const;
      const answer = await graph.send({ ...call, policy: WRITE_RETRY, lane }).catch((error: unknown) => {
        throw unreachable(error, url);
      });
      return { ...requireSubscription(answer.body, CREATE), mailbox };
    },
    async renew(id, expiresAt, { signal } = {}) {
      const body = { expirationDateTime: toInstant(expiresAt) };
      const call = { operation: RENEW, method: 'PATCH', url: subscriptionPath(id), body, signal } as const;
      return requireSubscription((await graph.send({ ...call, policy: READ_RETRY, lane })).body, RENEW);
    },
    async unsubscribe(id, { signal } = {}) {
      const call = { operation: REMOVE, method: 'DELETE', url: subscriptionPath(id), signal } as const;
      await graph.send({ ...call, policy: READ_RETRY, lane }).catch((error: unknown) => {
        if (!isAdapterError(error) || error.kind !== 'not_found') throw error;
      });
    },
    async subscriptions({ signal } = {}) {
      requireLive(signal, LIST);
      const found: Subscription[] = [];
      let walk = { ...startWalk(), link: SUBSCRIPTIONS_PATH };
      for (;;) {
        const page = readPage(
          (await graph.send({ operation: LIST, url: walk.link, lane, signal })).body,
          LIST,
        );
        found.push(...page.value.flatMap((item) => toSubscription(item) ?? []));
        const link = page['@odata.nextLink'];
        if (link === undefined) return found;
        requireOwn(link, { operation: LIST, origin });
        walk = walkOn(walk, { link, items: page.value }, LIST);
      }
    },
  };
}
