import type { Fields, Intent, Side, StoreRecord } from '@tidelock/core';
import { type Core, store } from './effect.ts';
import type { Lane, Pass } from './lane.ts';
import { getFields } from './lens.ts';

const textOf = ({ sent }: Intent): string => JSON.stringify(Object.entries(sent).sort());

/** Does a record that shows `seen` show all that this create has sent, as its store keeps it? */
function isShown(lane: Lane, { sent, side }: Intent, seen: Fields): boolean {
  return Object.entries(sent).every(([name, value]) => {
    const field = lane.mapping.byName.get(name);
    const held = field?.project(side, value);
    return field === undefined || held === undefined || field.equal(held, seen[name] ?? null);
  });
}

/**
 * Which of several creates with one stamp has made a record: they may have sent different things, and only one of them
 * landed. Where what they sent does not tell them apart, any; else the one whose values the record shows (5.5), the
 * fullest of them; undefined = the journal cannot tell. Pure.
 */
export function sentWith(lane: Lane, attempts: readonly Intent[], seen: Fields): Intent | undefined {
  const shown = attempts.filter((attempt) => isShown(lane, attempt, seen));
  const most = Math.max(...shown.map(({ sent }) => Object.keys(sent).length));
  return shown.find(({ sent }) => Object.keys(sent).length === most);
}

export interface Made {
  readonly side: Side;
  readonly id: string;
  /** Version time that is known of the record; contents kept from before it are not asked. */
  readonly mono: string;
  /** The record, where it is at hand. */
  readonly record?: StoreRecord;
}

/** What a record shows; undefined = it cannot be read just now. */
export function* contentOf(pass: Pass, { side, id, mono, record }: Made): Core<StoreRecord | undefined> {
  const known = record ?? pass.lane.cache.get(side, id, mono);
  if (known !== undefined) return known;
  const [read] = yield* store(side, 'read', [id]);
  return read?.state === 'found' ? read.record : undefined;
}

/** The create that has made a record, of all that were sent with its stamp. The record is read where they differ. */
export function* attemptOf(pass: Pass, attempts: readonly Intent[], made: Made): Core<Intent | undefined> {
  const [first, ...rest] = attempts;
  if (first === undefined || rest.every((other) => textOf(other) === textOf(first))) return first;
  const record = yield* contentOf(pass, made);
  if (record === undefined) return undefined;
  return sentWith(pass.lane, attempts, getFields(pass.lane.mapping, made.side, record));
}
