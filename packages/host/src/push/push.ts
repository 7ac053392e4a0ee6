import { hostname } from 'node:os';
import type { MailboxPush, PushRequest, PushState, SubscriptionRow } from '@tidelock/core';
import { knownLanes } from '../configured-lanes.ts';
import { CALENDAR, crmStoreOf, MAILBOX, TENANT } from '../lanes.ts';
import type { LivePlatform } from '../live/live-platform.ts';
import type { ActingPlatform } from '../platform.ts';
import { recordActs } from '../profiles/record-roster.ts';
import type { Pushes } from '../runner/machine.ts';
import { type Book, createBook, type PushedLane } from './book.ts';
import { createHints, type Hinted, type Hints } from './hints.ts';
import { type HookAnswer, notHere } from './hook-answer.ts';
import { crmHook, type HookPaths, isSamePath, openHookPaths } from './hook-paths.ts';
import { createKeeper, type Keeper, type KeeperParts } from './keeper.ts';
import { createMarks } from './marks.ts';
import { type CrmHook, createCrmHook } from './receive-crm.ts';
import { receiveMailbox } from './receive-mailbox.ts';
import { createRefusals, type Refusals } from './refusals.ts';

export interface PushStatus {
  /** Why mailboxes are only polled; null = their changes are pushed. */
  readonly off: 'no-address' | 'switched-off' | 'unsupported' | 'no-platform' | null;
  readonly subscriptions: Readonly<Record<SubscriptionRow['state'], number>>;
  /** Kinds of the last errors, with how many subscriptions have them. */
  readonly problems: ReadonlyMap<string, number>;
  /** Notifications of this process so far: what was believed, by what they said, and what was not, by reason. */
  readonly taken: ReadonlyMap<string, number>;
  readonly refused: ReadonlyMap<string, number>;
  /** Transactions for what they hinted. */
  readonly writes: number;
}

/** What the services push, and what makes them do it. */
export interface Push extends AsyncDisposable {
  receiveMailbox(of: { readonly path: string; readonly request: PushRequest }): Promise<HookAnswer>;
  receiveCrm(of: { readonly crm: string; readonly path: string; readonly request: PushRequest }): HookAnswer;
  /** Whether anybody is at this address: asked before a body is read. Without `crm` it is that of mailboxes. */
  isHook(of: { readonly path: string; readonly crm?: string | undefined }): boolean;
  /** Told after something was hinted: what is due now. Answers how to stop listening. */
  onHint(listener: (of: Hinted) => void): () => void;
  /** Whose changes are pushed at present: a look at them may wait longer. */
  readonly pushes: Pushes;
  /** Where services reach this installation; null: nowhere. */
  origin(): string | null;
  /** Where a CRM is told to send to, by name of the connection; empty without a public address. */
  crmAddresses(): ReadonlyMap<string, string>;
  status(): PushStatus;
  /** Keeps the subscriptions until it is closed. */
  keep(): void;
  /** Ends keeping, and writes down what was answered so far. */
  close(): Promise<void>;
}

export interface PushOptions {
  readonly live: LivePlatform;
  /** Where browsers reach this installation; the configuration may say that services reach it elsewhere. */
  readonly origin: string | null;
  /** Name of this process in leases. Default: the machine's, with the process's number. */
  readonly owner?: string;
}

interface On {
  readonly live: LivePlatform;
  readonly origin: () => string | null;
  readonly state: PushState;
  readonly paths: HookPaths;
  readonly book: Book;
  readonly hints: Hints;
  readonly refusals: Refusals;
  readonly life: AbortController;
  readonly taken: Map<string, number>;
  /** Creations of this process that are under way. */
  underWay: number;
}

const platformOf = ({ live }: Pick<On, 'live'>): ActingPlatform | null =>
  live.trouble === null ? live.now() : null;

const mailboxPush = (on: Pick<On, 'live'>): MailboxPush | null => platformOf(on)?.mailbox.push ?? null;

