import { signatureV3 } from '@tidelock/emulators/hubspot';
import { describe, expect, it } from 'vitest';
import { createWorld, type World } from '../src/world.ts';

const CONTACTS = 120;
const mail = (n: number): string => `person${n}@people.example`;

const requests = ({ graph, crm }: World): number => graph.log.count({ path: /\/v1\.0/ }) + crm.log.count();

function seed({ graph, stage: { hubspot }, person }: World): void {
  const { mailboxId } = person();
  graph.admin.seedContacts(
    mailboxId,
    Array.from({ length: CONTACTS }, (_, n) => ({
      givenName: `Given${n}`,
      surname: `Family${n}`,
      emailAddresses: [{ address: mail(n) }],
      mobilePhone: `+1 202 555 ${String(1000 + n)}`,
    })),
  );
  for (let n = CONTACTS / 2; n < CONTACTS + 40; n += 1)
    hubspot.admin.createContact({ firstname: `Given${n}`, lastname: `Family${n}`, email: mail(n) });
}

const inMailbox = (world: World): string[] =>
  world
    .mailbox()
    .map((contact) => String(contact.emailAddresses[0]?.address).toLowerCase())
    .sort();

const inCrm = (world: World): string[] =>
  world
    .records()
    .map(({ values }) => values.email ?? '')
    .sort();

describe('Exchange Online and HubSpot', () => {
  it('are in step after a first sync, and an idle pass is three requests and no write', async () => {
    await using world = await createWorld({ vendor: 'hubspot' });
    seed(world);
    const report = await world.sync();
    expect(report.settled).toBe(true);
    expect(inMailbox(world)).toHaveLength(CONTACTS + 40);
    expect(inCrm(world)).toEqual(inMailbox(world));
    expect(world.stage.hubspot.oracle.apiCalls().refused).toBe(0);
    for (let round = 0; round < 2; round += 1) {
      world.clock.advance(10 * 60_000);
      await world.sync();
    }
    world.clock.advance(10 * 60_000);
    const before = {
      requests: requests(world),
      writes: world.stage.hubspot.oracle.writes('Tidelock').length,
    };
    await world.sync();
    expect(requests(world) - before.requests).toBeLessThanOrEqual(3);
    expect(world.stage.hubspot.oracle.writes('Tidelock')).toHaveLength(before.writes);
  });

  it('carries edits, deletions and merges of people, each way', async () => {
    await using world = await createWorld({ vendor: 'hubspot' });
    seed(world);
    await world.sync();
    const { graph, clock, stage } = world;
    const { hubspot } = stage;
    const { mailboxId } = world.person();
    clock.advance(10 * 60_000);
    const crm = (n: number): string =>
      hubspot.oracle.contacts().find(({ properties }) => properties.email === mail(n))?.id ?? '';
    const contact = (n: number) =>
      graph.oracle.contacts(mailboxId).find(({ emailAddresses }) => emailAddresses[0]?.address === mail(n));
    hubspot.admin.updateContact(crm(3), { jobtitle: 'Head of Sales' });
    graph.admin.updateContact(mailboxId, contact(4)?.id ?? '', { jobTitle: 'Buyer' });
    hubspot.admin.archiveContact(crm(5));
    graph.admin.deleteContact(mailboxId, contact(6)?.id ?? '');
    const merged = hubspot.admin.mergeContacts(crm(7), crm(8));
    clock.advance(10 * 60_000);
    for (let round = 0; round < 3; round += 1) {
      await world.sync();
      clock.advance(10 * 60_000);
    }
    expect(contact(3)?.jobTitle).toBe('Head of Sales');
    expect(hubspot.oracle.contact(crm(4))?.properties.jobtitle).toBe('Buyer');
    expect(contact(5)).toBeUndefined();
    expect(crm(6)).toBe('');
    expect(hubspot.oracle.contact(merged)?.archived).toBe(false);
    expect(contact(7)).toBeDefined();
    // The merge makes no contact, and deletes none.
    expect(hubspot.oracle.contacts()).toHaveLength(CONTACTS + 40 - 2 - 1);
    expect(graph.oracle.contacts(mailboxId).length).toBeGreaterThanOrEqual(CONTACTS + 40 - 2 - 1);
  });
});

