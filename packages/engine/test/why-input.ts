import {
  type HistoryRow,
  type Intent,
  type LaneRow,
  type Link,
  MappingSchema,
  type Review,
} from '@tidelock/core';
import { compileMapping, createCanon, type WhyInput } from '../src/index.ts';

export const AT = Date.UTC(2026, 4, 2, 10, 3);
export const ref = (id: string) => ({ id, inc: 0, version: 'v', mono: '1', stamp: null, gen: 1 });
export const link: Link = {
  laneId: 'l',
  id: 'k',
  status: 'live',
  a: ref('A'),
  b: ref('B'),
  shownA: { phone: '1', notes: 'x' },
  shownB: { phone: '1', notes: 'x' },
  goneA: false,
  goneB: false,
  quarantine: null,
  holds: [],
  updatedAt: AT,
  dirtyA: 1,
  dirtyB: 1,
  cleanA: 1,
  cleanB: 1,
  seenA: '',
  seenB: '',
};
export const lane: LaneRow = {
  id: 'l',
  tenantId: 't',
  storeA: 'mailbox:1',
  storeB: 'crm',
  label: 'ann@contoso.example',
  fence: 1,
  leaseOwner: null,
  leaseUntil: 0,
  dirtySeq: 0,
  doneSeq: 0,
  dueAt: 0,
  scopeHash: null,
  held: null,
  approved: [],
  paused: null,
  lastOkAt: AT,
  errorKind: null,
  errorCount: 0,
};
export const { fields: rules } = MappingSchema.parse({
  version: 1,
  kind: 'contact',
  fields: [
    { field: 'phone', mailbox: 'phone', crm: 'phone' },
    { field: 'notes', mailbox: 'notes', crm: 'notes', direction: 'mailbox>crm' },
    { field: 'nick', mailbox: 'nick', crm: 'Nick__c', optional: true },
    { field: 'mail', mailbox: 'mail', crm: 'mail' },
  ],
});
export const spec = { type: 'text', label: 'x', writable: true } as const;
export const mail = { type: 'email', label: 'x', writable: true } as const;
export const mapping = compileMapping(
  { version: 1, kind: 'contact', fields: rules },
  {
    a: { phone: spec, notes: spec, nick: spec, mail },
    b: { phone: spec, notes: { ...spec, maxLength: 3 }, mail: { ...mail, maxLength: 8 } },
  },
  createCanon({ region: 'US' }),
);
export const row = (of: Partial<HistoryRow>): HistoryRow => ({
  intentId: null,
  cause: null,
  mapping: null,
  runId: '81818181-0000',
  seq: 0,
  laneId: 'l',
  linkId: 'k',
  side: 'b',
  op: 'update',
  field: 'phone',
  old: '+49 30 1',
  new: '+49 30 2',
  rule: 'a>b',
  at: AT,
  ...of,
});
export const input = (of: Partial<Link> = {}, more: Partial<WhyInput> = {}): WhyInput => ({
  link: { ...link, ...of },
  suspects: [],
  reviews: [],
  intents: [],
  history: [],
  lane,
  policy: { create: { a: true, b: true }, onDelete: { a: 'delete', b: 'unlink' } },
  rules,
  mapping,
  ...more,
});
export const review = (of: Partial<Review>): Review => ({
  id: 'r1',
  laneId: 'l',
  kind: 'conflict',
  linkId: 'k',
  aIds: ['A'],
  bIds: ['B'],
  score: null,
  reasons: ['"phone" was changed on both sides'],
  decision: null,
  decidedAt: null,
  at: AT,
  ...of,
});
export const intent = { side: 'b', op: 'update', sentAt: AT } as Intent;
export const held = { hash: 'h1', side: 'b', reason: 'too many', count: 12, linkIds: ['k'] } as const;
export const parked = {
  class: 'item',
  code: 'too-long',
  message: 'Title is too long.',
  inputHash: 'x',
  attempts: 2,
  nextAt: AT,
} as const;
export const half = { status: 'half', b: null, shownA: null, shownB: null } as const;
