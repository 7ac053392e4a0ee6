import { X509Certificate } from 'node:crypto';
import type { ConfigInput } from '@tidelock/host';
import { expect, it } from 'vitest';
import { history } from '../src/inspect.ts';
import { KEY_NAME } from '../src/key-folder.ts';
import { toOutlook } from '../src/people.ts';
import { CLIENT_ID } from '../src/stage.ts';
import { createWorld, type World } from '../src/world.ts';

type Report = Awaited<ReturnType<World['sync']>>;

/** Every pass came to its end, none with an error. */
function requireGood(report: Report): void {
  expect(report.lanes.map(({ status, error }) => ({ status, error }))).toEqual(
    report.lanes.map(() => ({ status: 'done', error: null })),
  );
}

async function change(world: World, round: number): Promise<void> {
  const [contact] = world.contacts();
  world.salesforce.admin.updateContact(String(contact?.Id), { Title: `Title ${round}` });
  world.graph.admin.seedContacts(world.person().mailboxId, [toOutlook(100 + round)]);
  world.later();
}

it('wrapping keys change and data keys are wrapped anew while syncs run: no pass fails, and history opens', async () => {
  await using world = await createWorld({ stateFile: 'tidelock.db', mailboxes: ['ann', 'bob'] });
  world.graph.admin.seedContacts(
    world.person('ann').mailboxId,
    [1, 2, 3, 4].map((n) => toOutlook(n)),
  );
  requireGood(await world.sync());
  let rewrapped = 0;
  for (let round = 1; round <= 8; round += 1) {
    await change(world, round);
    const passes = world.sync();
    for (let turn = 0; turn < 3; turn += 1)
      rewrapped += (await world.platform().rewrapKeys({ rotate: true })).rewrapped;
    requireGood(await passes);
  }
  expect(rewrapped).toBe(24);
  const before = await history(world);
  expect(before.filter(({ new: value }) => value !== null).length).toBeGreaterThan(8);
  await world.restart();
  expect(await history(world)).toEqual(before);
  requireGood(await world.sync());
  expect(
    (await world.platform().administration.audit({ limit: 100 })).filter(
      ({ act }) => act === 'keys.rewrapped',
    ),
  ).toHaveLength(24);
});

it('data keys are followed by others after 90 days, under load and across processes, and what they sealed opens', async () => {
  await using world = await createWorld({ stateFile: 'tidelock.db' });
  world.graph.admin.seedContacts(world.person().mailboxId, [toOutlook(1)]);
  requireGood(await world.sync());
  const first = await history(world);
  const { tenants } = world.platform().state;
  // Certificates live for 180 days; two data keys fit into that.
  world.later(91 * 24 * 60);
  await world.restart();
  await change(world, 1);
  requireGood(await world.sync());
  expect(await tenants.dataKeys('default').catch(() => [])).toEqual([]);
  expect(await world.platform().state.tenants.dataKeys('default')).toHaveLength(2);
  await world.platform().rewrapKeys({ rotate: true });
  await change(world, 2);
  requireGood(await world.sync());
  expect((await history(world)).length).toBeGreaterThan(first.length);
});

type Token = { adapter: string; options: { keys: readonly string[] } };

function withKeys(config: ConfigInput, keys: readonly string[]): ConfigInput {
  const token = config.token as Token;
  return { ...config, token: { ...token, options: { ...token.options, keys: [...keys] } } };
}

it('signing keys change with an overlap, the new one before it is registered, and no pass fails', async () => {
  await using world = await createWorld({ stateFile: 'tidelock.db' });
  world.graph.admin.seedContacts(world.person().mailboxId, [toOutlook(1)]);
  requireGood(await world.sync());
  const second = await world.platform().secrets.keys.create('second', { commonName: 'second', bits: 2048 });
  const run = async (keys: readonly string[], round: number) => {
    world.stage.writeConfig(withKeys(world.stage.config, keys));
    await world.restart();
    await change(world, round);
    requireGood(await world.sync());
  };
  await run(['second', KEY_NAME], 1);
  world.graph.admin.addCertificate(CLIENT_ID, new X509Certificate(second.der).toString());
  await run(['second', KEY_NAME], 2);
  await run(['second'], 3);
  expect(world.contacts().length).toBeGreaterThan(3);
});
