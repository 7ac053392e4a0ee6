import type { LaneCommit, Side, Suspect, SuspectWhy } from '@tidelock/core';
import { byText, keyOf, type LaneTable, later, refOf } from './tables.ts';

type NewSuspect = Omit<Suspect, 'seq' | 'laneId'>;

export function putKeys(
  lane: LaneTable,
  record: { readonly side: Side; readonly id: string; readonly keys: readonly string[] },
): void {
  const at = keyOf(record.side, record.id);
  if (record.keys.length === 0) lane.keys.delete(at);
  else lane.keys.set(at, [...new Set(record.keys)]);
}

function put(lane: LaneTable, suspect: NewSuspect & { readonly seq: number }): void {
  const { side, id, why, feed, into, stamp, keys, mono, at, seq } = suspect;
  const old = lane.suspects.get(keyOf(side, id));
  const base = { laneId: lane.row.id, side, id, why, feed };
  lane.suspects.set(keyOf(side, id), {
    ...base,
    ...(into === undefined ? {} : { into }),
    ...(stamp === undefined ? {} : { stamp }),
    ...(keys === undefined ? {} : { keys }),
    mono: later(old?.mono ?? '', mono),
    at,
    seq,
  });
  if (keys !== undefined) putKeys(lane, { side, id, keys });
}

export function reportSuspects(lane: LaneTable, suspects: readonly NewSuspect[]): void {
  for (const suspect of suspects) put(lane, { ...suspect, seq: ++lane.sequence });
}

/** A record that is neither linked nor to be settled is no candidate any more. Call after the links were put. */
export function forgetKeys(lane: LaneTable, side: Side, id: string): void {
  for (const { link } of lane.links.values()) {
    if (link.status !== 'tomb' && refOf(link, side)?.id === id) return;
  }
  putKeys(lane, { side, id, keys: [] });
}

export function settleSuspects(lane: LaneTable, settled: NonNullable<LaneCommit['settled']>): void {
  for (const { side, id, seq } of settled) {
    const row = lane.suspects.get(keyOf(side, id));
    if (row === undefined || row.seq !== seq) continue;
    lane.suspects.delete(keyOf(side, id));
    if (row.keys !== undefined) forgetKeys(lane, side, id);
  }
}

/** Keeps `seq` of a row that is there and has not moved on; a record that is no suspect yet becomes one. */
export function refineSuspects(lane: LaneTable, suspects: readonly Suspect[]): void {
  for (const suspect of suspects) {
    const row = lane.suspects.get(keyOf(suspect.side, suspect.id));
    if (row === undefined) put(lane, { ...suspect, seq: ++lane.sequence });
    else if (row.seq === suspect.seq) put(lane, suspect);
  }
}

export function querySuspects(
  lane: LaneTable,
  query: {
    readonly why?: readonly SuspectWhy[];
    readonly after?: { readonly side: Side; readonly id: string };
    readonly limit: number;
  },
): Suspect[] {
  const { why, after, limit } = query;
  const start = after === undefined ? '' : keyOf(after.side, after.id);
  const found: [key: string, row: Suspect][] = [];
  for (const entry of lane.suspects)
    if (entry[0] > start && (why === undefined || why.includes(entry[1].why))) found.push(entry);
  if (found.length > 1) found.sort(([x], [y]) => byText(x, y));
  return found.slice(0, limit).map(([, row]) => row);
}

export function findCandidates(
  lane: LaneTable,
  query: { readonly side: Side; readonly keys: readonly string[]; readonly cap: number },
): Map<string, readonly string[]> {
  const found = new Map<string, string[]>(query.keys.map((key) => [key, []]));
  if (found.size === 0) return found;
  const ours = `${query.side}\u0000`;
  for (const [at, keys] of lane.keys)
    if (at.startsWith(ours)) for (const key of keys) found.get(key)?.push(at.slice(ours.length));
  for (const [key, ids] of found) found.set(key, ids.sort(byText).slice(0, query.cap + 1));
  return found;
}
