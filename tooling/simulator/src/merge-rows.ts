import type { Row } from './model-store.ts';
import type { Sim } from './sim.ts';

/** Two records of side B become one: the winner, or a third one that both ids stand for from then on. */
export function mergeRows(sim: Sim, winner: Row, loser: Row): Row {
  const { b: store, ledger } = sim;
  const end = (row: Row, into: Row): void =>
    store.change(row, 'other', () => {
      row.state = 'gone';
      row.mergedInto = into.id;
    });
  if (!store.options.mergesIntoNew) {
    end(loser, winner);
    store.change(winner, 'other', () => {});
    return winner;
  }
  const result = store.create({ ...winner.fields }, { stamp: winner.stamp, by: 'other' });
  for (const row of [loser, winner]) end(row, result);
  ledger.moves(store, winner, result);
  sim.count('merged into a third record');
  return result;
}
