import type { Fields, Intent, Link, RecordStore, SideRef } from '@tidelock/core';
import { afterEach, describe, expect, it } from 'vitest';
import { confirmedLink, NO_ANSWER } from '../src/confirm.ts';
import type { Lane } from '../src/lane.ts';
import { createWorld, LIKE_CRM, person, type TestWorld } from './world.ts';

const lane = { mapping: { fields: [] } } as unknown as Lane;
const ref = (mono: string): SideRef => ({ id: 'r', inc: 0, version: '', mono, stamp: null, gen: 1 });
const link = (mono: string): Link =>
  ({ id: 'l', a: ref('1'), b: ref(mono), shownA: null, shownB: null, holds: [] }) as unknown as Link;

/** A create on side A that was made of side B as it was at `mono`. */
const made = (mono: string, more: Partial<Intent> = {}): Intent =>
  ({
    ...{ linkId: 'l', side: 'a', op: 'create', sent: {}, source: { title: 'new' } },
    origin: {
      ...{ mapping: 'm', rules: {} },
      cause: { kind: 'record', side: 'b', version: 'v', mono, modifiedAt: null },
    },
    ...more,
  }) as Intent;
const sourceAfter = (mono: string, intent: Intent): string | undefined =>
  confirmedLink(lane, { link: link(mono), intent, answer: NO_ANSWER }).b?.mono;

describe('the record that a confirmed write was made of', () => {
  it('is as new as it was then, so that content from before it is no edit', () => {
    expect(sourceAfter('5', made('9'))).toBe('9');
    expect(confirmedLink(lane, { link: link('5'), intent: made('9'), answer: NO_ANSWER }).shownB).toEqual({
      title: 'new',
    });
  });

  it('never gets older, and a write of another pair says nothing about it', () => {
    expect(sourceAfter('9', made('5'))).toBe('9');
    expect(sourceAfter('5', made('9', { linkId: 'another' }))).toBe('5');
    expect(sourceAfter('5', made('9', { side: 'b', op: 'update' }))).toBe('5');
  });
});

describe('an edit between the read and the first of two writes, in a store that does not compare', () => {
  let world: TestWorld | undefined;
  afterEach(() => world?.close());

  /** Somebody edits a CRM record right before the next update of it arrives. */
  async function openEdited() {
    const on: { edit: Fields | null } = { edit: null };
    const through = (store: RecordStore): RecordStore => ({
      ...store,
      write: async (writes, options) => {
        const { edit } = on;
        const [update] = writes.filter(({ op }) => op === 'update');
        if (edit !== null && update?.op === 'update') {
          on.edit = null;
          await world?.b.oracle.userUpdate(update.id, edit);
        }
        return await store.write(writes, options);
      },
    });
    const capsB = { ...LIKE_CRM, representation: true };
    world = await createWorld({ capsB, throughB: through, policy: { master: 'b' } });
    return { on, ...world };
  }
  /** The notes and this field of all records, side A first. */
  const shown = async (field: string): Promise<unknown[]> =>
    Object.values((await world?.snapshot()) ?? {}).flatMap((records) =>
      records.flatMap((fields) => [fields.notes, fields[field] ?? null]),
    );

  it('is seen where it emptied what the other side is about to get at first contact', async () => {
    const { on, a, b, engine, advance } = await openEdited();
    await a.oracle.userCreate(person(1, { notes: 'from the mailbox' }));
    await b.oracle.userCreate(person(1, { phone: '+12025559999' }));
    on.edit = { phone: null };
    await engine.sync();
    advance(600_000);
    await engine.sync();
    expect(await shown('phone')).toEqual(['from the mailbox', null, 'from the mailbox', null]);
  });

  it('is seen where it took back what the other side is about to get', async () => {
    const { on, a, b, engine, advance } = await openEdited();
    const idA = await a.oracle.userCreate(person(1, { birthday: '1970-01-01' }));
    await engine.sync();
    const [{ id = '' } = {}] = await b.oracle.all();
    advance(600_000);
    await a.oracle.userUpdate(idA, { notes: 'from the mailbox' });
    await b.oracle.userUpdate(id, { birthday: '1980-02-02' });
    on.edit = { birthday: '1970-01-01' };
    await engine.sync();
    advance(600_000);
    await engine.sync();
    const both = ['from the mailbox', '1970-01-01'];
    expect(await shown('birthday')).toEqual([...both, ...both]);
  });
});
