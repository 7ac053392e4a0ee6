import { describe, expect, it } from 'vitest';
import { VENDORS } from '../src/calendar-scene.ts';
import { createWorld, type World } from '../src/world.ts';

const titles = (world: World): readonly string[] =>
  world.records().map(({ values }) => values.jobTitle ?? '');

describe.each(VENDORS)('success with nothing: %s', (vendor) => {
  it('AC-27 delta answers that nothing changed after a change: the next comparison, which comes by itself, finds it', async () => {
    await using world = await createWorld({ vendor });
    const { mailboxId } = world.person();
    const { admin, faults } = world.graph;
    const kept = admin.createContact(mailboxId, { givenName: 'Kay', surname: 'Kept', jobTitle: 'Before' });
    const gone = admin.createContact(mailboxId, { givenName: 'Gil', surname: 'Gone', jobTitle: 'Goes' });
    await world.sync();
    world.later();
    await world.sync();
    faults.inject({ fault: { kind: 'named', name: 'nothing-changed' } });
    admin.updateContact(mailboxId, kept.id, { jobTitle: 'After' });
    admin.deleteContact(mailboxId, gone.id);
    await world.sync();
    world.later();
    await world.sync();
    expect(titles(world).toSorted(), 'nobody told of it').toEqual(['Before', 'Goes']);
    // Each feed is enumerated at least every three days.
    world.later(3 * 24 * 60);
    for (let turn = 0; turn < 3; turn += 1) {
      await world.sync();
      world.later();
    }
    expect(titles(world)).toEqual(['After']);
    expect(world.mailbox()).toHaveLength(1);
  });
});
