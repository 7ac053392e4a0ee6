import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type {
  KnownSubscription,
  Mailbox,
  MailboxPort,
  MailboxPush,
  PushJudgement,
  PushKind,
  PushRequest,
  Subscription,
} from '@tidelock/core';
import type { Case } from '../harness.ts';
import { thrown } from '../record-store/session.ts';

/** The service as it tells about changes, and what it sent. */
export interface PushOracle {
  /** Addresses that the service can call. */
  readonly url: string;
  readonly lifecycleUrl: string;
  /** Milliseconds since the epoch, of the service. */
  now(): number;
  /** Whether whoever is at these addresses answers a handshake. */
  reachable(is: boolean): void;
  /** A person changes something; resolves once the service has sent what it sends. */
  change(mailbox: string, kind: PushKind): Promise<void>;
  lifecycle(subscription: string, event: 'missed' | 'removed' | 'expiring'): Promise<void>;
  /** Everything that was sent since it was last asked. */
  arrived(): readonly PushRequest[];
  /** The same request, with one thing about its first notification changed. */
  forge(request: PushRequest, what: 'secret' | 'no-secret' | 'tenant' | 'mailbox'): PushRequest;
  /** One request with the notifications of several. */
  join(requests: readonly PushRequest[]): PushRequest;
  advance(ms: number): void;
}

interface PushFixture {
  readonly port: MailboxPort;
  readonly known: readonly Pick<Mailbox, 'id' | 'state'>[];
  readonly push?: PushOracle;
  requests(): number;
}

type PushCase = Case<PushFixture & { dispose(): Promise<void> | void }, { readonly hasPush: boolean }>;

const HOUR = 3_600_000;
const SECRETS = { contact: 'c'.repeat(43), event: 'e'.repeat(43) } as const;
const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
const noPush = ({ hasPush }: { readonly hasPush: boolean }): string | null =>
  hasPush ? null : 'the adapter makes no subscriptions';

interface Desk {
  readonly push: MailboxPush;
  readonly oracle: PushOracle;
  readonly ann: string;
  readonly ben: string;
  subscribe(mailbox: string, kind?: PushKind): Promise<Subscription>;
  judge(request: PushRequest): PushJudgement;
  /** What a request with one notification is worth. */
  judged(request: PushRequest | undefined): unknown;
}

function deskOf({ port, known, push: oracle }: PushFixture): Desk {
  const { push } = port;
  assert.ok(push, 'the port makes subscriptions');
  assert.ok(oracle, 'the fixture can try them');
  const [ann = '', ben = ''] = known.filter(({ state }) => state === 'ready').map(({ id }) => id);
  const made = new Map<string, KnownSubscription>();
  const judge = (request: PushRequest) => push.judge(request, (id) => made.get(id) ?? null);
  return {
    ...{ push, oracle, ann, ben, judge },
    async subscribe(mailbox, kind = 'contact') {
      const { url, lifecycleUrl } = oracle;
      const secret = SECRETS[kind];
      const expiresAt = oracle.now() + 24 * HOUR;
      const one = await push.subscribe({ mailbox, kind, url, lifecycleUrl, secret, expiresAt });
      made.set(one.id, { mailbox, kind, secretHash: hashOf(secret) });
      return one;
    },
    judged(request) {
      assert.ok(request, 'something arrived');
      const answer = judge(request);
      assert.equal(answer.kind, 'items');
      return answer.kind === 'items' ? answer.items[0] : null;
    },
  };
}

