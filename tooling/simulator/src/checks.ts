import type { FieldValue, Link, Side } from '@tidelock/core';
import type { CompiledMapping } from '@tidelock/engine';
import { invited } from './calendar.ts';
import { personOf } from './ledger.ts';
import type { LaneTable } from './memory/tables.ts';
import { type ModelStore, propertyOf, type Row } from './model-store.ts';
import { allStores, CheckFailed, type Sim, storeOf } from './sim.ts';

export type Check = (sim: Sim, mapping: CompiledMapping) => void;

const fail = (check: string, detail: string): never => {
  throw new CheckFailed(check, detail);
};

const lanesOf = (sim: Sim): { lane: LaneTable; index: number }[] =>
  [...sim.state.tables.lanes.values()].map((lane) => ({ lane, index: Number(lane.row.id.slice(5)) }));

const linksOf = (lane: LaneTable): Link[] => [...lane.links.values()].map((stored) => stored.link);
const refOf = (link: Link, side: Side): Link['a'] => (side === 'a' ? link.a : link.b);
const ACTIVE = new Set(['half', 'live', 'out', 'detached']);

function checkLaneOneToOne(lane: LaneTable): void {
  const taken = new Set<string>();
  const active = linksOf(lane).filter((link) => ACTIVE.has(link.status));
  for (const key of active.flatMap((link) => [link.a && `a${link.a.id}`, link.b && `b${link.b.id}`])) {
    if (key !== null && taken.has(key)) fail('S1', `${key} stands in two links`);
    if (key !== null) taken.add(key);
  }
}

/** No native id is in two live links of a lane. */
export const checkOneToOne: Check = (sim) => {
  for (const { lane } of lanesOf(sim)) checkLaneOneToOne(lane);
};

const live = (store: ModelStore): Row[] => [...store.rows.values()].filter((row) => row.state === 'live');

/**
 * Somebody merged the record of another pair into a late create of ours: it is theirs, and that pair goes on with it, under the
 * stamp of nobody (6.4). Only a store without unique stamps can hold it, and none of those in 5.1 that merge is one.
 */
function isMergedInto(sim: Sim, store: ModelStore, { id, stamp }: Row): boolean {
  if (store.options.caps.createKey === 'unique') return false;
  if (![...store.rows.values()].some(({ mergedInto }) => mergedInto === id)) return false;
  return lanesOf(sim).some(({ lane }) =>
    linksOf(lane).some(({ status, b }) => status === 'live' && b?.id === id && b.stamp !== stamp),
  );
}

/**
 * A copy that somebody moved out of the folder has left our sight, and what is outside is never deleted. One with guests keeps its
 * stamp, because taking that away would send them mail (0521).
 */
function checkStamps(sim: Sim, store: ModelStore): void {
  const stamps = new Set<string>();
  for (const row of live(store)) {
    const { stamp, out } = row;
    if (out || callsOff(sim, store, row) || isMergedInto(sim, store, row)) continue;
    if (stamp !== null && stamps.has(stamp)) fail('S2', `${store.name} has two records of one stamp`);
    if (stamp !== null) stamps.add(stamp);
  }
}

/** One of two of ours that nobody may be told of: it is a record of its own, and its stamp does not say so. */
const keepsStamp = (sim: Sim, store: ModelStore, row: Row): boolean =>
  row.stamp !== null && callsOff(sim, store, row) && store.byStamp(row.stamp).length > 1;

function checkPeople(sim: Sim, store: ModelStore): void {
  const property = propertyOf(store === sim.b ? 'b' : 'a', 'last');
  const people = new Map<string, number>();
  for (const row of live(store)) {
    if (row.out || keepsStamp(sim, store, row)) continue;
    const person = /\d+/.exec(String(row.fields[property]))?.[0] ?? '';
    people.set(person, (people.get(person) ?? 0) + 1);
  }
  for (const [person, count] of people) {
    const made = allStores(sim).map((other) => sim.ledger.created.get(`${other.name} ${person}`) ?? 0);
    const released = sim.ledger.created.get(`released ${person}`) ?? 0;
    const allowed = made.reduce((sum, n) => sum + n, released);
    if (count > Math.max(1, allowed)) fail('S2', `${store.name} has person ${person} ${count} times`);
  }
}

