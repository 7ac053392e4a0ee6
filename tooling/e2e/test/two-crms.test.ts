import { setDefaultCACertificates } from 'node:tls';
import { createHubSpotCrm, type EmulatedCrm } from '@tidelock/emulators';
import { type ConfigInput, loadConfig } from '@tidelock/host';
import { describe, expect, it } from 'vitest';
import { isQuiet, links, writes } from '../src/inspect.ts';
import { range, sample, toOutlook, toRecord } from '../src/people.ts';
import { createWorld, type World } from '../src/world.ts';

interface TwoCrms extends AsyncDisposable {
  readonly world: World;
  /** The CRM under "crm". */
  readonly main: EmulatedCrm;
  /** The one under "crms". */
  readonly second: EmulatedCrm;
  /** Both connections, and which mailboxes follow the second one. */
  configure(followers: readonly string[]): Promise<void>;
}

async function createTwoCrms(): Promise<TwoCrms> {
  const world = await createWorld({ mailboxes: ['ann', 'ben'], stateFile: 'tidelock.db' });
  const second = createHubSpotCrm({ clock: world.clock.emulator, seed: 13 });
  const served = await second.listen();
  setDefaultCACertificates([...world.stage.authorities, served.caPem ?? '']);
  for (const { address, name } of Object.values(world.stage.people)) second.addUser({ email: address, name });
  const options = second.options({ origin: served.origin, key: '' });
  return {
    world,
    main: world.crm,
    second,
    async configure(followers) {
      const mailboxes = Object.values(world.stage.people).map(({ name, address }) => ({
        address,
        records: 'all' as const,
        ...(followers.includes(name) ? { profile: 'sales' } : {}),
      }));
      const crms = { hubspot: { adapter: second.adapter, options } };
      world.stage.writeConfig({
        ...world.stage.config,
        crms,
        mailboxes,
        profiles: { sales: { crm: 'hubspot' } },
      } satisfies ConfigInput);
      await world.restart();
    },
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      await served.close();
    },
  };
}

const seed = (world: World, name: string, numbers: readonly number[]): void => {
  world.graph.admin.seedContacts(
    world.person(name).mailboxId,
    numbers.map((n) => toOutlook(n)),
  );
};
const namesIn = (crm: EmulatedCrm): string[] =>
  crm
    .records()
    .map(({ values }) => values.lastName ?? '')
    .toSorted();
const namesOf = (world: World, name: string): string[] =>
  world
    .mailbox(name)
    .map((contact) => String(contact.surname))
    .toSorted();
const lastNames = (numbers: readonly number[]): string[] => numbers.map((n) => sample(n).last).toSorted();

