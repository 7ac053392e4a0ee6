import { AdapterError, type ChangePage, type FeedCommit, type FeedRow } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import {
  compileMapping,
  createCanon,
  DEFAULT_POLICY,
  type Effect,
  type Ingested,
  ingestFeed,
} from '../src/index.ts';
import type { Lane } from '../src/lane.ts';
import { MAPPING } from './world.ts';

const FEED: FeedRow = {
  id: 'a/f',
  store: 'a',
  side: 'a',
  key: 'f',
  cursor: 'c0',
  gen: 1,
  scanning: false,
  scopeHash: 's',
  fence: 0,
  leaseUntil: 0,
  leaseOwner: null,
  pageHash: null,
  scannedAt: null,
  dueAt: 0,
};

const pageOf = (n: number, more: boolean): ChangePage => ({
  changes: [{ kind: 'removed', id: `r${n}` }],
  cursor: `c${n}`,
  more,
});

/** What the state answers. */
const STORED: Readonly<Record<string, unknown>> = {
  ...{ acquireFeed: { fence: 1, until: 9 }, feeds: [FEED], suspects: [] },
};

/** As much of a lane as reading a feed looks at. */
const laneOf = (id: string): Lane => {
  const cache = { drop() {}, put() {} };
  const spec = { id };
  return { spec, cache, feeds: { a: [], b: [] }, policy: { maxLinks: 2, auditMs: null } } as unknown as Lane;
};

interface Run {
  readonly commits: readonly FeedCommit[];
  readonly asked: readonly unknown[];
  readonly end: Ingested | null | AdapterError;
  readonly released: boolean;
}

/** Asks which links an enumeration has not met. */
const isUnseen = (effect: Extract<Effect, { kind: 'state' }>): boolean =>
  effect.method === 'links' && (effect.args[1] as { by?: string }).by === 'unseen';

interface Links {
  /** Which ones an enumeration has not met. */
  readonly unseen?: () => unknown;
  /** Which ones name the records of a page. */
  readonly native?: () => unknown;
}

const links = (effect: Extract<Effect, { kind: 'state' }>, { unseen, native }: Links): unknown =>
  (isUnseen(effect) ? unseen : native)?.() ?? [];

/** Steps a reading over these pages by hand; nothing else answers. */
function read(
  pages: readonly (ChangePage | AdapterError)[],
  of: {
    commitChanges?: number;
    stopAfter?: number;
    lanes?: readonly Lane[];
    feed?: Partial<FeedRow>;
  } & Links = {},
): Run {
  const { commitChanges, stopAfter = Number.POSITIVE_INFINITY, lanes = [] } = of;
  const stored: typeof STORED = { ...STORED, feeds: [{ ...FEED, ...of.feed }] };
  const commits: FeedCommit[] = [];
  const asked: unknown[] = [];
  let released = false;
  const answer = (effect: Effect): unknown => {
    if (effect.kind === 'stopped') return asked.length >= stopAfter;
    if (effect.kind === 'store') {
      asked.push(effect.args[1]);
      const page = pages[asked.length - 1];
      if (page instanceof Error) throw page;
      return page;
    }
    if (effect.kind !== 'state') return 0;
    if (effect.method === 'commitObservations') commits.push(effect.args[0] as FeedCommit);
    if (effect.method === 'releaseFeed') released = true;
    return effect.method === 'links' ? links(effect, of) : stored[effect.method];
  };
  const core = ingestFeed({
    feed: FEED,
    side: 'a',
    lanes,
    scopeHash: 's',
    owner: 'w',
    commitChanges,
  });
  try {
    let step = core.next();
    while (!step.done) {
      let value: unknown;
      try {
        value = answer(step.value);
      } catch (error) {
        step = core.throw(error);
        continue;
      }
      step = core.next(value);
    }
    return { commits, asked, end: step.value, released };
  } catch (error) {
    return { commits, asked, end: error as AdapterError, released };
  }
}