export const pushCases: readonly PushCase[] = [
  {
    id: 'mailbox-021',
    title: 'a subscription is made after a handshake, which is recognised, and stands in the list',
    needs: noPush,
    async run(fixture) {
      const { push, oracle, ann, subscribe, judge } = deskOf(fixture);
      const one = await subscribe(ann);
      assert.deepEqual([one.mailbox, one.kind, one.url], [ann, 'contact', oracle.url]);
      assert.equal(Math.abs(one.expiresAt - oracle.now() - 24 * HOUR) < 60_000, true);
      const handshakes = oracle.arrived().map(judge);
      assert.ok(handshakes.length > 0);
      for (const each of handshakes) assert.equal(each.kind, 'handshake');
      assert.deepEqual(
        (await push.subscriptions()).map(({ id, mailbox, kind, url }) => ({ id, mailbox, kind, url })),
        [{ id: one.id, mailbox: ann, kind: 'contact', url: oracle.url }],
      );
    },
  },
  {
    id: 'mailbox-022',
    title: 'without an answer to the handshake there is none: invalid',
    needs: noPush,
    async run(fixture) {
      const { push, oracle, ann, subscribe } = deskOf(fixture);
      oracle.reachable(false);
      await thrown(subscribe(ann), 'invalid');
      assert.deepEqual(await push.subscriptions(), []);
    },
  },
  {
    id: 'mailbox-023',
    title: 'a second one for the same mailbox and kind is a conflict, until the first is taken back',
    needs: noPush,
    async run(fixture) {
      const { push, ann, ben, subscribe } = deskOf(fixture);
      const first = await subscribe(ann);
      await thrown(subscribe(ann), 'conflict');
      await subscribe(ann, 'event');
      await subscribe(ben);
      await push.unsubscribe(first.id);
      await push.unsubscribe(first.id);
      assert.notEqual((await subscribe(ann)).id, first.id);
      assert.equal((await push.subscriptions()).length, 3);
    },
  },
  {
    id: 'mailbox-024',
    title: 'one is renewed, never beyond the longest life, and one that is gone is not_found',
    needs: noPush,
    async run(fixture) {
      const { push, oracle, ann, subscribe } = deskOf(fixture);
      const one = await subscribe(ann);
      const until = oracle.now() + push.maxLifeMs;
      assert.equal(Math.abs((await push.renew(one.id, until)).expiresAt - until) < 60_000, true);
      oracle.advance(push.maxLifeMs + HOUR);
      await thrown(push.renew(one.id, oracle.now() + HOUR), 'not_found');
      assert.deepEqual(await push.subscriptions(), []);
    },
  },
  {
    id: 'mailbox-025',
    title:
      'a change is told of the mailbox and kind that were subscribed to, and accepted; judging makes no request',
    needs: noPush,
    async run(fixture) {
      const { oracle, ann, ben, subscribe, judged } = deskOf(fixture);
      const contacts = await subscribe(ann);
      const events = await subscribe(ann, 'event');
      oracle.arrived();
      await oracle.change(ben, 'contact');
      assert.deepEqual(oracle.arrived(), []);
      for (const { id, kind } of [contacts, events]) {
        await oracle.change(ann, kind);
        const before = fixture.requests();
        const [request] = oracle.arrived();
        assert.deepEqual(judged(request), { accepted: true, subscription: id, event: 'changed' });
        assert.equal(fixture.requests(), before);
      }
    },
  },
  {
    id: 'mailbox-026',
    title: 'each notification is judged by itself: secret, tenant, mailbox, and whether it is known at all',
    needs: noPush,
    async run(fixture) {
      const { push, oracle, ann, subscribe, judge, judged } = deskOf(fixture);
      const { id } = await subscribe(ann);
      oracle.arrived();
      await oracle.change(ann, 'contact');
      const [good] = oracle.arrived();
      assert.ok(good);
      const no = (reason: string) => ({ accepted: false, reason });
      assert.deepEqual(judged(good), { accepted: true, subscription: id, event: 'changed' });
      assert.deepEqual(judged(oracle.forge(good, 'secret')), no('forged'));
      assert.deepEqual(judged(oracle.forge(good, 'no-secret')), no('forged'));
      assert.deepEqual(judged(oracle.forge(good, 'tenant')), no('foreign'));
      assert.deepEqual(judged(oracle.forge(good, 'mailbox')), no('foreign'));
      const stranger = push.judge(good, () => null);
      assert.ok(stranger.kind === 'items' && stranger.items.length > 0);
      for (const item of stranger.items) assert.deepEqual(item, no('unknown'));
      const joined = judge(oracle.join([oracle.forge(good, 'secret'), good, oracle.forge(good, 'tenant')]));
      const accepted = joined.kind === 'items' ? joined.items.map((item) => item.accepted) : [];
      assert.deepEqual(accepted.filter(Boolean).length > 0 && accepted.some((is) => !is), true);
    },
  },
  {
    id: 'mailbox-027',
    title: 'what the service says about the subscription itself is told apart',
    needs: noPush,
    async run(fixture) {
      const { oracle, ann, subscribe, judged } = deskOf(fixture);
      const { id } = await subscribe(ann);
      oracle.arrived();
      for (const event of ['missed', 'expiring', 'removed'] as const) {
        await oracle.lifecycle(id, event);
        const [request] = oracle.arrived();
        assert.deepEqual(judged(request), { accepted: true, subscription: id, event });
        assert.ok(request);
        assert.deepEqual(judged(oracle.forge(request, 'secret')), { accepted: false, reason: 'forged' });
      }
    },
  },
  {
    id: 'mailbox-028',
    title: 'whatever else is sent there is malformed, and never throws',
    needs: noPush,
    async run(fixture) {
      const { oracle, judge } = deskOf(fixture);
      const of = (body: string | Uint8Array, method = 'POST'): PushRequest => ({
        ...{ method, url: oracle.url, headers: {} },
        body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
      });
      const texts = ['', '{', '[]', '7', 'null', '{"value":7}', '{"value":{"a":1}}', '<x/>'];
      for (const text of texts) assert.deepEqual(judge(of(text)), { kind: 'malformed' });
      assert.deepEqual(judge(of(new Uint8Array([0xff, 0xfe, 0]))), { kind: 'malformed' });
      assert.deepEqual(judge(of('{"value":[]}', 'GET')), { kind: 'malformed' });
      assert.deepEqual(judge(of('{"value":[]}')), { kind: 'items', items: [] });
      const odd = judge(of('{"value":[null,7,"x",{},{"subscriptionId":7}]}'));
      assert.ok(
        odd.kind === 'items' && odd.items.every((item) => !item.accepted && item.reason === 'malformed'),
      );
    },
  },
];
