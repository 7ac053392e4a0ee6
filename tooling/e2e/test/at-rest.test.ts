import { describe, expect, it } from 'vitest';
import { filesUnder, foundIn as search } from '../src/canaries.ts';
import { history, links } from '../src/inspect.ts';
import { toOutlook } from '../src/people.ts';
import { createWorld, type World } from '../src/world.ts';

/** Values that occur nowhere else, one of each kind that people have. */
const CANARIES = {
  first: 'Canarina',
  last: 'Zwitscherling',
  changed: 'Piepmatzova',
  email: 'canary.bird@aviary.example',
  phone: '+1 202 555 0177',
  digits: '2025550177',
  title: 'Head of Song',
  notes: 'whistles at dawn',
} as const;

const foundIn = (bytes: Buffer): string[] => search(bytes, Object.values(CANARIES));

/** A person with canaries in every field, created, changed on both sides, refused once and deleted. */
async function busyLife(world: World): Promise<void> {
  const { mailboxId } = world.person();
  const { first, last, email, phone, title, notes } = CANARIES;
  const born = toOutlook(1, { givenName: first, surname: last, jobTitle: title, personalNotes: notes });
  world.graph.admin.seedContacts(mailboxId, [
    { ...born, emailAddresses: [{ address: email }], businessPhones: [phone] },
    toOutlook(2),
  ]);
  await world.sync();
  world.later();
  const record = world.contacts().find((contact) => contact.LastName === last);
  world.salesforce.admin.updateContact(String(record?.Id), { LastName: CANARIES.changed });
  await world.sync();
  world.later();
  const contact = world.mailbox().find((one) => one.surname === CANARIES.changed);
  world.graph.faults.inject({
    match: { method: 'PATCH', path: /contacts/ },
    fault: { kind: 'status', status: 400 },
  });
  world.salesforce.admin.updateContact(String(record?.Id), { Title: `${title} in chief` });
  await world.sync();
  world.later(30);
  await world.sync();
  world.later();
  world.graph.admin.deleteContact(mailboxId, contact?.id ?? '');
  await world.sync();
}

describe('data at rest', () => {
  it('neither database, write-ahead log nor log lines hold what people wrote', async () => {
    await using world = await createWorld({ stateFile: 'tidelock.db' });
    await busyLife(world);
    const files = filesUnder(world.stage.dataDir);
    expect(files.map((file) => file.name)).toContain('tidelock.db');
    expect(files.map((file) => file.name)).toContain('tidelock.db-wal');
    for (const { name, bytes } of files) expect([name, foundIn(bytes)]).toEqual([name, []]);
    const logged = Buffer.from(JSON.stringify(world.logged));
    expect(foundIn(logged)).toEqual([]);

    // The search can find, and the values are there for whoever has the key.
    const rows = JSON.stringify(await history(world));
    const shown = JSON.stringify(await links(world));
    const known = foundIn(Buffer.from(rows + shown));
    expect(known).toEqual(
      expect.arrayContaining([CANARIES.first, CANARIES.last, CANARIES.changed, CANARIES.email]),
    );
  });

  it('another process over the same folder reads it again, and without the secret store nobody does', async () => {
    await using world = await createWorld({ stateFile: 'tidelock.db' });
    await busyLife(world);
    const before = await history(world);
    expect(before.length).toBeGreaterThan(3);
    await world.restart();
    expect(await history(world)).toEqual(before);
    expect(JSON.stringify(before)).toContain(CANARIES.changed);
    await world.platform().state.tenants.removeTenant('default');
    await world.restart();
    await expect(history(world)).rejects.toMatchObject({ kind: 'invalid', code: 'KEY_GONE' });
  });

  it('values expire after valueDays, the changes themselves after keepDays', async () => {
    await using world = await createWorld({});
    await busyLife(world);
    const before = await history(world);
    world.later(31 * 24 * 60);
    await world.sync();
    const expired = await history(world);
    expect(expired.map(({ op, rule, at }) => [op, rule, at])).toEqual(
      before.map(({ op, rule, at }) => [op, rule, at]),
    );
    expect(expired.every((row) => row.expired === true && row.old === null && row.new === null)).toBe(true);
    world.later(60 * 24 * 60);
    await world.sync();
    expect(await history(world)).toEqual([]);
  });
});