describe('set-up and pushes', () => {
  it('doctor names the missing property with both ways to mend it, and creates it with --yes only', async () => {
    await using world = await createWorld({ vendor: 'hubspot', stateFile: 'tidelock.db' });
    const { hubspot } = world.stage;
    hubspot.admin.removeProperty('contacts', 'tidelock_key');
    const setup = async () => (await world.platform().doctor()).filter(({ name }) => name === 'crm-setup');
    expect(await setup()).toMatchObject([
      { status: 'fail', remedy: expect.stringMatching(/tidelock doctor --yes.*Require unique values/s) },
    ]);
    const [{ crm, steps } = { crm: '', steps: [] }] = await world.platform().crmService.setup();
    await world.platform().crmService.provision(
      crm,
      steps.map(({ code }) => code),
    );
    expect(await setup()).toMatchObject([
      { status: 'ok', text: expect.stringContaining('unique values. It is there.') },
    ]);
    const [act] = await world.platform().administration.audit({ limit: 1 });
    expect(act).toMatchObject({ act: 'crm.prepared', subject: 'crm', after: { open: [] } });
    seed(world);
    expect((await world.sync()).settled).toBe(true);
  });

  it('a push that HubSpot signed makes its lanes due at once; what it says is not believed', async () => {
    await using world = await createWorld({ vendor: 'hubspot' });
    const { hubspot } = world.stage;
    seed(world);
    await world.sync();
    world.later();
    await world.sync();
    const due = async (): Promise<number> =>
      (await world.platform().status()).reduce((sum, { hints }) => sum + hints, 0);
    const url = 'https://sync.example.com/hooks/crm';
    const secret = 'the-client-secret';
    const contact = hubspot.oracle.contacts()[0]?.id ?? '';
    const lie = [{ subscriptionId: 1, subscriptionType: 'contact.deletion', objectId: Number(contact) }];
    const body = JSON.stringify(lie);
    const timestamp = String(world.clock.now());
    const signature = signatureV3(secret, { method: 'POST', url, body, timestamp });
    const push = (headers: Readonly<Record<string, string>>) =>
      world.platform().crmService.receivePush('crm', {
        ...{ method: 'POST', url, body: new TextEncoder().encode(body) },
        headers: { 'x-hubspot-request-timestamp': timestamp, ...headers },
      });
    const before = await due();
    expect(await push({ 'x-hubspot-signature-v3': signature })).toEqual({
      accepted: false,
      reason: 'unconfigured',
    });
    const { config } = world.stage;
    const options = { ...(config.crm.options as object), webhookSecret: secret };
    world.stage.writeConfig({ ...config, crm: { ...config.crm, options } });
    await world.restart();
    await world.sync();
    const again = { ...{ 'x-hubspot-request-timestamp': String(world.clock.now()) } };
    const fresh = signatureV3(secret, {
      ...{ method: 'POST', url, body },
      timestamp: again['x-hubspot-request-timestamp'],
    });
    expect(await push({ ...again, 'x-hubspot-signature-v3': `${fresh.slice(0, -2)}x=` })).toEqual({
      accepted: false,
      reason: 'forged',
    });
    expect(await due()).toBe(before);
    expect(await push({ ...again, 'x-hubspot-signature-v3': fresh })).toEqual({ accepted: true, lanes: 1 });
    expect(await due()).toBe(before + 1);
    const counts = { mailbox: world.mailbox().length, crm: world.records().length };
    await world.sync();
    expect({ mailbox: world.mailbox().length, crm: world.records().length }).toEqual(counts);
    expect(await due()).toBe(0);
  });
});
