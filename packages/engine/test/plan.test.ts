import {
  type FieldSpec,
  type Fields,
  type Link,
  MappingSchema,
  type SideRef,
  type StoreRecord,
} from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import {
  compileMapping,
  createCanon,
  DEFAULT_POLICY,
  type LanePolicy,
  type LinkPlan,
  planLink,
  type Seen,
} from '../src/index.ts';

const text = (extra: Partial<FieldSpec> = {}): FieldSpec => ({
  type: 'text',
  label: 'x',
  writable: true,
  ...extra,
});
const mapping = compileMapping(
  MappingSchema.parse({
    version: 1,
    kind: 'contact',
    fields: [
      { field: 'lastName', mailbox: 'last', crm: 'Last', fallback: ['company', 'email'] },
      { field: 'email', mailbox: 'mail', crm: 'Mail' },
      { field: 'company', mailbox: 'org', crm: 'Org' },
    ],
  }),
  {
    a: { last: text(), mail: text({ type: 'email' }), org: text() },
    b: { Last: text({ required: true }), Mail: text({ type: 'email' }), Org: text() },
  },
  createCanon({ region: 'US' }),
);

const ref = (id: string, inc = 0): SideRef => ({ id, inc, version: 'v1', mono: '1', stamp: null, gen: 1 });
const base: Fields = { lastName: 'Lee', email: 'a@x', company: 'Acme' };
const live: Link = {
  laneId: 'l',
  id: 'k',
  status: 'live',
  a: ref('A'),
  b: ref('B'),
  shownA: base,
  shownB: base,
  goneA: false,
  goneB: false,
  quarantine: null,
  holds: [],
  updatedAt: 0,
  dirtyA: 3,
  dirtyB: 4,
  cleanA: 2,
  cleanB: 4,
  seenA: '',
  seenB: '',
};
const record = (fields: Fields): StoreRecord => ({ id: 'A', version: 'v2', mono: '2', fields });
const onA = (change: Fields = {}): Seen => ({
  state: 'found',
  record: record({ last: 'Lee', mail: 'a@x', org: 'Acme', ...change }),
});
const onB = (change: Fields = {}): Seen => ({
  state: 'found',
  record: { ...record({ Last: 'Lee', Mail: 'a@x', Org: 'Acme', ...change }), id: 'B' },
});
const UNCHANGED: Seen = { state: 'unchanged' };
const GONE: Seen = { state: 'gone' };
const OUT: Seen = { state: 'out' };

function plan(link: Partial<Link>, a: Seen, b: Seen): LinkPlan {
  return planLink({ ...live, ...link }, { a, b }, { mapping, policy: DEFAULT_POLICY, now: 0 });
}
function planWith(policy: Partial<LanePolicy>, link: Partial<Link>, seen: { a: Seen; b: Seen }): LinkPlan {
  return planLink({ ...live, ...link }, seen, { mapping, policy: { ...DEFAULT_POLICY, ...policy }, now: 0 });
}

