import { HOUR, iso, MINUTE, NOW, PEOPLE } from './documents-people.ts';
import type { Schemas } from './documents-schemas.ts';

const hit = (title: string, status: string, text: string): Schemas['Item'] => ({
  ...{ id: title.toLowerCase().replace(/\W/g, '-'), kind: 'pair', laneId: 'lane-ann', status, title },
  ...{ mailbox: 'ann.archer@contoso.example', mailboxId: 'AAMkADU0-3f1c', crmId: '0035g00000Qw12A' },
  sentences: [{ code: 'state', tone: status === 'live' ? 'fine' : 'rests', text, field: null, decide: null }],
});

const MARIA = hit('Maria Andersson', 'live', 'Linked since 26 Nov 2026, and compared with every run.');
const HITS = [
  MARIA,
  hit('Maria Keller', 'out', 'Profile "sales" takes only records where "lead source" is Web.'),
  hit('Mariam Haddad', 'live', 'Linked since 2 Oct 2026, and compared with every run.'),
];

const change = (hours: number, of: Partial<Schemas['Change']>): Schemas['Change'] => ({
  ...{ at: iso(NOW - hours * HOUR), runId: `${hours}b3e44d1-0c12-4f0e-8a55-1d2c3b4a5f60`, linkId: MARIA.id },
  ...{
    mailbox: MARIA.mailbox,
    title: MARIA.title,
    side: 'crm',
    op: 'update',
    field: null,
    old: null,
    new: null,
  },
  ...{ because: 'mailbox → CRM', text: '', ...of },
});

const HISTORY: Schemas['Change'][] = [
  change(5, { field: 'mobilePhone', old: '+46 8 555 0101', new: '+46 8 555 0199' }),
  change(10, {
    ...{ side: 'mailbox', field: 'jobTitle', old: 'Buyer', new: 'Head of purchasing' },
    because: 'CRM → mailbox',
  }),
  change(15, {
    ...{ side: 'mailbox', field: 'notes', new: 'Met at the trade fair in Malmö.' },
    because: 'it fills a blank',
  }),
  change(45, { op: 'create', because: 'it was new in the mailbox' }),
];

const same = (field: string, value: Schemas['FieldValue']): Schemas['WholeItem']['fields'][number] => ({
  ...{ field, mailbox: { value }, crm: { value }, differs: false, sentences: [] },
});

const ITEM: Schemas['WholeItem'] = {
  ...MARIA,
  sentences: [
    ...MARIA.sentences,
    {
      ...{ code: 'dirty', tone: 'waits', field: null, decide: null },
      text: 'The mailbox changed "notes"; the next run carries it to the CRM.',
    },
  ],
  fields: [
    same('firstName', 'Maria'),
    same('lastName', 'Andersson'),
    same('email', 'maria.andersson@nordwind.example'),
    same('company', 'Nordwind AB'),
    same('jobTitle', 'Head of purchasing'),
    same('mobilePhone', '+46 8 555 0199'),
    same('homeAddress', { street: 'Storgatan 4', city: 'Malmö', postalCode: '211 42', country: 'Sweden' }),
    {
      ...{ field: 'notes', differs: true, mailbox: { value: 'Prefers to be called after lunch.' } },
      crm: { value: 'Met at the trade fair in Malmö.' },
      sentences: [
        {
          code: 'newer',
          tone: 'waits',
          text: 'Changed in the mailbox 40 seconds ago.',
          field: 'notes',
          decide: null,
        },
      ],
    },
  ],
  ...{ history: HISTORY, unread: null, commands: [] },
};

function run(
  index: number,
  counts: Schemas['Run']['counts'],
  of: Partial<Schemas['Run']> = {},
): Schemas['Run'] {
  const startedAt = NOW - index * 47 * MINUTE - MINUTE;
  return {
    ...{
      id: `${index}b3e44d1-0c12-4f0e-8a55-1d2c3b4a5f60`,
      mailbox: PEOPLE[index]?.address ?? '',
      kind: 'sync',
    },
    ...{
      startedAt: iso(startedAt),
      endedAt: iso(startedAt + 2_400 + index * 310),
      counts,
      stopReason: null,
      ...of,
    },
  };
}

const RUNS = [
  run(0, { updated: 12 }, { endedAt: null }),
  run(1, { created: 3, updated: 14, linked: 2 }),
  run(2, { updated: 1 }),
  run(3, { updated: 48, deleted: 2 }, { kind: 'undo' }),
  run(5, { created: 420, linked: 1_190, reviews: 6 }),
  run(7, { updated: 2 }),
];

const UNDO: Schemas['UndoPreview'] = {
  ...{ counts: {}, kind: 'run', title: '1b3e44d1', preview: 'a'.repeat(64) },
  mode: 'The side it came from keeps its value; the field waits in review.',
  lanes: [
    {
      ...{ laneId: 'lane-ann', mailbox: MARIA.mailbox, runId: null, paused: true, stopped: false },
      ...{ unfinished: false, held: null },
      items: [
        {
          ...{ linkId: MARIA.id, title: MARIA.title, side: 'crm', op: 'update', outcome: 'planned' },
          ...{ reason: null, code: null, holds: ['mobilePhone'], lines: [] },
          changes: [{ field: 'mobilePhone', old: '+46 8 555 0199', new: '+46 8 555 0101' }],
        },
        {
          ...{ linkId: 'keller', title: 'Maria Keller', side: 'crm', op: 'update', outcome: 'skipped' },
          ...{ reason: 'Somebody edited it since; it stays as it is.', code: 'edited', holds: [] },
          ...{ lines: [], changes: [] },
        },
      ],
    },
  ],
};

export const recordRoutes = {
  'GET /items': { items: HITS, more: false, unasked: null },
  'GET /items/*': ITEM,
  'GET /runs': { items: RUNS },
  'GET /history': { items: HISTORY, more: false, pairs: null },
  'POST /undo/preview': UNDO,
};