/** At most one living record a stamp; a person no more often than users made it on all sides together. */
export const checkNoDuplicates: Check = (sim) => {
  for (const store of allStores(sim)) {
    checkStamps(sim, store);
    checkPeople(sim, store);
  }
};

function journalText(sim: Sim): string {
  const history = lanesOf(sim).flatMap(({ lane }) =>
    lane.history.filter((row) => row.op === 'conflict' || row.op === 'delete'),
  );
  const intents = [...sim.state.tables.intents.values()].map((intent) => [
    intent.conflicts,
    intent.op === 'delete' ? intent.before : null,
  ]);
  return JSON.stringify([history.map((row) => [row.old, row.new]), intents]);
}

/** Every value that a user wrote is somewhere, or a user replaced it having seen it, or it is in the journal. */
export const checkNoLoss: Check = (sim) => {
  const waiting = sim.ledger.tokens.filter((token) => token.ended === null);
  if (waiting.length === 0) return;
  const shown = JSON.stringify(allStores(sim).map((store) => live(store).map((row) => row.fields)));
  const lost = waiting.filter((token) => !shown.includes(token.text));
  if (lost.length === 0) return;
  const journal = journalText(sim);
  for (const token of lost)
    if (!journal.includes(token.text))
      fail('S3', `${token.text} written to ${token.id}.${token.property} is nowhere`);
};

function alike(mapping: CompiledMapping, name: string, values: readonly [FieldValue, FieldValue]): boolean {
  const field = mapping.byName.get(name);
  if (field === undefined) return true;
  const plain = (value: FieldValue): FieldValue =>
    name === 'town' && typeof value === 'string' ? value.replaceAll('!', '').slice(0, 11).trim() : value;
  const [a, b] = [field.clean(plain(values[0])), field.clean(plain(values[1]))];
  return field.equal(field.project('b', a) ?? null, b) || field.equal(a, b);
}

function checkSuspects(sim: Sim, lane: LaneTable): void {
  for (const { id, why } of lane.suspects.values()) {
    const repeated = why === 'removed' && sim.settings.without.has('L5');
    if (why !== 'review' && !repeated) fail('L1', `suspect ${id} (${why}) stays`);
  }
}

/** All live pairs are equal, nothing is under way, nothing is dirty; every record has its place. */
export const checkConverged: Check = (sim, mapping) => {
  for (const { lane, index } of lanesOf(sim)) {
    const open = [...sim.state.tables.intents.values()].find(
      (intent) => intent.state === 'open' && intent.laneId === lane.row.id,
    );
    if (open !== undefined) fail('L1', `intent ${open.op} of ${open.targetId} stays open`);
    for (const link of linksOf(lane)) checkPair(sim, mapping, { link, index });
    checkSuspects(sim, lane);
    for (const side of ['a', 'b'] as const) checkPlaces(sim, lane, { side, index });
  }
};

/** Pairs at rest that an overlapping feed marks again in every pass. */
const restless = (sim: Sim, link: Link): boolean =>
  sim.settings.without.has('L5') && (link.status === 'out' || link.status === 'detached');

function checkPair(sim: Sim, mapping: CompiledMapping, at: { link: Link; index: number }): void {
  const { link } = at;
  if (link.quarantine !== null || restless(sim, link)) return;
  if (link.status !== 'tomb' && (link.dirtyA > link.cleanA || link.dirtyB > link.cleanB))
    fail('L1', `link ${link.id} (${link.status}) stays dirty`);
  if (link.status === 'half') fail('L1', `link ${link.id} stays half`);
  if (link.status === 'live') checkEqual(sim, mapping, at);
}

/** What has to stay as well where the other one does: exceptions are fitted to the series that stands there. */
const GOES_WITH: Readonly<Record<string, readonly string[]>> = { occurrences: ['time', 'recurrence'] };

/** An edit in the CRM that only the organizer's mailbox can take stays there, and its base as it was (0522). */
function staysThere(mapping: CompiledMapping, of: { name: string; link: Link; b: Row }): boolean {
  return [of.name, ...(GOES_WITH[of.name] ?? [])].some((name) => {
    const field = mapping.byName.get(name);
    const now = of.b.fields[field?.property.b ?? ''] ?? null;
    return field !== undefined && !field.equal(field.clean(of.link.shownB?.[name]), field.clean(now));
  });
}

