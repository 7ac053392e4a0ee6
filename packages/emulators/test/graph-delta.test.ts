import { describe, expect, it } from 'vitest';
import { createTestWorld, readDelta, stamp } from './microsoft365-fixture.ts';

const people = (count: number) => Array.from({ length: count }, (_, i) => ({ givenName: `P${i}` }));
const seedAnd = async (count: number, options = {}) => {
  const world = await createTestWorld(options);
  const refs = world.emulator.admin.seedContacts(world.ann, people(count));
  return { ...world, world, refs, path: `/users/${world.ann}/contacts/delta` };
};
const pageSize = (size: number) => ({ prefer: `odata.maxpagesize=${size}` });

describe('contacts delta', () => {
  it('pages through everything, then tells only what changed', async () => {
    const { world, path, emulator, ann, refs } = await seedAnd(25);
    const first = await readDelta(world, `${path}?$select=givenName`, pageSize(10));
    expect(first.pages).toBe(3);
    expect(new Set(first.entries.map((entry) => entry.id))).toEqual(new Set(refs.map((ref) => ref.id)));
    expect(Object.keys(first.entries[0]).sort()).toEqual(['@odata.etag', '@odata.type', 'givenName', 'id']);
    expect(first.deltaLink).toContain('$deltatoken=');
    const idle = await readDelta(world, first.deltaLink);
    expect(idle.entries).toEqual([]);
    emulator.admin.updateContact(ann, refs[3]?.id ?? '', { givenName: 'New' });
    emulator.admin.deleteContact(ann, refs[4]?.id ?? '');
    const next = await readDelta(world, idle.deltaLink);
    expect(next.entries).toHaveLength(2);
    expect(next.entries).toContainEqual(expect.objectContaining({ id: refs[3]?.id, givenName: 'New' }));
    expect(next.entries).toContainEqual({
      '@odata.type': '#microsoft.graph.contact',
      id: refs[4]?.id,
      '@removed': { reason: 'deleted' },
    });
    expect((await readDelta(world, idle.deltaLink)).entries).toHaveLength(2);
  });

  it('gives entries in no order, the same page the same way', async () => {
    const { world, path, refs } = await seedAnd(30);
    const order = async () => (await readDelta(world, path, pageSize(50))).entries.map((entry) => entry.id);
    const once = await order();
    expect(once).not.toEqual(refs.map((ref) => ref.id));
    expect(await order()).toEqual(once);
  });

  it('takes no options but $select, and none beside a token', async () => {
    const { world, path, graph } = await seedAnd(1);
    for (const option of [
      '$top=5',
      '$filter=x',
      '$expand=x',
      '$orderby=x',
      '$search=x',
      '$skip=1',
      '$count=true',
      '$select=zzz',
    ]) {
      expect([option, (await graph('GET', `${path}?${option}`)).status]).toEqual([option, 400]);
    }
    const { deltaLink } = await readDelta(world, path);
    expect((await graph('GET', `${deltaLink}&$select=givenName`)).status).toBe(400);
    for (const token of ['garbage', deltaLink.split('=')[1]?.slice(0, -4)]) {
      const bad = await graph('GET', `${path}?$deltatoken=${token}`);
      expect([bad.status, bad.body.error.code]).toEqual([400, 'ErrorInvalidUrlQuery']);
    }
    for (const form of ['delta()', 'microsoft.graph.delta()']) {
      expect((await graph('GET', path.replace('delta', form))).status).toBe(200);
    }
  });

  it('reports a move as removed there and new here, with one immutable id', async () => {
    const { world, path, emulator, ann, refs } = await seedAnd(2);
    const folder = emulator.admin.createFolder(ann, 'Friends');
    const there = `/users/${ann}/contactFolders/${folder.id}/contacts/delta`;
    const headers = { prefer: 'IdType="ImmutableId", odata.maxpagesize=50' };
    const from = await readDelta(world, path, headers);
    const to = await readDelta(world, there, headers);
    const moved = emulator.admin.moveContact(ann, refs[0]?.id ?? '', folder.id);
    const [left] = (await readDelta(world, from.deltaLink, headers)).entries;
    const [came] = (await readDelta(world, to.deltaLink, headers)).entries;
    expect(left).toMatchObject({ id: moved.immutableId, '@removed': { reason: 'deleted' } });
    expect(came).toMatchObject({ id: moved.immutableId, givenName: 'P0', parentFolderId: folder.id });
    const [leftDefault] = (await readDelta(world, from.deltaLink)).entries;
    const [cameDefault] = (await readDelta(world, to.deltaLink)).entries;
    expect([leftDefault.id, cameDefault.id]).toEqual([refs[0]?.id, moved.id]);
    const flat = await readDelta(world, `/users/${ann}/contactFolders/contacts/contacts/delta`);
    expect(flat.entries).toHaveLength(1);
  });

  it('echoes own writes, without extended properties', async () => {
    const { world, path, graph, ann } = await seedAnd(0);
    const { deltaLink } = await readDelta(world, path);
    const { body } = await graph('POST', `/users/${ann}/contacts`, {
      body: { givenName: 'Echo', singleValueExtendedProperties: [{ id: stamp, value: '1' }] },
    });
    const { entries } = await readDelta(world, deltaLink);
    expect(entries).toMatchObject([{ id: body.id, '@odata.etag': body['@odata.etag'] }]);
    expect(entries[0]).not.toHaveProperty('singleValueExtendedProperties');
  });

  it('keeps a round that has begun apart from what happens meanwhile', async () => {
    const { world, path, graph, emulator, ann, refs } = await seedAnd(6);
    const first = await graph('GET', path, { headers: pageSize(3) });
    emulator.admin.deleteContact(ann, refs[5]?.id ?? '');
    emulator.admin.createContact(ann, { givenName: 'Late' });
    const rest = await readDelta(world, first.body['@odata.nextLink'], pageSize(3));
    expect(rest.entries.map((entry) => entry.givenName).sort()).toEqual(['P3', 'P4']);
    const next = await readDelta(world, rest.deltaLink);
    expect(next.entries.map((entry) => entry.givenName ?? 'removed').sort()).toEqual(['Late', 'removed']);
  });

  it('delays visibility and replays when told to', async () => {
    const { world, path, clock, emulator, ann } = await seedAnd(3, { delta: { visibilityDelayMs: 5_000 } });
    expect((await readDelta(world, path)).entries).toEqual([]);
    clock.advance(5_000);
    const { entries, deltaLink } = await readDelta(world, path);
    expect(entries).toHaveLength(3);
    emulator.admin.createContact(ann, { givenName: 'Late' });
    expect((await readDelta(world, deltaLink)).entries).toEqual([]);
    clock.advance(5_000);
    emulator.admin.configure({ delta: { replay: 2 } });
    expect((await readDelta(world, deltaLink)).entries.map((entry) => entry.givenName).sort()).toEqual([
      'Late',
      'P1',
      'P2',
    ]);
  });

  it('loses its tokens: by hand, by age, by fault, in the middle of a round', async () => {
    const { world, path, graph, clock, emulator, ann } = await seedAnd(6);
    const first = await graph('GET', path, { headers: pageSize(3) });
    emulator.admin.expireDeltaTokens(ann);
    const middle = await graph('GET', first.body['@odata.nextLink']);
    expect([middle.status, middle.body.error.code]).toEqual([410, 'SyncStateNotFound']);
    expect(middle.body.error.message).toMatch(
      /^The sync state generation is not found; generation=\d+;\[highest=144\]\.$/,
    );
    const { deltaLink } = await readDelta(world, path);
    emulator.faults.inject({
      match: { path: /deltatoken/ },
      fault: { kind: 'named', name: 'expired-delta-token', data: { location: true } },
    });
    expect((await graph('GET', path)).status).toBe(200);
    const scripted = await graph('GET', deltaLink);
    expect([scripted.status, scripted.headers.get('location')]).toEqual([410, `${deltaLink.split('=')[0]}=`]);
    expect((await readDelta(world, scripted.headers.get('location') ?? '')).entries).toHaveLength(6);
    emulator.admin.configure({ delta: { tokenLifetimeMs: 60_000 } });
    clock.advance(60_000);
    expect((await graph('GET', deltaLink)).status).toBe(200);
    clock.advance(1);
    expect((await graph('GET', deltaLink)).status).toBe(410);
  });

  it('can turn in circles and repeat entries', async () => {
    const { path, graph, emulator } = await seedAnd(4);
    emulator.faults.inject({ times: 2, fault: { kind: 'named', name: 'endless-pages' } });
    const one = await graph('GET', path, { headers: pageSize(2) });
    const two = await graph('GET', one.body['@odata.nextLink'], { headers: pageSize(2) });
    expect(two.body.value).toEqual(one.body.value);
    expect(two.body['@odata.nextLink']).not.toBe(one.body['@odata.nextLink']);
    const three = await graph('GET', two.body['@odata.nextLink'], { headers: pageSize(2) });
    const four = await graph('GET', three.body['@odata.nextLink'], { headers: pageSize(2) });
    expect(four.body.value).not.toEqual(one.body.value);
    expect(four.body).toHaveProperty('@odata.deltaLink');
    emulator.faults.inject({ fault: { kind: 'named', name: 'duplicate-entries' } });
    const twice = await graph('GET', path);
    expect(twice.body.value).toHaveLength(5);
    expect(twice.body.value[4]).toEqual(twice.body.value[0]);
  });

  it('gives 404 for a folder that is gone', async () => {
    const { world, graph, emulator, ann } = await seedAnd(0);
    const folder = emulator.admin.createFolder(ann, 'Friends');
    emulator.admin.createContact(ann, { givenName: 'A' }, folder.id);
    const { deltaLink } = await readDelta(world, `/users/${ann}/contactFolders/${folder.id}/contacts/delta`);
    const folders = await readDelta(world, `/users/${ann}/contactFolders/delta`);
    expect(folders.entries).toMatchObject([{ id: folder.id, displayName: 'Friends' }]);
    emulator.admin.deleteFolder(ann, folder.id);
    expect((await graph('GET', deltaLink)).status).toBe(404);
    expect((await readDelta(world, folders.deltaLink)).entries).toMatchObject([
      { id: folder.id, '@removed': { reason: 'deleted' } },
    ]);
  });

  it('walks 50,000 in linear time', async () => {
    const { world, path } = await seedAnd(50_000);
    const started = performance.now();
    const { entries } = await readDelta(world, `${path}?$select=givenName`, pageSize(200));
    expect(entries).toHaveLength(50_000);
    expect(performance.now() - started).toBeLessThan(8_000);
  });
});
