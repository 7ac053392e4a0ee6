import { isAdapterError, type Outcome, type Write } from '@tidelock/core';
import { cases, editOutcomes, editWrites, type StoreFault } from './fault.ts';
import type { RecordStoreFixture } from './fixture.ts';

async function upsert({ oracle }: RecordStoreFixture, write: Write): Promise<Write> {
  if (write.op !== 'create') return write;
  const twin = (await oracle.all()).find(({ stamp }) => stamp === write.stamp);
  if (twin) await oracle.userUpdate(twin.id, write.fields);
  return write;
}

/** A refusal of the whole call, thrown or said for each item, told as something about the records. */
const toldAs =
  (kind: string, instead: Outcome): StoreFault['breaks'] =>
  (store) => ({
    async write(batch, options) {
      try {
        const outcomes = await store.write(batch, options);
        return outcomes.map((each) => (refusalOf(each) === kind ? instead : each));
      } catch (error) {
        if (isAdapterError(error) && error.kind === kind) return batch.map(() => instead);
        throw error;
      }
    },
  });

function refusalOf(outcome: Outcome): string | null {
  if (outcome.status === 'retry') return outcome.kind;
  if (outcome.status !== 'rejected') return null;
  return outcome.code === 'permission' ? 'forbidden' : null;
}

const told =
  (status: Outcome['status'], instead: (outcome: Outcome) => Outcome): StoreFault['breaks'] =>
  (store) =>
    editOutcomes(store, (outcomes) =>
      outcomes.map((each) => (each.status === status ? instead(each) : each)),
    );

/** An update that has taken the version of this moment, whatever it was given. */
const freshVersion =
  (op: 'update' | 'delete'): StoreFault['breaks'] =>
  (store) =>
    editWrites(store, async (write) => {
      if (write.op !== op) return write;
      const [now] = await store.read([write.id]);
      return now?.state === 'found' ? { ...write, version: now.record.version } : write;
    });

/** Mistakes in writing. */
export const writingFaults: readonly StoreFault[] = [
  {
    name: 'a create is an upsert',
    noticedBy: cases('041'),
    breaks: (store, fixture) => editWrites(store, (write) => upsert(fixture, write)),
  },
  {
    name: 'a create forgets the stamp',
    noticedBy: cases('040', '041'),
    breaks: (store) => {
      let count = 0;
      return editWrites(store, (write) => {
        if (write.op !== 'create') return write;
        count += 1;
        return { ...write, stamp: `00000000-0000-4000-8000-${String(count).padStart(12, '0')}` };
      });
    },
  },
  {
    name: 'a patch writes properties that it was not given',
    noticedBy: cases('043'),
    breaks: (store, { sample }) =>
      editWrites(store, (write) =>
        write.op === 'update'
          ? { ...write, patch: { [sample.name]: write.current.fields[sample.name] ?? null, ...write.patch } }
          : write,
      ),
  },
  {
    name: 'a blank is ignored',
    noticedBy: cases('044'),
    breaks: (store) =>
      editWrites(store, (write) => {
        if (write.op !== 'update') return write;
        const kept = Object.entries(write.patch).filter(([, value]) => value !== null);
        return { ...write, patch: Object.fromEntries(kept) };
      }),
  },
  { name: 'the version of an update is ignored', noticedBy: cases('045'), breaks: freshVersion('update') },
  { name: 'the version of a delete is ignored', noticedBy: cases('054'), breaks: freshVersion('delete') },
  {
    name: 'an update drops the stamp that it was given',
    noticedBy: cases('049'),
    breaks: (store) =>
      editWrites(store, (write) => {
        if (write.op !== 'update') return write;
        const { stamp: _, ...rest } = write;
        return rest;
      }),
  },
  {
    name: 'an update of a deleted record makes it anew',
    noticedBy: cases('051'),
    breaks: (store, { oracle }) => ({
      async write(batch, options) {
        const outcomes = await store.write(batch, options);
        for (const [index, { status }] of outcomes.entries()) {
          const write = batch[index];
          if (status === 'gone' && write?.op === 'update')
            await oracle.userCreate({ ...write.current.fields, ...write.patch }).catch(() => '');
        }
        return outcomes.map((each) => (each.status === 'gone' ? { status: 'ok', id: 'anew' } : each));
      },
    }),
  },
  {
    name: 'a property that there is not is left out in silence',
    noticedBy: cases('085'),
    breaks: (store) =>
      editWrites(store, async (write) => {
        if (write.op !== 'update') return write;
        const { catalogue } = await store.probe();
        const known = Object.entries(write.patch).filter(([name]) => Object.hasOwn(catalogue, name));
        return { ...write, patch: Object.fromEntries(known) };
      }),
  },
  {
    name: 'answers hold the record just where that is not declared',
    noticedBy: cases('048'),
    breaks: (store) => ({
      async write(batch, options) {
        const outcomes = await store.write(batch, options);
        const { capabilities } = await store.probe();
        return Promise.all(
          outcomes.map(async (each) => {
            if (each.status !== 'ok') return each;
            const { record: _, ...bare } = each;
            if (capabilities.representation) return bare;
            const [now] = await store.read([each.id]);
            return now?.state === 'found' ? { ...bare, record: now.record } : bare;
          }),
        );
      },
    }),
  },
  {
    name: 'outcomes come in another order',
    noticedBy: cases('058', '059'),
    breaks: (store) => editOutcomes(store, (outcomes) => [...outcomes].reverse()),
  },
  {
    name: 'one refused item fails the whole batch',
    noticedBy: cases('059', '060'),
    breaks: (store) =>
      editOutcomes(store, (outcomes) => {
        const bad = outcomes.find(({ status }) => status === 'gone' || status === 'rejected');
        return bad ? outcomes.map(() => bad) : outcomes;
      }),
  },
  {
    name: 'a write without an answer is sent again',
    noticedBy: cases('065', '066'),
    breaks: (store) => ({
      async write(batch, options) {
        const outcomes = await store.write(batch, options);
        return outcomes.some(({ status }) => status === 'unknown') ? store.write(batch, options) : outcomes;
      },
    }),
  },
  {
    name: 'no answer counts as success',
    noticedBy: cases('064', '065', '067'),
    breaks: told('unknown', () => ({ status: 'ok', id: 'guessed' })),
  },
  {
    name: 'no answer counts as a refusal',
    noticedBy: cases('064', '065', '067'),
    breaks: told('unknown', () => ({ status: 'retry', kind: 'unavailable' })),
  },
  {
    name: 'a write under 429 counts as done',
    noticedBy: cases('063'),
    breaks: toldAs('rate_limited', { status: 'ok', id: 'guessed' }),
  },
  {
    name: 'the wait of a 429 is lost',
    noticedBy: cases('063'),
    breaks: told('retry', (each) => (each.status === 'retry' ? { status: 'retry', kind: each.kind } : each)),
  },
  {
    name: 'a refused credential makes records gone',
    noticedBy: cases('061'),
    breaks: toldAs('auth', { status: 'gone' }),
  },
  {
    name: 'a missing right leaves the outcome open',
    noticedBy: cases('062'),
    breaks: toldAs('forbidden', { status: 'unknown', kind: 'forbidden' }),
  },
  {
    name: 'a refusal repeats the value',
    noticedBy: cases('070'),
    breaks: (store) =>
      editOutcomes(store, (outcomes, batch) =>
        outcomes.map((each, index) =>
          each.status === 'ok'
            ? each
            : { status: 'rejected', code: 'invalid', message: `refused: ${JSON.stringify(batch[index])}` },
        ),
      ),
  },
];
