import type { Change } from '@tidelock/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTestAccount, type TestAccount } from '../src/conformance/account.ts';

const SETTLED_MS = 4 * 60_000;

async function drain(account: TestAccount, cursor: string | null) {
  const store = account.open(['firstname', 'email']);
  const changes: Change[] = [];
  let at = cursor;
  for (;;) {
    const page = await store.changes('contacts', at);
    changes.push(...page.changes);
    at = page.cursor;
    if (!page.more) return { changes, cursor: at };
  }
}

const ids = (changes: readonly Change[], kind: Change['kind']): string[] =>
  [...new Set(changes.filter((change) => change.kind === kind).map(({ id }) => id))].sort();

function create(account: TestAccount, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    account.hubspot.admin.createContact({ firstname: `P${index}` }),
  );
}

interface Act {
  readonly kind: 'create' | 'update' | 'delete' | 'merge' | 'touch';
  readonly who: number;
  readonly wait: number;
  readonly read: boolean;
}

/** What a person does in the CRM. */
function perform({ hubspot: { admin, oracle } }: TestAccount, { kind, who }: Act): void {
  const living = oracle.contacts().map(({ id }) => id);
  const one = living[who % Math.max(1, living.length)] ?? '';
  const other = living[(who + 1) % Math.max(1, living.length)] ?? '';
  if (kind === 'create' || living.length < 2) admin.createContact({ firstname: `N${who}` });
  else if (kind === 'update') admin.updateContact(one, { jobtitle: `J${who}` });
  else if (kind === 'delete') admin.archiveContact(one);
  else if (kind === 'merge') admin.mergeContacts(one, other);
  else admin.touchContact(one);
}

/** Follows the feed and keeps the ids that it says are living. */
function createReader(account: TestAccount) {
  const known = new Set<string>();
  let cursor: string | null = null;
  return {
    async read(): Promise<void> {
      const round = await drain(account, cursor);
      cursor = round.cursor;
      for (const { kind, id } of round.changes) {
        if (kind === 'changed') known.add(id);
        else known.delete(id);
      }
    },
    known: () => [...known].sort(),
  };
}

