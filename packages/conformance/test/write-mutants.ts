import type { Write } from '@tidelock/core';
import type { ReferenceFixture } from '../src/index.ts';
import { editOutcomes, editWrites, ids, type Mutant } from './mutant.ts';

async function upsert(fixture: ReferenceFixture, write: Write): Promise<Write> {
  if (write.op !== 'create') return write;
  const twin = (await fixture.oracle.all()).find((record) => record.stamp === write.stamp);
  if (twin) await fixture.oracle.userUpdate(twin.id, write.fields);
  return write;
}

export const writeMutants: readonly Mutant[] = [
  {
    name: 'upsert in place of create',
    killedBy: ids('041'),
    breaks: (store, fixture) => editWrites(store, (write) => upsert(fixture, write)),
  },
  {
    name: 'a create forgets the stamp',
    killedBy: ids('025', '040', '041'),
    breaks: (store) =>
      editWrites(store, (write) =>
        write.op === 'create' ? { ...write, stamp: `${write.stamp}-${Math.random()}` } : write,
      ),
  },
  {
    name: 'a patch writes properties that it was not given',
    killedBy: ids('043'),
    breaks: (store) =>
      editWrites(store, (write) =>
        write.op === 'update' ? { ...write, patch: { ...write.current.fields, ...write.patch } } : write,
      ),
  },
  {
    name: 'blank is ignored',
    killedBy: ids('044', '083'),
    breaks: (store) =>
      editWrites(store, (write) => {
        if (write.op !== 'update') return write;
        const patch = Object.fromEntries(Object.entries(write.patch).filter(([, value]) => value !== null));
        return { ...write, patch };
      }),
  },
  {
    name: 'the version of an update is ignored',
    killedBy: ids('045'),
    actual: { conditionalUpdate: false },
  },
  {
    name: 'the version of a delete is ignored',
    killedBy: ids('054'),
    actual: { conditionalDelete: false },
  },
  {
    name: 'a condition is sent that was declared absent',
    killedBy: ids('046'),
    capabilities: { conditionalUpdate: false },
    actual: { conditionalUpdate: true },
  },
  {
    name: 'outcomes come in another order',
    killedBy: ids('058', '059'),
    breaks: (store) => editOutcomes(store, (outcomes) => [...outcomes].reverse()),
  },
  {
    name: 'one refused item fails the whole batch',
    killedBy: ids('059', '060'),
    breaks: (store) =>
      editOutcomes(store, (outcomes) => {
        const bad = outcomes.find((each) => each.status === 'gone' || each.status === 'rejected');
        return bad ? outcomes.map(() => bad) : outcomes;
      }),
  },
  {
    name: 'an unknown write is sent again',
    killedBy: ids('065', '066'),
    breaks: (store) => ({
      write: async (batch) => {
        const outcomes = await store.write(batch);
        return outcomes.some((each) => each.status === 'unknown') ? store.write(batch) : outcomes;
      },
    }),
  },
  {
    name: 'a missing answer counts as success',
    killedBy: ids('065', '066', '067'),
    breaks: (store) =>
      editOutcomes(store, (outcomes) =>
        outcomes.map((each) => (each.status === 'unknown' ? { status: 'ok', id: 'guessed' } : each)),
      ),
  },
  {
    name: 'a missing answer counts as refusal',
    killedBy: ids('064', '065', '067'),
    breaks: (store) =>
      editOutcomes(store, (outcomes) =>
        outcomes.map((each) => (each.status === 'unknown' ? { status: 'retry', kind: 'unavailable' } : each)),
      ),
  },
  {
    name: 'the wait of a 429 is lost',
    killedBy: ids('063'),
    breaks: (store) =>
      editOutcomes(store, (outcomes) =>
        outcomes.map((each) => (each.status === 'retry' ? { status: 'retry', kind: each.kind } : each)),
      ),
  },
  {
    name: 'long values are cut in silence',
    killedBy: ids('084'),
    breaks: (store) =>
      editWrites(store, (write) => {
        if (write.op !== 'update') return write;
        const cut = Object.entries(write.patch).map(([property, value]) => [
          property,
          property === 'city' && typeof value === 'string' ? value.slice(0, 40) : value,
        ]);
        return { ...write, patch: Object.fromEntries(cut) };
      }),
  },
  {
    name: 'line breaks are lost',
    killedBy: ids('080'),
    breaks: (store) =>
      editWrites(store, (write) =>
        write.op === 'update' && typeof write.patch.notes === 'string'
          ? { ...write, patch: { ...write.patch, notes: write.patch.notes.replaceAll('\n', ' ') } }
          : write,
      ),
  },
  {
    name: 'the refusal repeats the value',
    killedBy: ids('070'),
    breaks: (store) => ({
      write: async (batch) => {
        const outcomes = await store.write(batch);
        return outcomes.map((each, index) =>
          each.status === 'unknown' || each.status === 'rejected'
            ? { status: 'rejected', code: 'invalid', message: `refused: ${JSON.stringify(batch[index])}` }
            : each,
        );
      },
    }),
  },
];
