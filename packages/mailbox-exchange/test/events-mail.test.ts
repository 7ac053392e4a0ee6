import type { Fields, Outcome, Write } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { createEventFixture, WINDOW } from '../src/conformance/event-fixture.ts';
import { found, stampOf, update } from '../src/conformance/world.ts';
import { create, guests, THIRD, TIME, WEEKLY, write } from './event-samples.ts';

describe('events: audience', () => {
  it('is everybody on the event and its occurrences, before and after, and nobody for what is personal', async () => {
    const { store, dispose } = await createEventFixture();
    const people = guests('Ann@Fabrikam.example', 'ben@fabrikam.example');
    const occurrences = {
      kind: 'occurrences',
      byStart: { [THIRD]: { people: guests('eve@fabrikam.example') } },
    } as const;
    const fields = { subject: 'Weekly', time: TIME, recurrence: WEEKLY, people, occurrences };
    const all = ['ann@fabrikam.example', 'ben@fabrikam.example', 'eve@fabrikam.example'];
    expect(store.audience?.({ op: 'create', stamp: stampOf(1), fields })).toEqual(all);
    const current = await found(store, await create(store, fields));
    expect(store.audience?.(update(current, { subject: 'x' }))).toEqual(all);
    expect(store.audience?.(update(current, { people: guests('zoe@fabrikam.example') }))).toEqual([
      ...all,
      'zoe@fabrikam.example',
    ]);
    expect(store.audience?.(update(current, { categories: ['Customer'], reminder: '30' }))).toEqual([]);
    expect(store.audience?.({ op: 'delete', id: current.id, version: current.version, current })).toEqual(
      all,
    );
    expect(store.audience?.(update({ ...current, writable: false }, { subject: 'x' }))).toEqual([]);
    await dispose?.();
  });
});

describe('events: mail', () => {
  it('goes to nobody whom the audience of the write does not name, whatever is written', async () => {
    const { world, store, dispose } = await createEventFixture();
    const people = guests('ann@fabrikam.example', 'ben@fabrikam.example');
    const series = { subject: 'Weekly', time: TIME, recurrence: WEEKLY, people };
    let told = 0;
    const writeCounted = async (one: Write): Promise<Outcome> => {
      const named = new Set(store.audience?.(one));
      const outcome = await write(store, one);
      const mails = world.emulator.oracle.mails({ userId: world.ann }).slice(told);
      told += mails.length;
      expect(mails.map(({ to }) => to.toLowerCase()).filter((to) => !named.has(to))).toEqual([]);
      return outcome;
    };
    const created = await writeCounted({ op: 'create', stamp: stampOf(1), fresh: true, fields: series });
    const id = created.status === 'ok' ? created.id : '';
    expect(told).toBe(2);
    const patches: readonly Fields[] = [
      { subject: 'New name' },
      { time: { ...TIME, start: '2027-03-02T09:15:00' } },
      { people: guests('ben@fabrikam.example', 'zoe@fabrikam.example') },
      { occurrences: { kind: 'occurrences', byStart: { '2027-03-16T08:15:00Z': 'cancelled' } } },
      { categories: ['Customer'] },
      { reminder: '30' },
    ];
    for (const patch of patches) {
      const before = told;
      expect((await writeCounted(update(await found(store, id), patch))).status).toBe('ok');
      if ('categories' in patch || 'reminder' in patch) expect(told).toBe(before);
    }
    const current = await found(store, id);
    await writeCounted({ op: 'delete', id, version: current.version, current });
    expect(told).toBeGreaterThan(8);
    await dispose?.();
  });

  it('of a copy in another mailbox is not ours to cause: it is read, shared by one key, and left alone', async () => {
    const { world, store, oracle, dispose } = await createEventFixture();
    const id = (await oracle.events?.userInvited?.({ subject: 'From Ben', time: TIME })) ?? '';
    const copy = await found(store, id);
    const bens = world.port.open({ mailbox: world.ben, kind: 'event', window: WINDOW });
    const [[original] = []] = (await bens.findShared?.([copy.shared ?? ''])) ?? [];
    expect(original).toMatchObject({ shared: copy.shared, fields: { subject: 'From Ben' } });
    expect(original?.writable).toBeUndefined();
    expect(original?.id).not.toBe(id);
    expect(copy).toMatchObject({ writable: false, fields: { people: { organizer: 'ben@contoso.example' } } });
    const [outcome] = await store.write([update(copy, { categories: ['Customer'] })]);
    expect(outcome?.status).toBe('ok');
    await dispose?.();
  });
});
