import type { Fields } from '@tidelock/core';
import { eventFields } from './calendar.ts';
import { type ModelStore, propertyOf, type Row } from './model-store.ts';
import type { Sim } from './sim.ts';

export const sideOf = (sim: Sim, store: ModelStore): 'a' | 'b' => (store === sim.b ? 'b' : 'a');

/** `more`: what the record has besides, or instead. */
export function createRow(
  sim: Sim,
  store: ModelStore,
  { person, more }: { readonly person: number; readonly more?: Fields },
): Row {
  const side = sideOf(sim, store);
  const fields = {
    [propertyOf(side, 'first')]: `First${person}x`,
    [propertyOf(side, 'last')]: `Family${person}x`,
    [propertyOf(side, 'email')]: `Person${person}@example.com`,
    [propertyOf(side, 'title')]: sim.ledger.fresh(),
  };
  const row = store.create({ ...fields, ...eventFields(sim, person), ...more }, { stamp: null, by: 'other' });
  sim.ledger.wrote(store, row, propertyOf(side, 'title'));
  const key = `${store.name} ${person}`;
  sim.ledger.created.set(key, (sim.ledger.created.get(key) ?? 0) + 1);
  sim.note(() => `user creates ${row.id} person ${person}`);
  return row;
}

export const createPerson = (sim: Sim, store: ModelStore, person: number): Row =>
  createRow(sim, store, { person });

export const nextPerson = (sim: Sim): number =>
  1 + Math.max(0, ...[...sim.ledger.created.keys()].map((key) => Number(key.split(' ')[1])));

/** One more record of this person may be about: it was brought back, or its partner changed hands. */
export function countPerson(sim: Sim, person: string): void {
  const key = `${sim.b.name} ${person}`;
  sim.ledger.created.set(key, (sim.ledger.created.get(key) ?? 0) + 1);
}
