import { ids, type Mutant } from './mutant.ts';

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