describe('one tenant with two CRMs', () => {
  it('keeps each mailbox in step with its own CRM, and one that fails stops nobody else', async () => {
    await using both = await createTwoCrms();
    const { world, main, second } = both;
    seed(world, 'ann', range(10));
    seed(world, 'ben', range(10, 100));
    main.seed(5, (n) => toRecord(5 + n));
    second.seed(5, (n) => toRecord(108 + n));
    await both.configure(['ben']);
    const report = await world.sync();
    expect(report.settled).toBe(true);
    expect(namesIn(main)).toEqual(lastNames(range(10)));
    expect(namesOf(world, 'ann')).toEqual(namesIn(main));
    expect(namesIn(second)).toEqual(lastNames(range(13, 100)));
    expect(namesOf(world, 'ben')).toEqual(namesIn(second));
    world.later();
    second.faults.inject({ times: 100, fault: { kind: 'status', status: 503 } });
    main.update(main.records()[0]?.id ?? '', { jobTitle: 'Seen by Ann' });
    second.update(second.records()[0]?.id ?? '', { jobTitle: 'Seen by Ben' });
    await world.round();
    expect(world.mailbox('ann').map(({ jobTitle }) => jobTitle)).toContain('Seen by Ann');
    const failing = (await world.platform().status()).filter(({ removedAt }) => removedAt === null);
    expect(failing.map(({ label, errorKind }) => `${label.split('@')[0]} ${errorKind}`).toSorted()).toEqual([
      'ann null',
      'ben unavailable',
    ]);
    second.faults.clear();
    world.later(70);
    await world.sync();
    expect(world.mailbox('ben').map(({ jobTitle }) => jobTitle)).toContain('Seen by Ben');
    expect(await isQuiet(world)).toBe(true);
  });

  it('says of each connection what doctor finds, and follows the right one for users', async () => {
    await using both = await createTwoCrms();
    const { world, second } = both;
    await both.configure(['ben']);
    const lanes = await world.platform().lanes();
    expect(lanes.map(({ crm }) => crm)).toEqual(['crm', 'hubspot']);
    expect(lanes[1]?.owner?.name).toBe('ben');
    second.faults.inject({ times: 100, fault: { kind: 'named', name: 'expired-token' } });
    const checks = (await world.platform().doctor()).filter(({ name }) => name === 'crm');
    expect(checks.map(({ status, text }) => `${status} ${text.split(':')[0]}`)).toEqual(
      expect.arrayContaining(['ok crm', 'fail hubspot']),
    );
  });

  it('takes over a configuration that knew one CRM: nothing is written, no pair is lost', async () => {
    await using both = await createTwoCrms();
    const { world } = both;
    seed(world, 'ann', range(10));
    seed(world, 'ben', range(10));
    await world.sync();
    world.later();
    const before = { writes: writes(world), links: await links(world, 'ann') };
    await both.configure([]);
    await world.sync();
    expect(writes(world)).toEqual(before.writes);
    expect((await links(world, 'ann')).map(({ id, status }) => [id, status])).toEqual(
      before.links.map(({ id, status }) => [id, status]),
    );
  });

  it('a mailbox that moves to the other CRM: its pairs with the first one rest, nothing is deleted', async () => {
    await using both = await createTwoCrms();
    const { world, main, second } = both;
    seed(world, 'ben', range(8));
    await both.configure([]);
    await world.sync();
    world.later();
    const before = namesIn(main);
    await both.configure(['ben']);
    await world.sync();
    expect(namesIn(main)).toEqual(before);
    expect(namesIn(second)).toEqual(lastNames(range(8)));
    expect(namesOf(world, 'ben')).toEqual(lastNames(range(8)));
    const rows = (await world.platform().status()).filter(({ label }) => label.startsWith('ben'));
    expect(rows.map(({ removedAt }) => removedAt === null).toSorted()).toEqual([false, true]);
    expect(rows.find(({ removedAt }) => removedAt !== null)).toMatchObject({ alarm: false, profile: null });
    // What an administrator does by address is done where the mailbox is now.
    const { address } = world.person('ben');
    const { administration } = world.platform();
    await administration.pause([address], 'moving');
    const paused = (await world.platform().status()).filter((row) => row.paused !== null);
    expect(paused).toMatchObject([{ label: address, removedAt: null }]);
    await administration.resume([address]);
    // Back again: the old pairs go on, and nobody is made twice.
    world.later();
    await both.configure([]);
    await world.sync();
    expect(namesIn(main)).toEqual(before);
    expect(namesOf(world, 'ben')).toEqual(lastNames(range(8)));
    expect(await isQuiet(world)).toBe(true);
  });
});

describe('the configuration of several CRMs', () => {
  it('lists every mistake at its place', async () => {
    await using world = await createWorld();
    const problems = async (more: object): Promise<string[]> => {
      world.stage.writeConfig({ ...world.stage.config, ...more });
      try {
        await loadConfig(world.stage.configPath, { env: {} });
        return [];
      } catch (error) {
        return (error as { problems: { path: string; remedy: string }[] }).problems.map(
          ({ path, remedy }) => `${path.split(' ')[0]} ${remedy}`,
        );
      }
    };
    const crms = { hubspot: { adapter: '@tidelock/crm-hubspot', options: { token: 'x' } } };
    expect(await problems({ crms, profiles: { sales: { crm: 'hubspot' } } })).toEqual([]);
    expect(await problems({ crms, profiles: { sales: { crm: 'hubspto' } } })).toEqual([
      'profiles.sales.crm Did you mean "hubspot"?',
    ]);
    expect(await problems({ crms: { crm: crms.hubspot } })).toEqual(['crms.crm Take another name.']);
  });
});
