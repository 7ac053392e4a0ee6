import { describe, expect, it } from 'vitest';
import { signIn } from '../src/conformance/sign-in.ts';
import { create, createWorld, drain, failure, found, json, stampOf } from '../src/conformance/world.ts';
import { adapter, ExchangeOptionsSchema } from '../src/index.ts';

const make = (given: Partial<Parameters<typeof createWorld>[0]> = {}) => createWorld({ signIn, ...given });

describe('mailboxes', () => {
  it('are found by address, sign-in name or id, and probed', async () => {
    const { port, admin, tenantId, clientId, ann, ben } = await make();
    const add = (name: string, more = {}) =>
      admin.addUser(tenantId, { mail: `${name}@contoso.example`, displayName: name, ...more }).id;
    const carl = add('carl', { userPrincipalName: 'c.smith@contoso.example' });
    const dora = add('dora', { mailbox: 'none' });
    const emil = add('emil', { mailbox: 'moving' });
    admin.setScope(tenantId, clientId, [ann, carl, dora, emil]);
    const asked = [
      'C.Smith@contoso.example',
      'carl@contoso.example',
      ann,
      ben,
      dora,
      emil,
      "o'neil@contoso.example",
      crypto.randomUUID(),
    ];
    const answer = await port.mailboxes(asked);
    expect(answer.map((each) => each.state)).toEqual([
      'ready',
      'ready',
      'ready',
      'out-of-scope',
      'no-mailbox',
      'unavailable',
      'no-mailbox',
      'no-mailbox',
    ]);
    expect(answer[0]).toEqual({
      id: carl,
      address: 'carl@contoso.example',
      displayName: 'carl',
      login: 'c.smith@contoso.example',
      state: 'ready',
    });
    expect(answer[6]?.id).toBe("o'neil@contoso.example");
  });

  it('are listed over all pages, without guests', async () => {
    const { port, admin, tenantId, seen } = await make();
    for (let index = 0; index < 30; index += 1)
      admin.addUser(tenantId, { mail: `p${index}@contoso.example`, displayName: 'p' });
    admin.addUser(tenantId, { mail: 'guest@else.example', displayName: 'g', userType: 'Guest' });
    const listed = await port.mailboxes();
    expect(listed).toHaveLength(32);
    expect(listed.every((each) => each.state === 'ready')).toBe(true);
    expect(seen).toHaveLength(3);
  });

  it('are addressed by their address where the directory may not be read', async () => {
    const { port } = await make({ roles: ['Contacts.ReadWrite'] });
    expect(await port.mailboxes(['ann@contoso.example'])).toEqual([
      {
        id: 'ann@contoso.example',
        address: 'ann@contoso.example',
        displayName: 'ann@contoso.example',
        state: 'ready',
      },
    ]);
    expect(await failure(port.mailboxes())).toMatchObject({
      kind: 'forbidden',
      code: 'Authorization_RequestDenied',
    });
  });
});

describe('check', () => {
  const codes = async (roles: readonly string[]) =>
    (await (await make({ roles })).port.check()).map(({ code, severity }) => `${severity} ${code}`);

  it('tells what the app may do, and what it may but should not', async () => {
    expect(await codes(['Contacts.ReadWrite', 'User.Read.All'])).toEqual([]);
    expect(await codes(['Contacts.ReadWrite'])).toEqual(['warn directory-unreadable']);
    expect(await codes(['User.Read.All'])).toEqual(['info contacts-not-granted-in-entra']);
    expect(await codes(['Contacts.ReadWrite', 'User.Read.All', 'Mail.ReadWrite'])).toEqual([
      'warn broad-permissions',
    ]);
  });

  it('says nothing of roles where the token does not show them', async () => {
    const { port, tokens, control } = await make();
    tokens.getToken = async () => ({ token: 'opaque', expiresAt: 0 });
    control.intercept = () => json(200, { value: [] });
    expect(await port.check()).toEqual([]);
  });

  it('blocks on a refusal with a remedy, and throws what may pass', async () => {
    const { port, control } = await make();
    control.intercept = () => json(401, { error: { code: 'InvalidAuthenticationToken' } });
    expect(await port.check()).toMatchObject([
      { code: 'sign-in-refused', severity: 'block', remedy: expect.any(String) },
    ]);
    control.intercept = () => json(403, { error: { code: 'Forbidden' } });
    expect(await port.check()).toMatchObject([{ code: 'access-refused', severity: 'block' }]);
    control.intercept = () => json(503, {});
    expect(await failure(port.check())).toMatchObject({ kind: 'unavailable' });
  });
});

