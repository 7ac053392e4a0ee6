import { createHash } from 'node:crypto';
import {
  AdapterError,
  type AuditRow,
  type Clock,
  type ErrorKind,
  type KnownSubscription,
  type MailboxPush,
  type PushedItem,
  type PushState,
  type Subscription,
  type SubscriptionRequest,
  type SubscriptionRow,
  type SyncState,
} from '@tidelock/core';
import { type Book, createBook, type PushedLane } from '../src/push/book.ts';
import { createHints, type Hints } from '../src/push/hints.ts';
import { createKeeper, type Keeper, type KeeperParts } from '../src/push/keeper.ts';
import { createMarks, type Marks } from '../src/push/marks.ts';
import { type MailboxHookParts, receiveMailbox } from '../src/push/receive-mailbox.ts';
import { createRefusals, type Refusals } from '../src/push/refusals.ts';
import { quiet } from './fake-folder.ts';

export const START = Date.UTC(2026, 10, 23, 9);
export const HOUR = 3_600_000;
export const LIFE = 168 * HOUR;
export const ORIGIN = 'https://tidelock.example';
export const PATH = 'p'.repeat(48);

/** Time that moves when it is told to. */
export function createTestClock() {
  let now = START;
  let sleepers: { readonly due: number; wake(): void }[] = [];
  const clock: Clock = {
    now: () => now,
    mono: () => now - START,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { due: now + ms, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers = sleepers.filter((one) => one !== sleeper);
          reject(signal.reason);
        });
      }),
  };
  /** Everything that waits for nothing but its turn. */
  const turn = async (): Promise<void> => {
    for (let n = 0; n < 20; n += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    clock,
    turn,
    async advance(ms: number): Promise<void> {
      now += ms;
      const due = sleepers.filter((one) => one.due <= now);
      sleepers = sleepers.filter((one) => one.due > now);
      for (const one of due) one.wake();
      await turn();
    },
  };
}

/** A service that tells about changes: what there is, what was asked, and what it refuses next. */
export function createTestService(clock: Clock) {
  const there = new Map<string, Subscription & { readonly secret: string }>();
  const calls: string[] = [];
  const failures: { readonly operation: string; readonly kind: ErrorKind; times: number }[] = [];
  const handshakes: (() => Promise<boolean>)[] = [];
  let made = 0;
  const called = (operation: string): void => {
    calls.push(operation);
    const failure = failures.find((one) => one.operation === operation && one.times > 0);
    if (failure === undefined) return;
    failure.times -= 1;
    throw new AdapterError(failure.kind, `refused: ${failure.kind}`, { operation });
  };
  const live = (): Subscription[] => [...there.values()].filter((one) => one.expiresAt > clock.now());
  const push: MailboxPush = {
    maxLifeMs: LIFE,
    async subscribe(request: SubscriptionRequest) {
      called('subscribe');
      if (live().some((one) => one.mailbox === request.mailbox && one.kind === request.kind))
        throw new AdapterError('conflict', 'there is one', { operation: 'subscribe' });
      for (const handshake of handshakes)
        if (!(await handshake()))
          throw new AdapterError('invalid', 'nobody there', { operation: 'subscribe' });
      made += 1;
      const { mailbox, kind, url, expiresAt, secret } = request;
      const one = { id: `s${made}`, mailbox, kind, url, expiresAt };
      there.set(one.id, { ...one, secret });
      return one;
    },
    async renew(id, expiresAt) {
      called('renew');
      const one = live().find((each) => each.id === id);
      const known = there.get(id);
      if (one === undefined || known === undefined)
        throw new AdapterError('not_found', 'gone', { operation: 'renew' });
      there.set(id, { ...known, expiresAt });
      return { ...one, expiresAt };
    },
    async unsubscribe(id) {
      called('unsubscribe');
      there.delete(id);
    },
    async subscriptions() {
      called('subscriptions');
      return live();
    },
    judge(request, known) {
      const text = new TextDecoder().decode(request.body);
      const token = new URL(request.url).searchParams.get('validationToken');
      if (token !== null) return { kind: 'handshake', answer: token };
      if (!text.startsWith('[')) return { kind: 'malformed' };
      return { kind: 'items', items: (JSON.parse(text) as TestItem[]).map((item) => judged(item, known)) };
    },
  };
  return { push, there, calls, failures, handshakes, live };
}

export interface TestItem {
  readonly id: string;
  readonly secret?: string;
  readonly tenant?: string;
  readonly event?: Extract<PushedItem, { accepted: true }>['event'];
}

const judged = (item: TestItem, known: (id: string) => KnownSubscription | null): PushedItem => {
  const one = known(item.id);
  if (one === null) return { accepted: false, reason: 'unknown' };
  const hash = createHash('sha256')
    .update(item.secret ?? '')
    .digest('hex');
  if (hash !== one.secretHash) return { accepted: false, reason: 'forged' };
  if ((item.tenant ?? 'ours') !== 'ours') return { accepted: false, reason: 'foreign' };
  return { accepted: true, subscription: item.id, event: item.event ?? 'changed' };
};

const keyOf = ({ mailboxId, kind }: Pick<SubscriptionRow, 'mailboxId' | 'kind'>): string =>
  `${mailboxId} ${kind}`;

