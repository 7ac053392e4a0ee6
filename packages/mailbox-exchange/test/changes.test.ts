import { describe, expect, it } from 'vitest';
import { signIn } from '../src/conformance/sign-in.ts';
import { createWorld, drain, failure, json, ORIGIN } from '../src/conformance/world.ts';
import { fingerprint, startWalk, walkOn } from '../src/cursor.ts';

const make = (given: Partial<Parameters<typeof createWorld>[0]> = {}) => createWorld({ signIn, ...given });
const people = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    surname: `S${index}`,
    emailAddresses: [{ address: `p${index}@example.com` }],
  }));
const link = (kind: 'next' | 'delta', token: string) => ({
  [`@odata.${kind}Link`]: `${ORIGIN}/v1.0/users('u')/contacts/microsoft.graph.delta()?$token=${token}`,
});
const contact = (id: string) => ({
  id,
  '@odata.etag': 'W/"1"',
  lastModifiedDateTime: '2026-01-01T00:00:00Z',
  surname: id,
});

describe('changes', () => {
  it('uses the links of the service exactly as they came', async () => {
    const { store, control, seen } = await make();
    const odd = `${ORIGIN}/v1.0/users('u')/contactfolders('A%3D')/contacts/delta?$skiptoken=a%2Bb&x=1&x=2&$select=id&$select=x#`;
    control.intercept = () => json(200, { value: [], '@odata.nextLink': odd });
    const page = await store.changes('contacts', null);
    expect(page.more).toBe(true);
    control.intercept = () => json(200, { value: [], ...link('delta', 'd') });
    await store.changes('contacts', page.cursor);
    expect(seen[1]?.url.href).toBe(new URL(odd).href);
  });

  it('a page without a link is a broken protocol (L4)', async () => {
    const { store, control } = await make();
    control.intercept = () => json(200, { value: [contact('A')] });
    expect(await failure(store.changes('contacts', null))).toMatchObject({
      kind: 'protocol',
      code: 'no-link',
    });
  });

  it('reads contacts, removals and contacts merely reported again', async () => {
    const { store, control } = await make();
    control.intercept = () =>
      json(200, {
        value: [contact('A'), { id: 'B', '@removed': { reason: 'deleted' } }, contact('A')],
        ...link('delta', 'd'),
      });
    const { changes, more } = await store.changes('contacts', null);
    expect(changes.map(({ kind, id }) => `${kind} ${id}`)).toEqual(['changed A', 'removed B', 'changed A']);
    expect(more).toBe(false);
    expect(changes[0]).toEqual({
      kind: 'changed',
      id: 'A',
      version: 'W/"1"',
      mono: '2026-01-01T00:00:00.0000000Z',
    });
  });

  it('carries whole contacts only; a part of one, or one without a version, is a change to read', async () => {
    const { store, control, admin, ann } = await make();
    admin.createContact(ann, { surname: 'Lee' });
    const [whole] = (await drain(store)).changes;
    expect(whole).toMatchObject({ kind: 'changed', record: { fields: { surname: 'Lee', title: null } } });
    expect(whole).not.toHaveProperty('record.stamp');
    control.intercept = () =>
      json(200, { value: [contact('A'), { id: 'B', surname: 'x' }], ...link('delta', 'd') });
    const { changes } = await store.changes('contacts', null);
    expect(changes[0]).not.toHaveProperty('record');
    expect(changes[1]).toEqual({ kind: 'changed', id: 'B' });
    control.intercept = () => json(200, { value: [{ surname: 'x' }], ...link('delta', 'd') });
    expect(await failure(store.changes('contacts', null))).toMatchObject({ kind: 'protocol', code: 'item' });
  });

  it('leaves content out where own properties are configured: the feed does not carry them', async () => {
    const { store, admin, ann } = await make({ options: { custom: ['Region'] } });
    admin.createContact(ann, { surname: 'Lee' });
    expect((await store.probe()).capabilities.contentInFeed).toBe(false);
    expect((await drain(store)).changes[0]).not.toHaveProperty('record');
  });

  it.each([
    [410, 'SyncStateNotFound'],
    [410, ''],
    [400, 'syncStateInvalid'],
    [404, 'resyncRequired'],
    [400, 'ErrorInvalidUrlQuery'],
  ])('%i %s on a link is an expired cursor', async (status, code) => {
    const { store, control } = await make();
    const { cursor } = await drain(store);
    control.intercept = () => json(status, { error: { code } });
    expect(await failure(store.changes('contacts', cursor))).toMatchObject({
      kind: 'cursor_expired',
      status,
    });
  });

  it.each(['', 'null', '{}', '"x"', '{"v":2}'])('takes %j for a dead cursor', async (cursor) => {
    const { store, seen } = await make();
    expect(await failure(store.changes('contacts', cursor))).toMatchObject({ kind: 'cursor_expired' });
    expect(seen).toEqual([]);
  });

  it('a folder that is gone is not an empty one', async () => {
    const { store, control } = await make();
    control.intercept = () => json(404, { error: { code: 'ErrorItemNotFound' } });
    expect(await failure(store.changes('contacts', null))).toMatchObject({ kind: 'not_found' });
  });

  it('finds endless pages with new links across calls, each a store of its own (AC-41)', async () => {
    const { port, ann, control } = await make();
    let token = 0;
    control.intercept = () =>
      json(200, { value: [contact('A'), contact('B')], ...link('next', String(++token)) });
    let cursor: string | null = null;
    const open = () => port.open({ mailbox: ann, kind: 'contact' });
    for (let page = 0; page < 2; page += 1) cursor = (await open().changes('contacts', cursor)).cursor;
    expect(await failure(open().changes('contacts', cursor))).toMatchObject({
      kind: 'protocol',
      code: 'endless-pages',
    });
  });

  it('finds circles, links to themselves and chains of nothing, but not honest rounds', () => {
    const walk = (pages: readonly (readonly [string, readonly string[]])[]) =>
      pages.reduce(
        (at, [next, ids]) => walkOn(at, { link: next, items: ids.map((id) => ({ id })) }, 'test'),
        startWalk(),
      );
    const endless = { code: 'endless-pages' };
    const circle = ['a', 'b', 'a', 'b', 'a'].map((id, index) => [`l${index}`, [id]] as const);
    expect(() => walk(circle)).toThrow(expect.objectContaining(endless));
    expect(() =>
      walk([
        ['l', ['a']],
        ['l', ['b']],
      ]),
    ).toThrow(expect.objectContaining(endless));
    const nothing = (count: number) =>
      Array.from({ length: count }, (_, index) => [`l${index}`, []] as const);
    expect(() => walk(nothing(201))).toThrow(expect.objectContaining(endless));
    expect(walk(nothing(200)).empty).toBe(200);
    const honest = Array.from({ length: 500 }, (_, index) => [`l${index}`, [`a${index}`, 'b']] as const);
    expect(walk(honest).seen).toHaveLength(12);
    expect(fingerprint([{ id: 'a' }, { id: 'b' }])).toBe(fingerprint([{ id: 'b' }, { id: 'a' }]));
    expect(fingerprint([{ id: 'a', '@odata.etag': '1' }])).not.toBe(
      fingerprint([{ id: 'a', '@odata.etag': '2' }]),
    );
  });

  it('cursors stay small in a long round', async () => {
    const { store, admin, ann } = await make({ options: { pageSize: 1 } });
    admin.seedContacts(ann, people(40));
    const run = await drain(store);
    expect(run.pages).toBeGreaterThanOrEqual(40);
    expect(run.cursor.length).toBeLessThan(1_000);
  });
});
