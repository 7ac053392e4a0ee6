import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { calendarLane, configureScene, meet, openScene, settle, VENDORS } from '../src/calendar-scene.ts';
import { subjects } from '../src/crm-events.ts';
import { KEY_NAME } from '../src/key-folder.ts';
import { CLIENT_ID } from '../src/stage.ts';

describe.each(VENDORS)('the key of a connection: %s', (vendor) => {
  it('AC-34 a key that runs out is counted down, tried, followed by the next without a new consent, and never ends in silence', async () => {
    await using scene = await openScene(vendor, { stage: { judged: false } });
    const { world } = scene;
    meet(scene, { subject: 'First', day: '2027-01-12' });
    await world.sync();
    const left = () => world.platform().keys.map(({ keyName, days, stage }) => ({ keyName, days, stage }));
    const [{ days: lifetime = 0 } = {}] = left();
    // Within the last week it is an error at each start.
    world.later((lifetime - 5) * 24 * 60);
    await world.restart();
    expect(left()).toMatchObject([{ keyName: KEY_NAME, stage: 'urgent' }]);
    expect(world.logged.some(({ event, level }) => event === 'key.expires' && level === 'error')).toBe(true);
    const checks = async (kind: string) =>
      (await world.platform().doctor()).filter(({ name }) => name === kind).map(({ status }) => status);
    expect(await checks('keys')).toEqual(['fail']);
    expect(await checks('key-canary')).toEqual(['ok']);
    // The next one is made and used beside it: nobody consents to anything.
    const second = await world.platform().secrets.keys.create('second', { commonName: 'second', bits: 2048 });
    const { adapter, options } = world.stage.config.token as { adapter: string; options: object };
    const withKeys = (...keys: readonly string[]) =>
      configureScene(scene, { config: { token: { adapter, options: { ...options, keys } } } });
    await withKeys('second', KEY_NAME);
    await settle(scene, 1);
    world.graph.admin.addCertificate(CLIENT_ID, new X509Certificate(second.der).toString());
    await withKeys('second', KEY_NAME);
    // The old one is over, and nothing stops.
    world.later(10 * 24 * 60);
    await withKeys('second');
    meet(scene, { subject: 'After the night', day: '2027-07-01' });
    await settle(scene);
    expect(subjects(scene)).toContain('After the night');
    expect((await calendarLane(scene)).errorKind).toBeNull();
    // And the night on which nobody has looked: every calendar says what is wrong, and so does the connection.
    world.later((lifetime + 1) * 24 * 60);
    await world.sync();
    expect((await calendarLane(scene)).errorKind).toBe('auth');
    expect(await world.platform().trouble()).not.toBeNull();
    expect(await checks('key-canary')).toEqual(['fail']);
  });
});
