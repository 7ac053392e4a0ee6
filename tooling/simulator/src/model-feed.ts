import { AdapterError, type Change, type ChangePage, type RecordPage } from '@tidelock/core';
import type { ModelStore, Row } from './model-store.ts';
import type { Rates } from './options.ts';
import type { Tape } from './tape.ts';
import type { View } from './view.ts';
import { isInView } from './windows.ts';

/** How far a polled feed looks back behind its cursor, in milliseconds; commit lag is below it. */
export const OVERLAP = 60_000;

export interface FeedWorld {
  readonly store: ModelStore;
  readonly mutant: string;
  readonly tape: Tape;
  readonly rates: Rates;
  /** True time. */
  readonly now: number;
  /** Dates that are looked at; a cursor is one of its window. */
  readonly view: View;
  /** An entry was dropped: only an audit can find it. */
  readonly onMissing: () => void;
}

function changeOf({ store }: FeedWorld, row: Row, kind: Change['kind']): Change {
  const record = store.record(row);
  if (kind === 'removed') {
    const base = { kind, id: row.id, mono: record.mono } as const;
    return row.mergedInto !== null && store.options.caps.merges
      ? { ...base, mergedInto: row.mergedInto }
      : base;
  }
  if (!store.options.caps.contentInFeed)
    return { kind, id: row.id, version: record.version, mono: record.mono };
  const { id, version, mono } = record;
  if (store.options.caps.stampInFeed) return { kind, id, version, mono, record };
  const { stamp: _, ...bare } = record;
  return { kind, id, version, mono, record: bare };
}

const inView = ({ view }: FeedWorld, row: Row): boolean =>
  row.state === 'live' && !row.out && isInView(row, view);

/** What a cursor is good for: an epoch of its store, and one window. */
const epochOf = ({ store, view, mutant }: FeedWorld): string =>
  view.index === 0 || mutant === 'window-rebase' ? String(store.epoch) : `${store.epoch}.${view.index}`;
const reported = ({ store }: FeedWorld, row: Row): boolean => !store.hidden.has(row.id);

/** Repeats, swaps, drops entries and says of living records that they were removed. `isWhole`: an enumeration, which drops none. */
function agitate(world: FeedWorld, changes: Change[], isWhole: boolean): Change[] {
  const { tape, rates, store } = world;
  if (changes.length === 0) return changes;
  const out: Change[] = [];
  const missing = isWhole ? 0 : rates.missingEntry;
  for (const change of changes) {
    if (tape.happens(missing)) {
      world.onMissing();
      continue;
    }
    out.push(change);
    if (tape.happens(rates.duplicateEntry)) out.push(change);
  }
  if (tape.happens(rates.falseRemoved)) {
    const live = [...store.rows.values()].filter((row) => inView(world, row) && reported(world, row));
    const row = live[tape.choice(live.length)];
    if (row !== undefined) out.push({ kind: 'removed', id: row.id });
  }
  if (out.length > 1 && tape.happens(rates.reorder)) out.reverse();
  return out;
}

/** Kind, epoch, and what the kind makes of the rest. */
function parse(world: FeedWorld, cursor: string): { readonly kind: string; readonly rest: string } {
  const first = cursor.indexOf(':');
  const second = cursor.indexOf(':', first + 1);
  if (cursor.slice(first + 1, second) !== epochOf(world) && world.mutant !== 'expired-is-empty')
    throw new AdapterError('cursor_expired', 'The cursor has expired.', { operation: 'model.changes' });
  return { kind: cursor.slice(0, first), rest: cursor.slice(second + 1) };
}

function logPage(world: FeedWorld, from: number): ChangePage {
  const { store } = world;
  const entries = store.log.slice(from, from + store.options.pageSize);
  const changes = entries.flatMap(({ id, kind }): Change[] => {
    const row = store.rows.get(id);
    if (row === undefined || !reported(world, row)) return [];
    return [changeOf(world, row, kind === 'changed' && inView(world, row) ? 'changed' : 'removed')];
  });
  const next = from + entries.length;
  return {
    changes: agitate(world, changes, false),
    cursor: `d:${epochOf(world)}:${next}`,
    more: next < store.log.length,
  };
}

function enumerated(world: FeedWorld, head: number, after: number): ChangePage {
  const { store } = world;
  const rows = [...store.rows.values()];
  const page = rows.slice(after, after + store.options.pageSize);
  const changes = page
    .filter((row) => inView(world, row) && reported(world, row))
    .map((row) => changeOf(world, row, 'changed'));
  const next = after + page.length;
  const end = world.mutant === 'head-after' ? store.log.length : head;
  const more = next < rows.length;
  return {
    changes: agitate(world, changes, true),
    cursor: more ? `e:${epochOf(world)}:${head}:${next}` : `d:${epochOf(world)}:${end}`,
    more: more || end < store.log.length,
  };
}