describe('reading a feed', () => {
  it('stores several pages in one transaction, under the cursor of the last of them', () => {
    const { commits, end, asked } = read([pageOf(1, true), pageOf(2, true), pageOf(3, false)]);
    expect(commits.map((commit) => commit.cursor)).toEqual(['c3']);
    expect(asked).toEqual(['c0', 'c1', 'c2']);
    expect(end).toMatchObject({ pages: 3, changes: 3, more: false });
  });

  it('stores each page by itself when that is asked for', () => {
    const { commits } = read([pageOf(1, true), pageOf(2, true), pageOf(3, false)], { commitChanges: 1 });
    expect(commits.map((commit) => commit.cursor)).toEqual(['c1', 'c2', 'c3']);
  });

  it('stores what came before a page that fails, and reports the failure', () => {
    const lost = new AdapterError('unavailable', 'down', { operation: 'changes' });
    const { commits, end, released } = read([pageOf(1, true), pageOf(2, true), lost]);
    expect(commits.map((commit) => commit.cursor)).toEqual(['c2']);
    expect([end, released]).toEqual([lost, true]);
  });

  it('goes on from nothing when the cursor of a later page has expired', () => {
    const expired = new AdapterError('cursor_expired', 'gone', { operation: 'changes' });
    const { commits, asked } = read([pageOf(1, true), expired, pageOf(2, false)]);
    expect(asked).toEqual(['c0', 'c1', null]);
    expect(commits.map(({ cursor, gen, scanning }) => [cursor, gen, scanning])).toEqual([
      ['c1', 1, false],
      ['c2', 2, true],
      ['c2', 2, false],
    ]);
  });

  it('reads on after an enumeration that an earlier reading began: what was changed meanwhile is told behind it', () => {
    const scanning = { scanning: true };
    const { asked, commits, end } = read([pageOf(1, false), pageOf(2, false)], { feed: scanning });
    expect(asked).toEqual(['c0', 'c1']);
    expect(commits.map(({ cursor, scanning }) => [cursor, scanning])).toEqual([
      ['c1', true],
      ['c1', false],
      ['c2', false],
    ]);
    expect(end).toMatchObject({ pages: 2, more: false });
    expect(read([pageOf(1, false)], { feed: { cursor: null } }).asked).toEqual([null]);
  });

  it('sweeps nothing after an enumeration that met nothing, where nothing was known when it ended', () => {
    // Between the look and the sweep another worker links a record that this enumeration could not have met.
    let looks = 0;
    const late = { id: 'k', a: { id: 'a1', gen: 0 }, seenA: '' };
    const unseen = (): unknown => (looks++ === 1 ? [late] : []);
    const expired = new AdapterError('cursor_expired', 'gone', { operation: 'changes' });
    const empty: ChangePage = { changes: [], cursor: 'c1', more: false };
    const { commits } = read([expired, empty], { lanes: [laneOf('l1')], unseen });
    expect(commits.at(-1)).toMatchObject({ cursor: 'c1', scanning: false, gen: 2 });
    expect(commits.flatMap((commit) => commit.lanes.flatMap(({ suspects }) => suspects))).toEqual([]);
  });

  it('doubts an enumeration that met nothing although records are known, and keeps its generation', () => {
    let looks = 0;
    const known = { id: 'k', a: { id: 'a1', gen: 0 }, seenA: '' };
    const expired = new AdapterError('cursor_expired', 'gone', { operation: 'changes' });
    const empty: ChangePage = { changes: [], cursor: 'c1', more: false };
    const { commits } = read([expired, empty], {
      lanes: [laneOf('l1')],
      unseen: () => (looks++ < 2 ? [known] : []),
    });
    expect(commits.at(-1)).toMatchObject({ cursor: null, scanning: false, gen: 1 });
    expect(commits.flatMap((commit) => commit.lanes.flatMap(({ suspects }) => suspects))).toEqual([]);
  });

  it('takes no more in than the lane can plan at once; where lanes share the feed it goes on', () => {
    const pages = [pageOf(1, true), pageOf(2, true), pageOf(3, true), pageOf(4, false)];
    const alone = read(pages, { commitChanges: 1, lanes: [laneOf('l1')] });
    expect(alone.commits.map((commit) => commit.cursor)).toEqual(['c1', 'c2']);
    expect(alone.end).toMatchObject({ changes: 2, more: true });
    const shared = read(pages, { commitChanges: 1, lanes: [laneOf('l1'), laneOf('l2')] });
    expect(shared.end).toMatchObject({ changes: 4, more: false });
  });

  it('stops between pages when it is asked to, and loses none it has read', () => {
    const { commits, end } = read([pageOf(1, true), pageOf(2, true)], { stopAfter: 1 });
    expect(commits.map((commit) => commit.cursor)).toEqual(['c1']);
    expect(end).toMatchObject({ more: true, changes: 1 });
  });

  it('trusts nothing that a feed carried of a new record that it also reports as removed, in whichever order', () => {
    const canon = createCanon({ region: 'US' });
    const email = { type: 'email', label: 'E-mail', writable: true } as const;
    const fields = MAPPING.fields.filter(({ field }) => field === 'email');
    const mapping = compileMapping({ ...MAPPING, fields }, { a: { email }, b: { email } }, canon);
    const lane: Lane = { ...laneOf('l'), mapping, canon, policy: DEFAULT_POLICY };
    const record = { id: 'r', version: '1', mono: '1', fields: { email: 'ann@example.com' }, stamp: null };
    const caps = { contentInFeed: true } as Lane['caps']['a'];
    const changed = { kind: 'changed', id: 'r', version: '1', mono: '1', record } as const;
    const removed = { kind: 'removed', id: 'r' } as const;
    const suspectOf = (...changes: ChangePage['changes']): unknown =>
      read([{ changes, cursor: 'c1', more: false }], { lanes: [{ ...lane, caps: { a: caps, b: caps } }] })
        .commits[0]?.lanes[0]?.suspects;
    expect(suspectOf(changed)).toMatchObject([{ why: 'unknown', stamp: null, keys: [expect.any(String)] }]);
    for (const both of [suspectOf(changed, removed), suspectOf(removed, changed)])
      expect(both).toEqual([{ side: 'a', id: 'r', why: 'unknown', feed: 'f', mono: '1', at: 0 }]);
  });

  it('looks once more for the pair of a removed record: another process may have placed it between the questions', () => {
    let asks = 0;
    const placed = { id: 'k', a: { id: 'r1', gen: 0 }, seenA: '', goneA: false, status: 'live' };
    const native = (): unknown => (asks++ === 0 ? [] : [placed]);
    const { commits } = read([pageOf(1, false)], { lanes: [laneOf('l1')], native });
    expect(commits[0]?.lanes[0]?.suspects).toMatchObject([{ side: 'a', id: 'r1', why: 'removed' }]);
    expect(read([pageOf(1, false)], { lanes: [laneOf('l1')] }).commits[0]?.lanes).toEqual([]);
  });
});
