import type { Outcome } from '@tidelock/core';
import { editOutcomes, ids, type Mutant } from './mutant.ts';

/** A refusal of the call, told as something else about the record. */
function toldAs(kind: string, instead: Outcome): NonNullable<Mutant['breaks']> {
  return (store) =>
    editOutcomes(store, (outcomes) =>
      outcomes.map((each) => (each.status === 'retry' && each.kind === kind ? instead : each)),
    );
}

/** Faults of what an adapter says about itself, of its bounds, and of refused writes. */
export const declaredMutants: readonly Mutant[] = [
  {
    name: 'keys of feeds are made up anew',
    killedBy: ids('001'),
    breaks: (store) => {
      let calls = 0;
      return {
        feeds: async () => {
          calls += 1;
          return (await store.feeds()).map((feed) => ({ ...feed, key: `${feed.key}-${calls}` }));
        },
      };
    },
  },
  {
    name: 'no ids means all records',
    killedBy: ids('023'),
    breaks: (store) => ({ read: (asked) => store.read(asked.length === 0 ? ['none'] : asked) }),
  },
  {
    name: 'a value becomes part of a query',
    killedBy: ids('026'),
    breaks: (store) => ({
      find: async (by, values) => {
        const answers = await store.find(by, values);
        const { records } = await store.list('people', null);
        return answers.map((found, index) => (/[%*']/.test(values[index] ?? '') ? records : found));
      },
    }),
  },
  {
    name: 'find stops at the first holder',
    killedBy: ids('027'),
    breaks: (store) => ({
      find: async (by, values) => (await store.find(by, values)).map((found) => found.slice(0, 1)),
    }),
  },
  {
    name: 'a condition on deletes is sent that was declared absent',
    killedBy: ids('055'),
    capabilities: { conditionalDelete: false },
    actual: { conditionalDelete: true },
  },
  {
    name: 'who changed a record is guessed',
    killedBy: ids('057'),
    capabilities: { modifiedBy: false },
    actual: { modifiedBy: true },
  },
  {
    name: 'a refused credential makes records gone',
    killedBy: ids('061'),
    breaks: toldAs('auth', { status: 'gone' }),
  },
  {
    name: 'a missing right leaves the outcome open',
    killedBy: ids('062'),
    breaks: toldAs('forbidden', { status: 'unknown', kind: 'forbidden' }),
  },
  {
    name: 'findings have sentences for codes',
    killedBy: ids('073'),
    breaks: (store) => ({
      probe: async (options) => ({
        ...(await store.probe(options)),
        findings: [{ code: 'Something is odd', severity: 'info', text: 'odd' }],
      }),
    }),
  },
];
