import type { FieldValue } from '@tidelock/core';
import { editsCalendar } from './calendar-acts.ts';
import { personOf } from './ledger.ts';
import { mergeRows } from './merge-rows.ts';
import { isForbidden, propertyOf, type Row } from './model-store.ts';
import type { Operation, WorldOptions } from './options.ts';
import { countPerson, createPerson, nextPerson, sideOf } from './people.ts';
import { drift, scope } from './scope.ts';
import { allStores, type Sim } from './sim.ts';
import { liveRows, mayLookEdited, partnerOf, pick, type Target, twinBehind } from './targets.ts';
import { leavesForGood } from './windows.ts';

/** Fields that people edit. */
export const EDITED = ['title', 'notes', 'town'] as const;
function decorated(sim: Sim, token: string): FieldValue {
  const form = sim.tape.choice(4);
  if (form === 1) return `  ${token} `;
  return form === 2 ? `${token}abcdefghijklmnop` : token;
}

/**
 * A late create of ours that no pair has yet, and that somebody edits, is theirs from then on: it may be one record more of
 * its person, and nobody may take it away (5.7 c, and edit beats delete). So is what another lane has made of our twin.
 */
function takesOver(sim: Sim, target: Target): void {
  const { row } = target;
  const made =
    sim.ledger.late.has(row) && partnerOf(sim, target) === undefined ? row : twinBehind(sim, target);
  if (made === undefined || isForbidden(target.store, row)) return;
  sim.ledger.late.delete(made);
  sim.ledger.released(row);
  sim.ledger.isTheirs(row);
}

export function write(
  sim: Sim,
  { store, row }: Target,
  { name, blank = false }: { name: (typeof EDITED)[number]; blank?: boolean },
): void {
  if (row.foreign) return;
  const property = propertyOf(sideOf(sim, store), name);
  sim.ledger.overwrites(store, row, property);
  takesOver(sim, { store, row });
  const value = blank ? null : decorated(sim, sim.ledger.fresh());
  store.change(row, 'other', () => Object.assign(row.fields, store.hold({ [property]: value })));
  sim.ledger.wrote(store, row, property);
  sim.note(() => `user ${blank ? 'blanks' : 'sets'} ${row.id}.${property} = ${value}`);
}

function create(sim: Sim, everywhere: boolean): void {
  const stores = allStores(sim);
  const person = nextPerson(sim);
  const first = sim.tape.choice(stores.length);
  stores.forEach((store, index) => {
    if (index === first || everywhere) createPerson(sim, store, person);
  });
}

/** A person of whom there was one record, and nobody else saw it: nothing of ours may come in its place. */
function expectNobody(sim: Sim, { store, row }: Target): void {
  const person = personOf(row);
  const all = allStores(sim).flatMap((one) => [...one.rows.values()]);
  const others = all.filter((one) => one !== row && personOf(one) === person);
  // A store that re-formats in its own way looks as if somebody had edited there, and an edit beats a delete.
  if (sim.options.toAndFro) return;
  if (others.length > 0 || row.by !== 'other' || row.stamp !== null || store.scope > 0 || sim.feedMissed)
    return;
  sim.ledger.expected.set(`nobody ${person}`, { store, id: row.id, partner: row.id, alone: true, person });
}

