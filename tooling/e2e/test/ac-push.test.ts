import { describe, expect, it } from 'vitest';
import { VENDORS } from '../src/calendar-scene.ts';
import { createPushWorld, type PushWorld } from '../src/push-world.ts';

const surnames = (world: PushWorld): string[] =>
  world.stage.crm.records().map(({ values }) => values.lastName ?? '');

const add = (world: PushWorld, surname: string): void =>
  void world.graph.admin.createContact(world.mailboxId(), { givenName: 'A', surname });

/** What an administrator is told of pushing. */
async function told(world: PushWorld): Promise<string> {
  const checks = (await world.live().now().doctor()).filter(({ name }) => name === 'push');
  return checks.map(({ status, text }) => `${status} ${text}`).join('; ');
}

describe.each(VENDORS)('push that goes quiet: %s', (vendor) => {
  it('AC-27 a subscription dies without a word and no other can be had: the poll carries on, and doctor says so', async () => {
    await using world = await createPushWorld({ vendor, pace: { poll: 1 }, stateFile: 'state.db' });
    await world.until('subscribed', () => world.push().status().subscriptions.live === 1);
    const [first] = world.graph.oracle.subscriptions();
    world.graph.admin.removeSubscription(first?.id ?? '', { silently: true });
    const fault = world.graph.faults.inject({
      ...{ match: { method: 'POST', path: /subscriptions$/ }, times: 1_000 },
      fault: { kind: 'status', status: 503 },
    });
    add(world, 'Unpushed');
    await world.until('found by the poll', () => surnames(world).includes('Unpushed'));
    // What the service has is compared with what is remembered, at each start and four times a day.
    await world.restart();
    await world.until('it says so', async () =>
      /warn .*1 of 1 mailboxes and calendars are polled only/.test(await told(world)),
    );
    add(world, 'Still unpushed');
    await world.until('found by the poll again', () => surnames(world).includes('Still unpushed'));
    expect(world.graph.oracle.subscriptions()).toEqual([]);
    fault.remove();
  });
});