describe('feed of contacts', () => {
  it('costs two requests in an idle round, whatever the number of contacts', async () => {
    const account = createTestAccount();
    create(account, 450);
    account.clock.advance(SETTLED_MS);
    let { cursor } = await drain(account, null);
    account.clock.advance(SETTLED_MS);
    ({ cursor } = await drain(account, cursor));
    account.clock.advance(SETTLED_MS);
    const before = account.requests.length;
    const { changes } = await drain(account, cursor);
    expect(account.requests.slice(before)).toEqual([
      'POST /crm/v3/objects/contacts/search',
      'POST /crm/v3/objects/contacts/search',
    ]);
    expect(changes).toEqual([]);
  });

  it('finds a deletion in the next round by counting, and walks the archive only then', async () => {
    const account = createTestAccount();
    const people = create(account, 250);
    account.clock.advance(SETTLED_MS);
    let { cursor } = await drain(account, null);
    account.hubspot.admin.archiveContact(people[7] ?? '');
    account.clock.advance(10_000);
    const round = await drain(account, cursor);
    expect(ids(round.changes, 'removed')).toEqual([people[7]]);
    ({ cursor } = round);
    account.clock.advance(SETTLED_MS);
    const before = account.requests.length;
    await drain(account, cursor);
    expect(account.requests.slice(before).some((request) => request.startsWith('GET'))).toBe(false);
  });

  it('counts once in five seconds while rounds follow one another and find something, and finds a deletion all the same', async () => {
    const account = createTestAccount();
    const people = create(account, 20);
    account.clock.advance(SETTLED_MS);
    let { cursor } = await drain(account, null);
    account.clock.advance(SETTLED_MS);
    ({ cursor } = await drain(account, cursor));
    account.hubspot.admin.settings.searchLagMs = 0;
    const searches = async (): Promise<number> => {
      const before = account.requests.length;
      ({ cursor } = await drain(account, cursor));
      return account.requests.slice(before).filter((request) => request.endsWith('/contacts/search')).length;
    };
    const edit = (n: number): void =>
      account.hubspot.admin.updateContact(people[n] ?? '', { firstname: `Edited ${n}` });
    const asked: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      account.clock.advance(1_000);
      edit(n);
      asked.push(await searches());
    }
    expect(asked).toEqual([1, 1, 1, 1, 2, 1, 1, 1]);
    account.hubspot.admin.archiveContact(people[9] ?? '');
    edit(10);
    account.clock.advance(5_000);
    const round = await drain(account, cursor);
    expect(ids(round.changes, 'removed')).toEqual([people[9]]);
  });

  it('finds the deletion of a contact that was made a moment ago', async () => {
    const account = createTestAccount();
    create(account, 5);
    account.clock.advance(SETTLED_MS);
    let { cursor } = await drain(account, null);
    const id = account.hubspot.admin.createContact({ firstname: 'Short-lived' });
    account.clock.advance(10_000);
    let round = await drain(account, cursor);
    expect(ids(round.changes, 'changed')).toContain(id);
    ({ cursor } = round);
    account.hubspot.admin.archiveContact(id);
    account.clock.advance(10_000);
    round = await drain(account, cursor);
    expect(ids(round.changes, 'removed')).toEqual([id]);
  });

  it('is not blinded by a contact that was restored at the same time', async () => {
    const account = createTestAccount();
    const people = create(account, 5);
    account.hubspot.admin.archiveContact(people[0] ?? '');
    account.clock.advance(SETTLED_MS);
    let { cursor } = await drain(account, null);
    account.hubspot.admin.restoreContact(people[0] ?? '');
    account.hubspot.admin.archiveContact(people[1] ?? '');
    account.clock.advance(10_000);
    ({ cursor } = await drain(account, cursor));
    account.clock.advance(25 * 3_600_000);
    const { changes } = await drain(account, cursor);
    expect(ids(changes, 'removed')).toEqual([people[1]]);
  });

  it('tells who went into whom, by the winner, and does not ask again for ever', async () => {
    const account = createTestAccount();
    const [ann = '', ben = ''] = create(account, 5);
    account.clock.advance(SETTLED_MS);
    let { cursor } = await drain(account, null);
    const merged = account.hubspot.admin.mergeContacts(ann, ben);
    account.clock.advance(10_000);
    const round = await drain(account, cursor);
    const removed = round.changes.filter((change) => change.kind === 'removed');
    expect(removed.map((change) => [change.id, change.mergedInto]).sort()).toEqual(
      [
        [ann, merged],
        [ben, merged],
      ].sort(),
    );
    expect(ids(round.changes, 'changed')).toContain(merged);
    ({ cursor } = round);
    for (let at = 0; at < 3; at += 1) {
      account.clock.advance(SETTLED_MS);
      const before = account.requests.length;
      ({ cursor } = await drain(account, cursor));
      if (at > 0) expect(account.requests.slice(before).filter((one) => one.startsWith('GET'))).toEqual([]);
    }
  });

  it('reads a mass change of one instant, however many share it', async () => {
    const account = createTestAccount({ emulator: { searchesPerSecond: 1_000 } });
    const people = create(account, 700);
    account.clock.advance(SETTLED_MS);
    const { cursor } = await drain(account, null);
    for (const id of people) account.hubspot.admin.updateContact(id, { jobtitle: 'Moved' });
    account.clock.advance(10_000);
    const round = await drain(account, cursor);
    expect(ids(round.changes, 'changed')).toEqual([...people].sort());
    const later = await drain(account, round.cursor);
    account.clock.advance(SETTLED_MS);
    const settled = await drain(account, later.cursor);
    account.clock.advance(SETTLED_MS);
    expect((await drain(account, settled.cursor)).changes).toEqual([]);
  });

  it('misses no change and no deletion, whenever the rounds come', async () => {
    const act = fc.record({
      kind: fc.constantFrom<Act['kind']>('create', 'update', 'delete', 'merge', 'touch'),
      who: fc.nat(40),
      wait: fc.constantFrom(0, 1, 500, 4_000, 70_000, 400_000),
      read: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 25 }), async (acts) => {
        const account = createTestAccount();
        create(account, 6);
        const reader = createReader(account);
        await reader.read();
        for (const one of acts) {
          perform(account, one);
          account.clock.advance(one.wait);
          if (one.read) await reader.read();
        }
        for (let round = 0; round < 3; round += 1) {
          account.clock.advance(13 * 3_600_000);
          await reader.read();
        }
        const living = account.hubspot.oracle.contacts().map(({ id }) => id);
        expect(reader.known()).toEqual(living.sort());
      }),
      { numRuns: 60 },
    );
  });

  it('says of nobody that search still shows what a read would not: archived, merged, purged, edited since', async () => {
    const account = createTestAccount();
    const { admin } = account.hubspot;
    create(account, 5);
    const { cursor } = await drain(account, null);
    account.clock.advance(60_000);
    const [kept, gone, purged, loser, edited] = account.hubspot.oracle.contacts().map(({ id }) => id) as [
      string,
      string,
      string,
      string,
      string,
    ];
    for (const id of [gone, purged, loser, edited]) admin.updateContact(id, { firstname: 'Shown' });
    account.clock.advance(10_000);
    admin.archiveContact(gone);
    admin.purgeContact(purged);
    const winner = admin.mergeContacts(kept, loser);
    admin.updateContact(edited, { firstname: 'Edited' });
    account.clock.advance(1);
    const { changes } = await drain(account, cursor);
    expect(ids(changes, 'changed')).toEqual([edited, winner].sort());
    expect(ids(changes, 'removed')).toEqual(expect.arrayContaining([gone, purged, loser]));
    const record = changes.find(({ id, kind }) => id === edited && kind === 'changed');
    expect(record).toMatchObject({ record: { fields: { firstname: 'Edited' } } });
    expect(changes.find(({ id }) => id === loser)).toMatchObject({ mergedInto: winner });
  });

  it('refuses a cursor that rested longer than the archive keeps', async () => {
    const account = createTestAccount();
    create(account, 2);
    const { cursor } = await drain(account, null);
    account.clock.advance(86 * 24 * 3_600_000);
    await expect(drain(account, cursor)).rejects.toMatchObject({ kind: 'cursor_expired' });
    await expect(drain(account, '{"v":9}')).rejects.toMatchObject({ kind: 'cursor_expired' });
  });
});
