import { describe, expect, it } from 'vitest';
import { signIn } from '../src/conformance/sign-in.ts';
import { create, createWorld, failure, found, json, update, type World } from '../src/conformance/world.ts';

const make = (given: Partial<Parameters<typeof createWorld>[0]> = {}) => createWorld({ signIn, ...given });
const seed = ({ admin, ann }: World, count: number) =>
  admin
    .seedContacts(
      ann,
      Array.from({ length: count }, (_, index) => ({ surname: `S${index}` })),
    )
    .map((each) => each.immutableId);
const writesOf = ({ emulator, ann }: World) => emulator.oracle.writes(ann).map((each) => each.method);
/** A fault for the write itself, not for the look-up before it. */
const failWrite = (
  { emulator }: World,
  fault: { status: number; code: string; headers?: Record<string, string>; times?: number },
) => {
  const { status, code, headers = {}, times = 1 } = fault;
  const body = { error: { code } };
  return emulator.faults.inject({
    match: { method: 'PATCH' },
    times,
    fault: { kind: 'status', status, body, headers },
  });
};

describe('outcomes of an update', () => {
  it.each([
    [412, 'ErrorIrresolvableConflict', {}, { status: 'conflict' }],
    [409, 'ErrorIrresolvableConflict', {}, { status: 'conflict' }],
    [423, '', {}, { status: 'conflict' }],
    [404, 'ErrorItemNotFound', {}, { status: 'gone' }],
    [404, '', {}, { status: 'retry', kind: 'not_found' }],
    [
      429,
      'ApplicationThrottled',
      { 'Retry-After': '90' },
      { status: 'retry', kind: 'rate_limited', afterMs: 90_000 },
    ],
    [
      503,
      'ErrorMailboxMoveInProgress',
      { 'Retry-After': '30' },
      { status: 'retry', kind: 'unavailable', afterMs: 30_000 },
    ],
    [503, 'MailboxInfoStale', {}, { status: 'retry', kind: 'unavailable' }],
    [503, 'UnknownError', {}, { status: 'unknown', kind: 'unavailable' }],
    [500, 'ErrorInternalServerError', {}, { status: 'unknown', kind: 'unavailable' }],
    [502, '', {}, { status: 'unknown', kind: 'unavailable' }],
    [504, '', {}, { status: 'unknown', kind: 'unavailable' }],
    [400, 'ErrorPropertyValidationFailure', {}, { status: 'rejected', code: 'invalid' }],
    [400, 'ErrorInvalidIdMalformed', {}, { status: 'rejected', code: 'invalid' }],
    [413, '', {}, { status: 'rejected', code: 'too-long' }],
    [422, 'ErrorStringValueTooBig', {}, { status: 'rejected', code: 'too-long' }],
    [403, 'ErrorQuotaExceeded', {}, { status: 'rejected', code: 'unknown' }],
    [507, 'ErrorQuotaExceeded', {}, { status: 'rejected', code: 'unknown' }],
  ] as const)('%i %s, alone and as one of three', async (...row) => {
    const [status, code, headers, expected] = row;
    const world = await make();
    const [one = '', two = '', three = ''] = seed(world, 3);
    const records = await Promise.all([one, two, three].map((id) => found(world.store, id)));
    const writes = records.map((record) => update(record, { jobTitle: 'x' }));
    failWrite(world, { status, code, headers });
    expect((await world.store.write(writes.slice(0, 1)))[0]).toMatchObject(expected);
    expect(world.emulator.oracle.contact(world.ann, one)?.jobTitle).toBeNull();
    world.emulator.faults.clear();
    await world.clock.advance(600_000);
    const fault = failWrite(world, { status, code, headers });
    const outcomes = await world.store.write(writes);
    expect(fault.remaining()).toBe(0);
    expect(outcomes.filter((each) => each.status === 'ok')).toHaveLength(2);
    expect(outcomes.find((each) => each.status !== 'ok')).toMatchObject(expected);
  });

  it('403 for one of several is that one; for all it is the mailbox', async () => {
    const world = await make();
    const records = await Promise.all(seed(world, 2).map((id) => found(world.store, id)));
    const writes = records.map((record) => update(record, { jobTitle: 'x' }));
    failWrite(world, { status: 403, code: 'ErrorAccessDenied' });
    const outcomes = await world.store.write(writes);
    expect(outcomes.map((each) => each.status).sort()).toEqual(['ok', 'rejected']);
    expect(outcomes).toContainEqual(expect.objectContaining({ code: 'permission' }));
    world.admin.setScope(world.tenantId, world.clientId, [world.ben]);
    expect(await failure(world.store.write(writes))).toMatchObject({
      kind: 'forbidden',
      code: 'ErrorAccessDenied',
    });
  });

  it('a mailbox that went away is thrown, never "gone"', async () => {
    const world = await make();
    const [id = ''] = seed(world, 1);
    const record = await found(world.store, id);
    world.admin.setMailboxState(world.ann, 'none');
    const remove = { op: 'delete', id, version: record.version } as const;
    expect(await failure(world.store.write([remove]))).toMatchObject({
      kind: 'not_found',
      code: 'MailboxNotEnabledForRESTAPI',
    });
  });

  it('a short throttle is waited for; what it held back is sent once', async () => {
    const world = await make();
    const records = await Promise.all(seed(world, 3).map((id) => found(world.store, id)));
    failWrite(world, {
      status: 429,
      code: 'ApplicationThrottled',
      headers: { 'Retry-After': '5' },
      times: 2,
    });
    const outcomes = await world.store.write(records.map((record) => update(record, { jobTitle: 'x' })));
    expect(outcomes.map((each) => each.status)).toEqual(['ok', 'ok', 'ok']);
    expect(writesOf(world)).toEqual(['PATCH', 'PATCH', 'PATCH']);
    expect(world.clock.mono()).toBeGreaterThanOrEqual(5_000);
  });

  it('sends the version with updates and deletes, and nothing outside the patch', async () => {
    const world = await make();
    const [id = ''] = seed(world, 1);
    const record = await found(world.store, id);
    await world.store.write([update(record, { jobTitle: 'x' })]);
    const patch = world.seen.at(-1);
    expect(patch?.method).toBe('PATCH');
    expect(patch?.headers.get('if-match')).toBe(record.version);
    expect(patch?.body).toEqual({ jobTitle: 'x' });
    expect(await world.store.write([{ op: 'delete', id, version: record.version }])).toEqual([
      { status: 'conflict' },
    ]);
    expect(world.emulator.oracle.counts(world.ann).contacts).toBe(1);
  });

  it('tells what moved up: blanking the first e-mail shows the second in its place, and stays so', async () => {
    const world = await make();
    const emailAddresses = [
      { address: 'a@example.com', name: 'A' },
      { address: 'b@example.com', name: 'Bee' },
    ];
    const { immutableId } = world.admin.createContact(world.ann, { surname: 'Lee', emailAddresses });
    const record = await found(world.store, immutableId);
    const [first] = await world.store.write([update(record, { email1: null })]);
    expect(first).toMatchObject({
      status: 'ok',
      record: { fields: { email1: 'b@example.com', email2: null } },
      notes: [
        { property: 'email1', code: 'projected' },
        { property: 'email2', code: 'projected' },
      ],
    });
    expect(world.emulator.oracle.contact(world.ann, immutableId)?.emailAddresses).toEqual([
      { address: 'b@example.com', name: 'Bee' },
    ]);
    const shown = await found(world.store, immutableId);
    const [second] = await world.store.write([
      update(shown, { email1: shown.fields.email1 ?? null, email2: null }),
    ]);
    expect(second).not.toHaveProperty('notes');
    expect((await found(world.store, immutableId)).fields).toEqual(shown.fields);
  });

  it('keeps a display name that somebody wrote, and lets a composed one follow', async () => {
    const world = await make();
    const people = [
      { givenName: 'Ann', surname: 'Lee' },
      { givenName: 'Ann', surname: 'Lee', displayName: 'Annie' },
    ];
    const ids = world.admin.seedContacts(world.ann, people).map((each) => each.immutableId);
    const records = await Promise.all(ids.map((id) => found(world.store, id)));
    await world.store.write(records.map((record) => update(record, { surname: 'Ray' })));
    expect(ids.map((id) => world.emulator.oracle.contact(world.ann, id)?.displayName)).toEqual([
      'Ann Ray',
      'Annie',
    ]);
  });
});