const placeOf = (storeA: string): Pick<PushedLane, 'mailboxId' | 'kind'> | null => {
  if (storeA.startsWith(MAILBOX)) return { mailboxId: storeA.slice(MAILBOX.length), kind: 'contact' };
  if (storeA.startsWith(CALENDAR)) return { mailboxId: storeA.slice(CALENDAR.length), kind: 'event' };
  return null;
};

/** From what is remembered: a process that only answers knows no directory. */
async function lanesTakingPart(live: LivePlatform): Promise<readonly PushedLane[]> {
  const known = await knownLanes(live.config, live.foundation.state);
  return known.flatMap(({ lane, assignment }) => {
    const place = placeOf(lane.storeA);
    const isGone = (assignment?.removedAt ?? null) !== null;
    return place === null || isGone ? [] : [{ laneId: lane.id, store: lane.storeB, ...place }];
  });
}

async function wantedLanes({ live }: On): Promise<readonly PushedLane[]> {
  if (!live.config.push.mailbox) return [];
  const lanes = await live.use((platform) => platform.lanes());
  return lanes.map(({ id, mailboxId, kind, crm }) => ({
    ...{ laneId: id, mailboxId, kind },
    store: crmStoreOf(crm, kind),
  }));
}

function offBecause(on: On): PushStatus['off'] {
  if (on.origin() === null) return 'no-address';
  if (!on.live.config.push.mailbox) return 'switched-off';
  if (platformOf(on) === null) return 'no-platform';
  return mailboxPush(on) === null ? 'unsupported' : null;
}

/** null: nothing can be kept. Where it is only switched off, what there is is taken back. */
function keeperParts(on: On): KeeperParts | null {
  const push = mailboxPush(on);
  const origin = on.origin();
  if (push === null || origin === null) return null;
  const { clock, random, log } = on.live.foundation.context;
  return {
    ...{ push, origin, clock, random, log, book: on.book, hints: on.hints, state: on.state },
    signal: on.life.signal,
    path: on.paths.mailbox,
    creating() {
      on.underWay += 1;
      return () => {
        on.underWay -= 1;
      };
    },
    wanted: () => wantedLanes(on),
  };
}

async function isCreating({ book, paths, live }: On, here: () => boolean): Promise<boolean> {
  const has = (): boolean =>
    here() ||
    book.rows.some(
      ({ state, path, dueAt }) =>
        state === 'creating' && path === paths.mailbox && dueAt > live.foundation.context.clock.now(),
    );
  if (has()) return true;
  await book.refreshSoon();
  return has();
}

function statusOf(on: On): PushStatus {
  const { rows } = on.book;
  const countOf = (state: SubscriptionRow['state']): number =>
    rows.filter((row) => row.state === state).length;
  const problems = new Map<string, number>();
  for (const { problem } of rows)
    if (problem !== null) problems.set(problem, (problems.get(problem) ?? 0) + 1);
  return {
    off: offBecause(on),
    subscriptions: { live: countOf('live'), creating: countOf('creating'), waiting: countOf('waiting') },
    problems,
    taken: new Map(on.taken),
    refused: on.refusals.counts(),
    writes: on.hints.writes,
  };
}

function pushesOf(on: On, crm: CrmHook): Pushes {
  const { clock } = on.live.foundation.context;
  const works = (row: SubscriptionRow | null): boolean =>
    row?.state === 'live' && row.problem === null && (row.expiresAt ?? 0) > clock.now();
  return {
    mailbox: (lane) => offBecause(on) === null && works(on.book.rowFor(lane)),
    store: (store) => crm.isFresh(store),
  };
}

function createOn(
  { live, origin }: PushOptions,
  of: { readonly state: PushState; readonly paths: HookPaths },
): On {
  const { context, state } = live.foundation;
  const { clock, log, random } = context;
  const life = new AbortController();
  const { signal } = life;
  const book = createBook({ push: of.state, clock, signal, lanes: () => lanesTakingPart(live) });
  const hints = createHints({ sync: state.sync, push: of.state, clock, log, signal });
  const recording = () => ({
    ...{ tenants: state.tenants, tenantId: TENANT, random, who: 'push', now: clock.now() },
    laneIdOf: () => '',
  });
  const refusals = createRefusals({ clock, log, signal, record: (acts) => recordActs(recording(), acts) });
  return {
    ...{ live, ...of, book, hints, refusals, life, taken: new Map(), underWay: 0 },
    origin: () => live.config.push.origin ?? origin,
  };
}

