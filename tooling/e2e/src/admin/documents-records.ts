import { HOUR, laneIdOf, MINUTE, NOW, PEOPLE } from './documents-people.ts';

const hit = (title: string, status: string, text: string) => ({
  ...{ laneId: 'lane-ann', mailbox: 'ann.archer@contoso.example', kind: 'pair' },
  ...{ linkId: title.toLowerCase().replace(/\W/g, '-'), title, status },
  sentences: [{ code: 'state', tone: status === 'live' ? 'fine' : 'rests', text, decide: null }],
});

const HITS = [
  hit('Maria Andersson', 'live', 'Both sides show the same.'),
  hit('Maria Keller', 'out', 'Profile "sales" takes only records where "lead source" is Web.'),
  hit('Mariam Haddad', 'live', 'Both sides show the same.'),
];

const step = (seq: number, change: object) => ({
  ...{
    seq,
    at: NOW - seq * 5 * HOUR,
    runId: `9b3e44d${seq}-0c12-4f0e-8a55-1d2c3b4a5f60`,
    linkId: 'maria-andersson',
  },
  ...{ mailbox: 'ann.archer@contoso.example', title: 'Maria Andersson', op: 'update', ...change },
});

const HISTORY = [
  step(1, { side: 'b', field: 'mobilePhone', old: '+46 8 555 0101', new: '+46 8 555 0199', rule: 'a>b' }),
  step(2, { side: 'a', field: 'jobTitle', old: 'Buyer', new: 'Head of purchasing', rule: 'b>a' }),
  step(3, { side: 'a', field: 'notes', old: null, new: 'Met at the trade fair in Malmö.', rule: 'fill' }),
  step(9, { side: 'b', op: 'create', field: null, old: null, new: null, rule: 'new in the mailbox' }),
];

const MARIA = {
  ...{ firstName: 'Maria', lastName: 'Andersson', email: 'maria.andersson@nordwind.example' },
  ...{ company: 'Nordwind AB', jobTitle: 'Head of purchasing', mobilePhone: '+46 8 555 0199' },
  homeAddress: { street: 'Storgatan 4', city: 'Malmö', postalCode: '211 42', country: 'Sweden' },
};

const ITEM = {
  ...HITS[0],
  ...{ mailboxId: 'AAMkADU0-3f1c', crmId: '0035g00000Qw12A' },
  records: {
    a: { ...MARIA, notes: 'Prefers to be called after lunch.' },
    b: { ...MARIA, notes: 'Met at the trade fair in Malmö.' },
  },
  sentences: [
    {
      code: 'live',
      tone: 'fine',
      text: 'Linked since 26 Nov 2026, and compared with every run.',
      decide: null,
    },
    {
      code: 'dirty',
      tone: 'waits',
      text: 'The mailbox changed "notes"; the next run carries it to the CRM.',
      decide: null,
    },
  ],
  fields: [
    {
      field: 'notes',
      sentences: [
        { code: 'newer', tone: 'waits', text: 'Changed in the mailbox 40 seconds ago.', decide: null },
      ],
    },
    {
      field: 'email',
      sentences: [{ code: 'same', tone: 'fine', text: 'Both sides show the same.', decide: null }],
    },
  ],
  history: HISTORY,
};

const run = (index: number, counts: object, change: object = {}) => ({
  ...{ id: `${index}b3e44d1-0c12-4f0e-8a55-1d2c3b4a5f60`, laneId: laneIdOf(PEOPLE[index]?.address ?? '') },
  ...{ mailbox: PEOPLE[index]?.address, kind: 'sync', startedAt: NOW - index * 47 * MINUTE - MINUTE },
  ...{
    endedAt: NOW - index * 47 * MINUTE - MINUTE + 2_400 + index * 310,
    counts,
    stopReason: null,
    ...change,
  },
});

const RUNS = [
  run(0, { updated: 12 }, { endedAt: null }),
  run(1, { created: 3, updated: 14, linked: 2 }),
  run(2, { updated: 1 }),
  run(3, { updated: 48, deleted: 2 }, { kind: 'undo' }),
  run(5, { created: 420, linked: 1_190, reviews: 6 }),
  run(7, { updated: 2 }),
];

const UNDO = {
  lanes: [
    {
      ...{ laneId: 'lane-ann', mailbox: 'ann.archer@contoso.example', held: null },
      items: [
        {
          ...{
            linkId: 'maria',
            title: 'Maria Andersson',
            side: 'b',
            op: 'update',
            outcome: 'planned',
            reason: null,
            code: null,
          },
          changes: [
            { field: 'mobilePhone', to: 'b', old: '+46 8 555 0199', new: '+46 8 555 0101', rule: 'undo' },
          ],
        },
        {
          ...{
            linkId: 'keller',
            title: 'Maria Keller',
            side: 'b',
            op: 'update',
            outcome: 'skipped',
            code: 'edited',
          },
          ...{ reason: 'Somebody edited it since; it stays as it is.', changes: [] },
        },
      ],
    },
  ],
};

export const recordRoutes = {
  'GET /items': { items: HITS, more: false },
  'GET /items/*/*': ITEM,
  'GET /runs': { runs: RUNS },
  'GET /history': { rows: HISTORY, more: false },
  'POST /undo/preview': UNDO,
  'POST /undo': UNDO,
};
