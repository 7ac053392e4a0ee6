import { createExchangeCheck, hasSlice } from '@tidelock-tooling/openapi';
import { describe, expect, it } from 'vitest';
import { example, expectLike } from './graph-example.ts';
import { type Answer, createTestWorld, readDelta, stamp } from './microsoft365-fixture.ts';

describe('the shared examples', () => {
  it.skipIf(!hasSlice)(
    'of contacts and folders have the shapes of our answers [skipped: ../shared is absent]',
    async () => {
      const world = await createTestWorld();
      const { graph, ann, emulator } = world;
      const path = `/users/${ann}/contacts`;
      const created = await graph('POST', path, { body: example('contact-create').request.body });
      expectLike('contact-create', created);
      emulator.admin.updateContact(ann, created.body.id, {
        imAddresses: ['sip:a'],
        categories: ['x'],
        businessAddress: { street: '1', city: 'R', state: 'W', countryOrRegion: 'U', postalCode: '9' },
      });
      expectLike('contact-get-full', await graph('GET', `${path}/${created.body.id}`));
      expectLike('contact-list', await graph('GET', path));
      const prefer = { prefer: 'odata.maxpagesize=2' };
      emulator.admin.seedContacts(ann, [{ givenName: 'B' }, { givenName: 'C' }]);
      expectLike(
        'contact-delta-first-page',
        await graph('GET', `/users/${ann}/contactFolders/contacts/contacts/delta`, { headers: prefer }),
      );
      expectLike('contact-delete', await graph('DELETE', `${path}/${created.body.id}`));
      const main = (await graph('GET', `/users/${ann}/contactFolders/contacts`)).body.id;
      const folders = `/users/${ann}/contactFolders`;
      const folder = await graph('POST', folders, {
        body: { parentFolderId: main, displayName: 'Important contacts' },
      });
      expectLike('contactfolder-create', folder);
      expectLike('contactfolder-list', await graph('GET', folders));
      expectLike(
        'contactfolder-rename',
        await graph('PATCH', `${folders}/${folder.body.id}`, {
          body: { parentFolderId: main, displayName: 'x' },
        }),
      );
      for (const name of ['F1', 'F2']) emulator.admin.createFolder(ann, name);
      expectLike(
        'contactfolder-delta-first-page',
        await graph('GET', `${folders}/delta`, { headers: prefer }),
      );
      const made = emulator.admin.createContact(ann, {
        singleValueExtendedProperties: [{ id: stamp, value: 'x' }],
      });
      const expand = encodeURIComponent(`singleValueExtendedProperties($filter=id eq '${stamp}')`);
      const shown = await graph('GET', `${path}/${made.id}?$expand=${expand}`);
      expectLike('extended-property-expand', shown, [
        'subject',
        'sender',
        'from',
        'toRecipients',
        '@odata.id',
        'singleValueExtendedProperties@',
      ]);
    },
  );

  it.skipIf(!hasSlice)(
    'of users, batches and errors agree with our answers [skipped: ../shared is absent]',
    async () => {
      const world = await createTestWorld();
      const { graph, batch, ann, ben, emulator, tenantId, clientId, clock } = world;
      const path = `/users/${ann}/contacts`;
      expectLike('users-list', await graph('GET', '/users'), [
        'mailNickname',
        'otherMails',
        'proxyAddresses',
      ]);
      expectLike('mailbox-settings-get', await graph('GET', `/users/${ann}/mailboxSettings`), [
        'automaticRepliesSetting',
      ]);
      const gone = emulator.admin.createContact(ann, { givenName: 'A' });
      const item = emulator.admin.createContact(ann, { givenName: 'B' });
      emulator.admin.deleteContact(ann, gone.id);
      expectLike('error-404-item-not-found', await graph('GET', `${path}/${gone.id}`));
      expectLike('error-404-user-not-found-directory', await graph('GET', '/users/{unknown}'));
      const stale = { 'if-match': 'W/"old"' };
      expectLike(
        'error-412-stale-etag',
        await graph('PATCH', `${path}/${item.id}`, { body: {}, headers: stale }),
      );
      const chain = [
        {
          id: '1',
          method: 'PATCH',
          url: `${path}/${gone.id}`,
          headers: { 'Content-Type': 'application/json' },
          body: {},
        },
        { id: '2', dependsOn: ['1'], method: 'DELETE', url: `${path}/${item.id}` },
      ];
      const chained = await batch(chain);
      expectLike('batch-dependson-424', chained);
      expect(chained.body.responses.map((step: Answer) => step.status)).toEqual([404, 424]);
      const many = Array.from({ length: 21 }, (_, i) => ({ id: `${i}`, method: 'GET', url: path }));
      expectLike('batch-too-many', await batch(many));
      const { deltaLink } = await readDelta(world, `${path}/delta`);
      emulator.faults.inject({ fault: { kind: 'named', name: 'expired-delta-token' } });
      expectLike('delta-token-expired-410', await graph('GET', deltaLink));
      const five = await Promise.all([1, 2, 3, 4, 5].map(() => graph('GET', path)));
      expectLike(
        'error-429-mailbox-concurrency',
        five.find((answer) => answer.status === 429) ?? { ...chained, status: 0 },
      );
      emulator.admin.setMailboxState(ben, 'none');
      expectLike('error-404-mailbox-not-enabled', await graph('GET', `/users/${ben}/contacts`));
      emulator.admin.setScope(tenantId, clientId, [ben]);
      expectLike('error-403-raop', await graph('GET', path));
      clock.advance(3_600_000);
      expectLike('error-401-token-expired', await graph('GET', path));
      expectLike('token-client-credentials', await world.getToken());
      const withSecret = await world.getToken({ form: { client_assertion: '', client_secret: 'wrong' } });
      const { response } = example('token-invalid-client');
      expect(Object.keys(withSecret.body).sort()).toEqual(Object.keys(response.body ?? {}).sort());
      expect(withSecret.body).toMatchObject({ error: 'invalid_client', error_codes: [7000215] });
    },
  );
});