/** Lanes that have a CRM store for themselves do not share its feed. */
function loneLanes(on: On): (store: string) => readonly string[] {
  return (store) => {
    const lanes = on.book.byStore(store);
    return lanes.length === 1 ? lanes : [];
  };
}

function assemblePush(on: On, owner: string): Push {
  const { book, hints, refusals, paths, live } = on;
  const { clock, log } = live.foundation.context;
  const { signal } = on.life;
  const keeper: Keeper = createKeeper({
    ...{ state: on.state, clock, log, signal, book, owner },
    parts: () => keeperParts(on),
  });
  const marks = createMarks({ state: on.state, book, clock, log, marked: () => keeper.wake() });
  const crm = createCrmHook({
    ...{ paths, hints, refusals, clock, signal, loneLanes: loneLanes(on) },
    crms: () => (live.config.push.crm ? (platformOf(on)?.crms ?? null) : null),
  });
  const mailbox = {
    ...{ path: paths.mailbox, book, hints, refusals },
    push: () => (offBecause(on) === null ? mailboxPush(on) : null),
    isCreating: () => isCreating(on, () => on.underWay > 0),
    look: marks.look,
    taken: (event: string) => void on.taken.set(event, (on.taken.get(event) ?? 0) + 1),
  };
  let keeping: Promise<void> | undefined;
  const stopWatching = live.onChange(() => keeper.wake());
  const close = async (): Promise<void> => {
    stopWatching();
    // Ends every pause: what is left is written at once, or given up where the state takes nothing.
    on.life.abort(new Error('closed'));
    await Promise.all([keeping, marks.settle(), hints.settle(), refusals.settle()]);
  };
  return {
    receiveMailbox: (of) => receiveMailbox(mailbox, of),
    receiveCrm: (of) => crm.receive(of),
    isHook: ({ path, crm: name }) => isSamePath(path, name === undefined ? paths.mailbox : paths.crm(name)),
    onHint: hints.onHint,
    pushes: pushesOf(on, crm),
    origin: on.origin,
    crmAddresses() {
      const origin = on.origin();
      if (origin === null || !live.config.push.crm) return new Map();
      const ports = [...(platformOf(on)?.crms ?? [])].filter(([, port]) => port.verifyPush !== undefined);
      return new Map(ports.map(([name]) => [name, crmHook(origin, { crm: name, path: paths.crm(name) })]));
    },
    status: () => statusOf(on),
    keep() {
      keeping ??= keeper.run();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A state that keeps no subscriptions, or a secret store that keeps no secrets: everything is polled. */
const withoutPush: Push = {
  receiveMailbox: async () => notHere,
  receiveCrm: () => notHere,
  isHook: () => false,
  onHint: () => () => undefined,
  pushes: { mailbox: () => false, store: () => false },
  origin: () => null,
  crmAddresses: () => new Map(),
  status: () => ({
    ...{ off: 'unsupported', subscriptions: { live: 0, creating: 0, waiting: 0 } },
    ...{ problems: new Map(), taken: new Map(), refused: new Map(), writes: 0 },
  }),
  keep: () => undefined,
  close: async () => undefined,
  [Symbol.asyncDispose]: async () => undefined,
};

/** Reads what is remembered of subscriptions; makes no request before `keep`. */
export async function openPush(options: PushOptions): Promise<Push> {
  const { secrets, state } = options.live.foundation;
  if (state.push === undefined || !secrets.abilities.store) return withoutPush;
  const paths = await openHookPaths(secrets);
  const on = createOn(options, { state: state.push, paths });
  await on.book.refresh();
  return assemblePush(on, options.owner ?? `${hostname()}/${process.pid}`);
}
