import { describe, expect, it } from 'vitest';
import { signIn } from '../src/conformance/sign-in.ts';
import { createWorld, json, type Seen, type World } from '../src/conformance/world.ts';

const make = () => createWorld({ signIn });
const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((done) => setImmediate(done));
};

/** Answers every step with an empty page, without the emulator. */
const emptyPages = ({ body }: Seen): Promise<Response> => {
  const { requests } = body as { requests: { id: string }[] };
  return json(200, { responses: requests.map(({ id }) => ({ id, status: 200, body: { value: [] } })) });
};

describe('pacing', () => {
  it.each([
    [6_980, 0],
    [7_020, 600_000],
  ])('%i requests to one mailbox take at least %i ms, each step of a batch counted', async (count, least) => {
    const { store, control, clock } = await make();
    control.intercept = emptyPages;
    await store.find(
      'email',
      Array.from({ length: count }, (_, index) => `p${index}@example.com`),
    );
    expect(clock.mono()).toBeGreaterThanOrEqual(least);
    expect(clock.mono()).toBeLessThan(least + 1_000);
  });

  const throttleOuter = ({ control }: World): void => {
    control.intercept = () => {
      control.intercept = undefined;
      return json(429, {}, { 'retry-after': '30' });
    };
  };
  const throttleInner = ({ emulator }: World): void =>
    void emulator.faults.inject({
      match: { method: 'GET', path: /emailAddresses/ },
      fault: { kind: 'status', status: 429, headers: { 'Retry-After': '30' } },
    });

  it.each([
    ['a request', throttleOuter],
    ['a step of a batch', throttleInner],
  ])('a wait asked of %s holds whatever else goes to the mailbox', async (_, throttle) => {
    const world = await make();
    const { store, clock, seen } = world;
    await store.list('contacts', null);
    throttle(world);
    const throttled = store.find('email', ['a@example.com']);
    for (let turn = 0; turn < 20 && seen.length < 2; turn += 1) await turns(1);
    await turns(5);
    const other = store.list('contacts', null).then(() => clock.mono());
    expect(await other).toBeGreaterThanOrEqual(30_000);
    expect(await throttled).toEqual([[]]);
  });
});

describe('what the service finds', () => {
  it('is checked against what was asked', async () => {
    const { store, control } = await make();
    const contact = {
      id: 'A',
      '@odata.etag': 'W/"1"',
      lastModifiedDateTime: '2026-01-01T00:00:00Z',
      emailAddresses: [{ address: 'other@example.com' }, { address: 'Fourth@example.com' }],
    };
    control.intercept = () =>
      json(200, { responses: [{ id: '0', status: 200, body: { value: [contact] } }] });
    expect(await store.find('email', ['a@example.com'])).toEqual([[]]);
    expect(await store.find('stamp', ['a'])).toEqual([[]]);
    expect(await store.find('email', ['fourth@EXAMPLE.com'])).toMatchObject([[{ id: 'A' }]]);
  });

  it('is followed over pages, and a value that cannot be asked for costs nothing', async () => {
    const { store, admin, ann, seen } = await make();
    const twins = Array.from({ length: 105 }, (_, index) => ({
      surname: `S${index}`,
      emailAddresses: [{ address: 'same@example.com' }],
    }));
    admin.seedContacts(ann, twins);
    const [records] = await store.find('email', ['same@example.com']);
    expect(records).toHaveLength(105);
    expect(seen).toHaveLength(2);
    expect(await store.find('email', ['', '\ud800', '  '])).toEqual([[], [], []]);
    expect(seen).toHaveLength(2);
  });
});