describe('plan by existence and change (7.1)', () => {
  it('unchanged, unchanged: stores versions and counts both as looked at', () => {
    const result = plan({}, onA(), UNCHANGED);
    expect(result).toMatchObject({ action: 'none', writes: [], reads: [] });
    expect(result.next).toMatchObject({ cleanA: 3, cleanB: 4, a: { version: 'v2' } });
  });

  it('changed, unchanged: asks to read the target, then patches only what changed', () => {
    expect(plan({}, onA({ org: 'Beta' }), UNCHANGED)).toMatchObject({ action: 'update', reads: ['b'] });
    const [write] = plan({}, onA({ org: 'Beta' }), onB()).writes;
    expect(write).toMatchObject({
      side: 'b',
      op: 'update',
      patch: { Org: 'Beta' },
      before: { company: 'Acme' },
      source: { company: 'Beta' },
    });
  });

  it('keeps the old base of a field until its write is confirmed', () => {
    expect(plan({}, onA({ org: 'Beta' }), onB()).next).toMatchObject({
      shownA: { company: 'Acme' },
      cleanA: 2,
    });
  });

  it('two fields on two sides: one write each', () => {
    const { writes } = plan({}, onA({ org: 'Beta' }), onB({ Mail: 'b@x' }));
    expect(writes.map((write) => [write.side, write.patch])).toEqual([
      ['a', { mail: 'b@x' }],
      ['b', { Org: 'Beta' }],
    ]);
  });

  it('new, absent: creates with everything the other side can hold, and what it requires', () => {
    const half: Partial<Link> = { status: 'half', b: null, shownA: null, shownB: null };
    expect(plan(half, UNCHANGED, UNCHANGED).reads).toEqual(['a']);
    expect(plan(half, onA(), UNCHANGED).writes[0]).toMatchObject({
      op: 'create',
      side: 'b',
      inc: 0,
      patch: { Last: 'Lee', Mail: 'a@x', Org: 'Acme' },
    });
    expect(plan(half, onA({ last: null }), UNCHANGED).writes[0]?.patch).toMatchObject({ Last: 'Acme' });
    expect(plan(half, onA({ last: null, org: null }), UNCHANGED).writes[0]?.patch).toMatchObject({
      Last: 'a',
    });
  });

  it('creates nothing where policy forbids it, and nothing for what is gone', () => {
    const half: Partial<Link> = { status: 'half', b: null, shownA: null, shownB: null };
    expect(planWith({ create: { a: true, b: false } }, half, { a: onA(), b: UNCHANGED }).writes).toEqual([]);
    expect(plan(half, GONE, UNCHANGED)).toMatchObject({ action: 'tomb', next: { status: 'tomb' } });
  });

  it('gone, unchanged: proves it again, reads the survivor, then deletes it', () => {
    expect(plan({ goneA: true }, UNCHANGED, UNCHANGED)).toMatchObject({
      action: 'delete',
      reads: ['a', 'b'],
      writes: [],
    });
    expect(plan({ goneA: true }, UNCHANGED, onB())).toMatchObject({
      action: 'delete',
      reads: ['a'],
      writes: [],
    });
    expect(plan({ goneA: true }, GONE, onB()).writes[0]).toMatchObject({ op: 'delete', side: 'b' });
    expect(plan({}, GONE, onB()).writes[0]).toMatchObject({ op: 'delete', side: 'b' });
  });

  it('gone, then restored before anything was done: merged as if nothing had happened', () => {
    expect(plan({ goneA: true }, onA(), onB())).toMatchObject({
      action: 'none',
      writes: [],
      next: { goneA: false, status: 'live' },
    });
  });

  it('gone, unchanged, policy unlink: both sides are left alone for good', () => {
    const result = planWith(
      { onDelete: { a: 'unlink', b: 'delete' } },
      { goneA: true },
      { a: GONE, b: onB() },
    );
    expect(result).toMatchObject({ action: 'unlink', writes: [], next: { status: 'detached' } });
  });

  it('gone while frozen: unlinked, nothing is deleted', () => {
    expect(plan({ status: 'out' }, GONE, onB())).toMatchObject({
      action: 'unlink',
      writes: [],
      next: { status: 'detached' },
    });
  });

  it('gone, changed: edit beats delete, with the next incarnation and a record of it', () => {
    const [write] = plan({ goneA: true }, GONE, onB({ Org: 'Beta' })).writes;
    expect(write).toMatchObject({
      op: 'create',
      side: 'a',
      inc: 1,
      patch: { org: 'Beta' },
      conflicts: [{ field: '(record)' }],
    });
  });

  it('gone, gone: tombstone', () => {
    expect(plan({ goneA: true }, UNCHANGED, GONE)).toMatchObject({
      action: 'tomb',
      next: { status: 'tomb' },
    });
  });

  it('out: frozen, neither deleted nor created; back: merged from the base again', () => {
    expect(plan({}, OUT, UNCHANGED)).toMatchObject({ action: 'freeze', writes: [], next: { status: 'out' } });
    expect(plan({ status: 'out' }, onA(), UNCHANGED).reads).toEqual(['b']);
    expect(plan({ status: 'out' }, onA({ org: 'Beta' }), onB())).toMatchObject({
      next: { status: 'live' },
      writes: [{ patch: { Org: 'Beta' } }],
    });
  });

  for (const status of ['tomb', 'detached', 'merged'] as const) {
    it(`${status}: nothing is ever written`, () => {
      expect(plan({ status }, onA({ org: 'Beta' }), onB({ Mail: 'z@x' }))).toMatchObject({
        action: 'none',
        writes: [],
      });
    });
  }
});