describe('folders', () => {
  it('the default folder is a feed though no list names it; others by name or id, at any depth', async () => {
    const { port, admin, ann, store } = await make();
    const top = admin.createFolder(ann, 'Customers').id;
    const below = admin.createFolder(ann, 'Key accounts', top).id;
    expect(await store.feeds()).toMatchObject([{ key: 'contacts' }]);
    const open = (folders: readonly string[]) => port.open({ mailbox: ann, kind: 'contact', folders });
    const feeds = await open(['contacts', 'key ACCOUNTS', top]).feeds();
    expect(feeds.map((feed) => feed.key)).toEqual(['contacts', below, top]);
    const other = await open([top, 'Contacts', below]).feeds();
    expect(other[0]?.scopeHash).toBe(feeds[0]?.scopeHash);
    expect((await store.feeds())[0]?.scopeHash).not.toBe(feeds[0]?.scopeHash);
    expect(await failure(open(['Nothing']).feeds())).toMatchObject({
      kind: 'not_found',
      code: 'folder-missing',
    });
    admin.createFolder(ann, 'Customers', below);
    expect(await failure(open(['Customers']).feeds())).toMatchObject({
      kind: 'invalid',
      code: 'folder-ambiguous',
    });
  });

  it('hold their own contacts, changes, stamps and new contacts', async () => {
    const { port, admin, ann, emulator } = await make();
    const customers = admin.createFolder(ann, 'Customers').id;
    const inside = admin.createContact(ann, { surname: 'In' }, customers).immutableId;
    const outside = admin.createContact(ann, { surname: 'Out' }).immutableId;
    const store = port.open({ mailbox: ann, kind: 'contact', folders: ['Customers'] });
    expect((await drain(store)).changes.map((change) => change.id)).toEqual([inside]);
    expect((await store.read([inside, outside])).map((each) => each.state)).toEqual(['found', 'out']);
    const [created] = await store.write([create(1)]);
    expect(emulator.oracle.contacts(ann).find((each) => each.surname === 'S1')?.folderId).toBe(customers);
    const [holders] = await store.find('stamp', [stampOf(1).toUpperCase()]);
    expect(holders?.map((record) => record.id)).toEqual([created?.status === 'ok' ? created.id : '']);
  });

  it('a contact moved between opened folders stays found, under the same id', async () => {
    const { port, admin, ann } = await make();
    const customers = admin.createFolder(ann, 'Customers').id;
    const store = port.open({ mailbox: ann, kind: 'contact', folders: ['contacts', customers] });
    const { immutableId } = admin.createContact(ann, { surname: 'Lee' });
    const before = await found(store, immutableId);
    admin.moveContact(ann, immutableId, customers);
    const after = await found(store, immutableId);
    expect([before.container === after.container, after.container]).toEqual([false, customers]);
  });

  it.each([
    ['by a contact', 1, 'out'],
    ['by a folder below it', 0, 'out'],
  ])('finds the id of the default folder %s where its name is not understood', async (...row) => {
    const [, contacts, state] = row;
    const { store, admin, ann, control, emulator } = await make();
    const folder = admin.createFolder(ann, 'Elsewhere').id;
    const { immutableId } = admin.createContact(ann, { surname: 'Lee' }, folder);
    if (contacts > 0) admin.createContact(ann, { surname: 'Ray' });
    control.intercept = (seen, init) =>
      seen.url.pathname.endsWith('/contactFolders/contacts')
        ? json(400, { error: { code: 'ErrorInvalidIdMalformed' } })
        : emulator.fetch(seen.url, init);
    expect((await store.read([immutableId]))[0]?.state).toBe(state);
  });
});

describe('options', () => {
  const problems = (options: Record<string, unknown>) =>
    (ExchangeOptionsSchema.safeParse({ tenant: 'contoso.example', ...options }).error?.issues ?? []).map(
      (each) => each.path.join('.'),
    );

  it('are strict, with all problems at once', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ tenant: 'a/b', pageSize: 0, custom: ['1x'], folders: [], extra: 1 })).toHaveLength(5);
    expect(problems({ custom: ['TidelockStamp'] })).toEqual(['custom.0']);
    expect(problems({ custom: ['a', 'A'] })).toEqual(['custom']);
    expect(problems({ endpoint: { url: 'https://localhost:8443' } })).toEqual(['endpoint.allow']);
    for (const url of ['http://localhost', 'https://localhost/v1.0', 'https://u@localhost', 'localhost']) {
      expect(problems({ endpoint: { url, allow: true } }), url).toEqual(['endpoint.url']);
    }
  });

  it('send everything to the test host, with a token for the real one', async () => {
    const { store, seen } = await make({
      options: { endpoint: { url: 'https://localhost:8443', allow: true } },
    });
    await drain(store);
    await store.list('contacts', null);
    expect(new Set(seen.map((each) => each.url.origin))).toEqual(new Set(['https://localhost:8443']));
  });

  it('belong to a manifest of contract mailbox@1', async () => {
    const { context, tenantId } = await make();
    expect(adapter).toMatchObject({ contract: 'mailbox@1', name: '@tidelock/mailbox-exchange' });
    const checked = await adapter.options['~standard'].validate({ tenant: tenantId });
    if (checked.issues !== undefined) throw new Error('refused');
    const port = await adapter.create(checked.value, context);
    const { catalogue, capabilities } = await port.open({ mailbox: 'x', kind: 'contact' }).probe();
    expect(Object.keys(catalogue)).toHaveLength(29);
    expect(capabilities).toMatchObject({ conditionalUpdate: true, createKey: 'lookup', contentInFeed: true });
  });
});