/** The contract in memory; `broken`: it takes nothing. */
export function createTestState() {
  const rows = new Map<string, SubscriptionRow>();
  const hinted: string[][] = [];
  const stores: string[] = [];
  const control = { broken: false, unreadable: false, readings: 0 };
  let keeper: { owner: string; until: number } | null = null;
  const push: PushState = {
    async subscriptions() {
      control.readings += 1;
      if (control.unreadable) throw new AdapterError('unavailable', 'away', { operation: 'subscriptions' });
      return [...rows.values()];
    },
    subscriptionsStamp: async () =>
      JSON.stringify([...rows.values()].map(({ mailboxId, rev }) => [mailboxId, rev])),
    async putSubscription(row) {
      if ((rows.get(keyOf(row))?.rev ?? 0) !== row.rev - 1) return false;
      rows.set(keyOf(row), row);
      return true;
    },
    removeSubscription: async (key) => rows.get(keyOf(key))?.rev === key.rev && rows.delete(keyOf(key)),
    async leaseKeeper({ owner, now, ttlMs }) {
      if (keeper !== null && keeper.owner !== owner && keeper.until > now) return false;
      keeper = { owner, until: now + ttlMs };
      return true;
    },
    async releaseKeeper({ owner }) {
      if (keeper?.owner === owner) keeper = null;
    },
    async hintLanes(ids) {
      if (control.broken) throw new AdapterError('unavailable', 'full', { operation: 'hintLanes' });
      hinted.push([...ids]);
    },
  };
  const sync = { hintFeeds: async (store: string) => void stores.push(store) } as unknown as SyncState;
  return { push, sync, rows, hinted, stores, control };
}

export const laneOf = (mailboxId: string, kind: PushedLane['kind'] = 'contact'): PushedLane => ({
  ...{ laneId: `${kind}-${mailboxId}`, mailboxId, kind, store: `crm:${kind}` },
});

export interface PushWorld {
  readonly keeper: Keeper;
  readonly book: Book;
  readonly hints: Hints;
  readonly refusals: Refusals;
  readonly marks: Marks;
  readonly trail: Pick<AuditRow, 'act' | 'subject' | 'after'>[];
  readonly lanes: PushedLane[];
  receive(
    items: readonly TestItem[] | string,
    more?: { path?: string; query?: string },
  ): ReturnType<typeof receiveMailbox>;
  stop(): Promise<void>;
}

type Service = ReturnType<typeof createTestService>;
type State = ReturnType<typeof createTestState>;

/** One process over a state and a service that may have others. */
export function createProcess(of: {
  readonly name: string;
  readonly clock: Clock;
  readonly service: Service;
  readonly state: State;
  readonly lanes: PushedLane[];
  readonly origin?: string;
}): PushWorld {
  const { clock, service, state, lanes, name } = of;
  const life = new AbortController();
  const { signal } = life;
  const log = quiet;
  const trail: PushWorld['trail'] = [];
  const book = createBook({ push: state.push, clock, signal, lanes: async () => lanes });
  const hints = createHints({ sync: state.sync, push: state.push, clock, log, signal });
  const refusals = createRefusals({ clock, log, signal, record: async (acts) => void trail.push(...acts) });
  let underWay = 0;
  const parts: KeeperParts = {
    ...{ push: service.push, state: state.push, clock, log, signal, book, hints, path: PATH },
    random: { next: () => 0.5, uuid: () => 'u' },
    origin: of.origin ?? ORIGIN,
    creating() {
      underWay += 1;
      return () => {
        underWay -= 1;
      };
    },
    wanted: async () => lanes,
  };
  const keeper = createKeeper({
    ...{ state: state.push, clock, log, signal, book, owner: name, parts: () => parts },
  });
  const marks = createMarks({ state: state.push, book, clock, log, marked: () => keeper.wake() });
  const hook: MailboxHookParts = {
    ...{
      path: PATH,
      book,
      hints,
      refusals,
      push: () => service.push,
      look: marks.look,
      taken: () => undefined,
    },
    async isCreating() {
      if (underWay === 0) await book.refreshSoon();
      return underWay > 0;
    },
  };
  return {
    ...{ keeper, book, hints, refusals, marks, trail, lanes },
    receive(items, { path = PATH, query = '' } = {}) {
      const body = new TextEncoder().encode(typeof items === 'string' ? items : JSON.stringify(items));
      const request = { method: 'POST', url: `${ORIGIN}/hooks/mailbox/${path}${query}`, headers: {}, body };
      return receiveMailbox(hook, { path, request });
    },
    async stop() {
      life.abort(new Error('stopped'));
      await hints.settle();
    },
  };
}

/** A service, a state and one process. */
export function createPushWorld(
  lanes: PushedLane[] = [laneOf('ann'), laneOf('ben'), laneOf('ann', 'event')],
) {
  const { clock, turn, advance } = createTestClock();
  const service = createTestService(clock);
  const state = createTestState();
  const process = (name: string, origin?: string) =>
    createProcess({ name, clock, service, state, lanes, ...(origin === undefined ? {} : { origin }) });
  const row = (mailboxId: string, kind: PushedLane['kind'] = 'contact') =>
    state.rows.get(`${mailboxId} ${kind}`);
  const secretOf = (id: string): string => service.there.get(id)?.secret ?? '';
  return { clock, turn, advance, service, state, process, row, secretOf, ...process('one') };
}