/** Notes that the partner of a record in step has to go as well. Only said where one lane could have anything to do with it. */
function expectDelete(sim: Sim, target: Target): void {
  if (sim.a.length > 1) return;
  expectNobody(sim, target);
  const partner = partnerOf(sim, target);
  const lane = [...sim.state.tables.lanes.values()][0];
  const link = [...(lane?.links.values() ?? [])].find(({ link: { a, b, status } }) => {
    return status === 'live' && (a?.id === target.row.id || b?.id === target.row.id);
  })?.link;
  if (partner === undefined || link === undefined || partner.row.out) return;
  if (target.store.scope > 0 || partner.store.hidden.has(partner.row.id)) return;
  const open = [...sim.state.tables.intents.values()].some(
    (intent) => intent.state === 'open' && intent.linkId === link.id,
  );
  const moved = link.dirtyA > link.cleanA || link.dirtyB > link.cleanB || sim.feedMissed;
  const [shown, ref] = partner.store === sim.b ? [link.shownB, link.b] : [link.shownA, link.a];
  const same = ref !== null && shown !== null && partner.store.record(partner.row).version === ref.version;
  const side = sideOf(sim, target.store);
  const last = target.row.fields[propertyOf(side, 'last')];
  const twins = liveRows(target.store).filter((row) => row.fields[propertyOf(side, 'last')] === last);
  if (open || moved || !same || twins.length > 1 || mayLookEdited(sim, { target, partner, link })) return;
  sim.ledger.expected.set(partner.row.id, {
    store: partner.store,
    id: partner.row.id,
    partner: target.row.id,
    person: personOf(target.row),
    alone:
      allStores(sim)
        .flatMap(liveRows)
        .filter((row) => personOf(row) === personOf(target.row)).length === 2,
  });
}

export function remove(sim: Sim, target: Target, why: string): void {
  const { store, row } = target;
  sim.ledger.expected.delete(row.id);
  if (!row.out && why === 'deleted') expectDelete(sim, target);
  leavesForGood(sim, target);
  // Whoever lets go of a copy takes nothing from the meeting.
  if (!row.foreign) sim.ledger.removes(store, row, why);
  else sim.count('copy let go');
  const unconfirmed = [...sim.state.tables.intents.values()].some(
    (intent) => intent.state === 'open' && intent.stamp !== null && intent.stamp === row.stamp,
  );
  if (unconfirmed) sim.count('risk R3');
  store.change(row, 'other', () => {
    row.state = 'gone';
  });
  sim.note(() => `user deletes ${row.id}`);
}

function move(sim: Sim, out: boolean): void {
  const target = pick(sim, (row) => row.out !== out);
  if (target === undefined) return;
  const { store, row } = target;
  sim.ledger.unsettles(row);
  store.change(row, 'other', () => {
    row.out = out;
  });
  sim.note(() => `user moves ${row.id} ${out ? 'out' : 'back'}`);
}

function merge(sim: Sim): void {
  const rows = liveRows(sim.b).filter((row) => !row.out);
  const loser = rows[sim.tape.choice(rows.length)];
  const winner = rows[sim.tape.choice(rows.length)];
  if (loser === undefined || winner === undefined || loser === winner || !sim.b.options.caps.merges) return;
  sim.ledger.unsettles(loser, winner);
  sim.ledger.removes(sim.b, loser, 'merged');
  const result = mergeRows(sim, winner, loser);
  for (const row of [loser, winner]) countPerson(sim, personOf(row));
  sim.note(() => `user merges ${loser.id} into ${result.id}`);
}

const canComeBack = (sim: Sim, row: Row): boolean =>
  row.state === 'gone' && row.mergedInto === null && !sim.ledger.relocated.has(row);

/** A store with unique stamps refuses a second record of one (5.1), also one that somebody brings back. */
const isTaken = (store: Target['store'], { stamp }: Row): boolean =>
  store.options.caps.createKey === 'unique' && stamp !== null && store.byStamp(stamp).length > 0;

/** Somebody brings a deleted record back, where the store keeps deleted records. */
export function restore(sim: Sim, { store, row }: Target): void {
  if (store !== sim.b || !sim.b.options.caps.restore || !canComeBack(sim, row)) return;
  if (isTaken(store, row)) {
    sim.count('not brought back: its stamp is taken');
    return;
  }
  sim.ledger.unsettles(row);
  sim.b.change(row, 'other', () => {
    row.state = 'live';
  });
  countPerson(sim, personOf(row));
  sim.note(() => `user restores ${row.id}`);
}

function undelete(sim: Sim): void {
  const rows = [...sim.b.rows.values()].filter((row) => canComeBack(sim, row));
  const row = rows[sim.tape.choice(rows.length)];
  if (row !== undefined) restore(sim, { store: sim.b, row });
}