interface Poll {
  readonly from: number;
  readonly afterMono: number;
  readonly afterId: string;
  readonly max: number;
  /** Server time at the first page: what becomes visible behind later pages is newer than the overlap before it. */
  readonly cap: number;
  readonly full: boolean;
}

/** The other list: at once, and in no order of time with what the search shows. */
const removedSince = (world: FeedWorld, from: number): Change[] =>
  [...world.store.rows.values()]
    .filter((row) => reported(world, row) && !inView(world, row) && row.mono >= from)
    .map((row) => changeOf(world, row, 'removed'));

/** Keyset paging over (mono, id); a row whose transaction is not visible yet is not met. */
function pollPage(world: FeedWorld, poll: Poll): ChangePage {
  const { store, now } = world;
  const { pageSize, skewMs, commitLagMs, sideList } = store.options;
  const hidden = (row: Row): boolean => row.mono - skewMs > now - (row.version % 2) * commitLagMs;
  const listed = (row: Row): boolean =>
    row.mono >= poll.from &&
    (row.mono > poll.afterMono || (row.mono === poll.afterMono && row.id > poll.afterId)) &&
    (inView(world, row) || !(poll.full || sideList)) &&
    !hidden(row) &&
    reported(world, row);
  const rows: Row[] = [];
  for (const row of store.rows.values()) if (listed(row)) rows.push(row);
  if (rows.length > 1) rows.sort((x, y) => x.mono - y.mono || (x.id < y.id ? -1 : 1));
  const page = rows.slice(0, pageSize);
  const last = page.at(-1);
  const max = Math.max(poll.max, last?.mono ?? 0);
  const more = rows.length > page.length && last !== undefined;
  const next = { ...poll, afterMono: last?.mono ?? 0, afterId: last?.id ?? '', max };
  const found = page.map((row) => changeOf(world, row, inView(world, row) ? 'changed' : 'removed'));
  const changes = sideList && !poll.full && !more ? [...found, ...removedSince(world, poll.from)] : found;
  return {
    changes: agitate(world, changes, poll.full),
    cursor: more
      ? `q:${epochOf(world)}:${JSON.stringify(next).replaceAll(':', '=')}`
      : `p:${epochOf(world)}:${world.mutant === 'cursor-now' ? now + skewMs + OVERLAP : Math.min(max, poll.cap)}`,
    more,
  };
}

const capOf = ({ now, store }: FeedWorld): number => now + store.options.skewMs;
const START_OF_POLL = { afterMono: 0, afterId: '' } as const;

function pollFrom(world: FeedWorld, kind: string, text: string): ChangePage {
  if (kind === 'q') return pollPage(world, JSON.parse(text.replaceAll('=', ':')) as Poll);
  const max = Number(text);
  return pollPage(world, {
    from: world.mutant === 'overlap' ? max + 1 : max - OVERLAP,
    max,
    cap: capOf(world),
    full: false,
    ...START_OF_POLL,
  });
}

export function changesOf(world: FeedWorld, cursor: string | null): ChangePage {
  const { store, tape, rates } = world;
  if (cursor !== null && tape.happens(rates.expired)) store.epoch++;
  if (cursor === null && store.rows.size > 0 && tape.happens(rates.emptyListing)) {
    world.onMissing();
    const { log, options } = store;
    const epoch = epochOf(world);
    const head =
      options.feed === 'log' ? `d:${epoch}:${log.length}` : `p:${epoch}:${world.now + options.skewMs}`;
    return { changes: [], cursor: head, more: false };
  }
  if (cursor === null) {
    return store.options.feed === 'log'
      ? enumerated(world, store.log.length, 0)
      : pollPage(world, { from: 0, max: 0, cap: capOf(world), full: true, ...START_OF_POLL });
  }
  const { kind, rest } = parse(world, cursor);
  if (world.mutant === 'expired-is-empty' && cursor.split(':')[1] !== epochOf(world))
    return {
      changes: [],
      cursor: `d:${epochOf(world)}:${store.log.length}`.replace(
        /^d(?=:.*)/,
        store.options.feed === 'log' ? 'd' : 'p',
      ),
      more: false,
    };
  if (kind === 'd') return logPage(world, Number(rest));
  if (kind === 'e') {
    const between = rest.indexOf(':');
    return enumerated(world, Number(rest.slice(0, between)), Number(rest.slice(between + 1)));
  }
  return pollFrom(world, kind, rest);
}

export function listOf(world: FeedWorld, page: string | null): RecordPage {
  const { store } = world;
  const from = page === null ? 0 : Number(page);
  const rows = [...store.rows.values()];
  const next = from + store.options.pageSize;
  return {
    records: rows
      .slice(from, next)
      .filter((row) => inView(world, row) && !store.hidden.has(row.id))
      .map(store.record),
    next: next < rows.length ? String(next) : null,
  };
}