function checkEqual(sim: Sim, mapping: CompiledMapping, at: { link: Link; index: number }): void {
  const { link } = at;
  const row = (side: Side): Row => {
    const found = storeOf(sim, at.index, side).rows.get(refOf(link, side)?.id ?? '');
    if (found?.state === 'live') return found;
    return fail('L3', `link ${link.id} is live, ${found?.id ?? 'its record'} is gone`);
  };
  const [a, b] = [row('a'), row('b')];
  if (a.out || b.out) return;
  for (const field of mapping.fields) {
    if (link.holds.includes(field.name)) continue;
    const values = [a.fields[field.property.a] ?? null, b.fields[field.property.b] ?? null] as const;
    if (a.foreign && staysThere(mapping, { name: field.name, link, b })) continue;
    if (values[0] === null && field.flows.b === 'never') continue;
    if (!alike(mapping, field.name, values))
      fail('L1', `${a.id} and ${b.id} differ in ${field.name}: ${JSON.stringify(values)}`);
  }
}

function checkPlaces(sim: Sim, lane: LaneTable, at: { side: Side; index: number }): void {
  const { side, index } = at;
  const placed = new Set(
    linksOf(lane)
      .filter((link) => link.status !== 'tomb')
      .map((link) => refOf(link, side)?.id),
  );
  for (const suspect of lane.suspects.values()) if (suspect.side === side) placed.add(suspect.id);
  for (const row of live(storeOf(sim, index, side)))
    if (!row.out && !placed.has(row.id)) fail('L1', `${row.id} has no place in ${lane.row.id}`);
}

/** Writing to it would send people mail, which no policy of these schedules lets go by itself. */
const callsOff = (sim: Sim, store: ModelStore, row: Row): boolean =>
  sim.settings.events === true && store !== sim.b && invited(row.fields).length > 0;

/** Its delete would send people mail: the pair says so, and waits for somebody to let it go (0521). */
const waitsForMail = (sim: Sim, store: ModelStore, row: Row): boolean =>
  callsOff(sim, store, row) &&
  lanesOf(sim).some(
    ({ lane, index }) =>
      storeOf(sim, index, 'a') === store &&
      linksOf(lane).some(({ a, quarantine }) => a?.id === row.id && quarantine?.code === 'would-notify'),
  );

/** A record that we made of somebody who was deleted, and that nobody waits to be asked about. */
function comesBack(sim: Sim, gone: Row): Row | undefined {
  const person = personOf(gone);
  const isBack = (row: Row): boolean =>
    row !== gone && !row.out && row.stamp !== null && row.by === 'us' && personOf(row) === person;
  return allStores(sim)
    .flatMap((store) => live(store).filter((row) => isBack(row) && !waitsForMail(sim, store, row)))
    .at(0);
}

/** What a user deleted while its partner was in step is gone on both sides. */
export const checkDeletes: Check = (sim) => {
  for (const { store, id, partner, alone } of sim.ledger.expected.values()) {
    const row = store.rows.get(id);
    const detached = [...sim.state.tables.lanes.values()].some((lane) =>
      linksOf(lane).some((link) => link.status === 'detached' && [link.a?.id, link.b?.id].includes(id)),
    );
    if (row?.state === 'live' && !row.out && !detached && !waitsForMail(sim, store, row))
      fail('L3', `${partner} was deleted, ${id} is still there`);
    const back = row === undefined || detached || !alone ? undefined : comesBack(sim, row);
    if (back !== undefined) fail('L3', `${partner} and ${id} were deleted, ${back.id} came in their place`);
  }
};

/** What a narrower filter left out is frozen: neither written nor deleted. */
export const checkScope: Check = (sim) => {
  // Another lane may have found the record by its e-mail address since.
  if (sim.a.length > 1) return;
  for (const { lane } of lanesOf(sim))
    for (const { a, b, status } of linksOf(lane)) {
      const left = [a?.id, b?.id].find((id) => id !== undefined && sim.leftOut.has(id));
      if (left !== undefined && (status === 'live' || status === 'half'))
        fail('S11', `${left} is outside the filter, and its pair is ${status}`);
    }
};

/** At rest, in this order: the most telling first. */
export const AT_REST: readonly Check[] = [
  checkOneToOne,
  checkNoDuplicates,
  checkNoLoss,
  checkDeletes,
  checkConverged,
];