describe('the published shapes', () => {
  it.skipIf(!hasSlice)('hold for all kinds of traffic [skipped: ../shared is absent]', async () => {
    const world = await createTestWorld();
    const { graph, batch, ann, emulator } = world;
    const check = createExchangeCheck('answers');
    const path = `/users/${ann}/contacts`;
    const body = {
      givenName: 'A',
      birthday: '1980-02-29',
      businessAddress: { city: 'X' },
      emailAddresses: [{ address: 'a@b.example' }],
    };
    const { id } = (await graph('POST', path, { body })).body;
    await graph('GET', `${path}/${id}`);
    await graph('PATCH', `${path}/${id}`, { body: { jobTitle: '', homePhones: ['1'] } });
    await graph('POST', path, { body: { nonsense: 1 } });
    const { deltaLink } = await readDelta(world, `${path}/delta`);
    emulator.admin.createFolder(ann, 'F');
    await batch([
      { id: '1', method: 'GET', url: path },
      { id: '2', method: 'DELETE', url: `${path}/${id}` },
      { id: '3', method: 'GET', url: `${path}/x` },
    ]);
    await readDelta(world, deltaLink);
    for (const other of [
      '/users',
      `/users/${ann}`,
      `/users/${ann}/mailboxSettings`,
      `/users/${ann}/contactFolders`,
      '/nowhere',
    ]) {
      await graph('GET', other);
    }
    await readDelta(world, `/users/${ann}/contactFolders/delta`);
    const { entries } = emulator.log;
    expect(entries.length).toBeGreaterThan(15);
    expect(entries.flatMap(check)).toEqual([]);
    const wrong = entries.find((entry) => entry.path.endsWith(id) && entry.status === 200);
    expect(wrong).toBeDefined();
    const broken = { ...wrong, responseBody: { id, birthday: '1980-02-29' } };
    expect(check(broken as (typeof entries)[number])).not.toEqual([]);
  });
});