/** The record goes on under another native id, with all that it holds: an archive, an export and import. */
function relocate(sim: Sim): void {
  const target = pick(sim, (row) => !row.out && row.mergedInto === null && (row.fields.uid ?? null) === null);
  if (target === undefined) return;
  const { store, row } = target;
  sim.ledger.unsettles(row);
  store.change(row, 'other', () => {
    row.state = 'gone';
  });
  const moved = store.create({ ...row.fields }, { stamp: row.stamp, by: 'other' });
  countPerson(sim, personOf(row));
  sim.ledger.moves(store, row, moved);
  sim.note(() => `user relocates ${row.id} to ${moved.id}`);
}

export function deleteMany(sim: Sim): void {
  const store = allStores(sim)[sim.tape.choice(allStores(sim).length)] ?? sim.b;
  for (const row of liveRows(store)) if (sim.tape.choice(2) === 1) remove(sim, { store, row }, 'deleted');
}

const anywhere = (): boolean => true;
const DO: Readonly<Record<Operation, (sim: Sim) => void>> = {
  set(sim) {
    const name = EDITED[sim.tape.choice(EDITED.length)] ?? 'title';
    const target = pick(sim, anywhere);
    if (target !== undefined) write(sim, target, { name });
  },
  'set-both'(sim) {
    const name = EDITED[sim.tape.choice(EDITED.length)] ?? 'title';
    const target = pick(sim, anywhere);
    if (target === undefined) return;
    const partner = partnerOf(sim, target);
    write(sim, target, { name });
    if (partner !== undefined) write(sim, partner, { name });
  },
  blank(sim) {
    const target = pick(sim, anywhere);
    if (target !== undefined)
      write(sim, target, { name: EDITED[sim.tape.choice(EDITED.length)] ?? 'title', blank: true });
  },
  create: (sim) => create(sim, false),
  'create-both': (sim) => create(sim, true),
  delete(sim) {
    const target = pick(sim, anywhere);
    if (target !== undefined) remove(sim, target, 'deleted');
  },
  touch(sim) {
    const target = pick(sim, anywhere);
    target?.store.change(target.row, 'other', () => {});
    sim.note(() => `service touches ${target?.row.id}`);
  },
  out: (sim) => move(sim, true),
  back: (sim) => move(sim, false),
  merge,
  undelete,
  scope,
  refuse(sim) {
    sim.b.refusing = !sim.b.refusing;
    sim.note(() => `${sim.b.name} ${sim.b.refusing ? 'begins to refuse' : 'accepts again'}`);
  },
  drift: (sim) =>
    drift(
      sim,
      pick(sim, (row) => !row.out),
    ),
  relocate,
  remap(sim) {
    sim.mapped++;
    sim.note(() => 'everybody is configured with another mapping');
  },
  'bulk-delete': deleteMany,
};

const WEIGHTS: Readonly<Record<Operation, number>> = {
  set: 10,
  'set-both': 5,
  create: 2,
  'create-both': 2,
  delete: 3,
  blank: 2,
  touch: 2,
  out: 1,
  back: 2,
  merge: 1,
  undelete: 1,
  'bulk-delete': 1,
  scope: 1,
  drift: 1,
  refuse: 1,
  relocate: 1,
  remap: 1,
};

/** Where the brake is tight there has to be something to stop. */
const TIGHT_WEIGHTS = { ...WEIGHTS, create: 6, delete: 9, 'bulk-delete': 4 };

const bags = new WeakMap<WorldOptions, readonly Operation[]>();

/** Each operation as often as it weighs. */
function bagOf(options: WorldOptions): readonly Operation[] {
  const known = bags.get(options);
  if (known !== undefined) return known;
  const weights = options.tightBrake ? TIGHT_WEIGHTS : WEIGHTS;
  const bag = options.operations.flatMap((name) => new Array<Operation>(weights[name]).fill(name));
  bags.set(options, bag);
  return bag;
}

/** One thing that people, or the service itself, do to the stores. */
export function operate(sim: Sim): void {
  if (editsCalendar(sim)) return;
  const bag = bagOf(sim.options);
  const name = bag[sim.tape.choice(bag.length)];
  if (name === undefined) return;
  sim.count(`operation ${name}`);
  DO[name](sim);
}