describe('creates', () => {
  it('look for their stamp first, so that a lost answer makes no twin (AC-08)', async () => {
    const world = await make();
    world.emulator.faults.inject({
      match: { method: 'POST', path: /\/contacts$/ },
      fault: { kind: 'lost', applied: true },
    });
    expect(await world.store.write([create(1)])).toEqual([{ status: 'unknown', kind: 'unavailable' }]);
    const [again] = await world.store.write([create(1)]);
    const [contact] = world.emulator.oracle.contacts(world.ann);
    expect(again).toEqual({ status: 'duplicate', id: contact?.immutableId });
    expect(writesOf(world)).toEqual(['POST']);
  });

  it('with one stamp twice in a call make one contact', async () => {
    const world = await make();
    expect(await world.store.write([create(1), create(1), create(2)])).toMatchObject([
      { status: 'ok' },
      { status: 'duplicate' },
      { status: 'ok' },
    ]);
    expect(world.emulator.oracle.counts(world.ann).contacts).toBe(2);
  });

  it('answer with the contact as it is, with the stamp that answers do not show', async () => {
    const world = await make();
    const [outcome] = await world.store.write([
      create(1, { email1: 'A@example.com', birthday: '--02-29', personalNotes: 'a\nb' }),
    ]);
    if (outcome?.status !== 'ok') throw new Error(outcome?.status);
    const read = await found(world.store, outcome.id);
    expect(outcome.record).toEqual(read);
    expect(outcome.version).toBe(read.version);
    expect(read.fields).toMatchObject({
      email1: 'A@example.com',
      birthday: '--02-29',
      personalNotes: 'a\nb',
    });
  });

  it('a look-up that fails sends nothing', async () => {
    const world = await make();
    world.control.intercept = () => json(500, {});
    expect(await failure(world.store.write([create(1)]))).toMatchObject({ kind: 'unavailable' });
    expect(writesOf(world)).toEqual([]);
  });
});
