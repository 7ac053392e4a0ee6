import { describe, expect, it } from 'vitest';
import { createTestWorld } from './microsoft365-fixture.ts';

const codeOf = (answer: { status: number; body: { error?: { code: string } } }) => [
  answer.status,
  answer.body.error?.code,
];

describe('access', () => {
  it('asks for a valid token', async () => {
    const { graph, ann, clock } = await createTestWorld();
    const path = `/users/${ann}/contacts`;
    const none = await graph('GET', path, { headers: { authorization: '' } });
    expect(codeOf(none)).toEqual([401, 'InvalidAuthenticationToken']);
    expect(none.headers.get('www-authenticate')).toContain('Bearer');
    expect(codeOf(await graph('GET', path, { token: 'forged' }))).toEqual([
      401,
      'InvalidAuthenticationToken',
    ]);
    clock.advance(3_598_000);
    expect((await graph('GET', path)).status).toBe(200);
    clock.advance(1_000);
    const expired = await graph('GET', path);
    expect(expired.body.error.message).toBe('Lifetime validation failed, the token is expired.');
  });

  it('asks for the app role of each kind of request', async () => {
    const { emulator, getToken, graph, tenantId, clientId, ann } = await createTestWorld();
    const withRoles = async (roles: string[]) => {
      emulator.admin.consent(tenantId, clientId, roles);
      return (await getToken()).body.access_token as string;
    };
    const none = await withRoles([]);
    expect(codeOf(await graph('GET', '/users', { token: none }))).toEqual([
      403,
      'Authorization_RequestDenied',
    ]);
    expect(codeOf(await graph('GET', `/users/${ann}/contacts`, { token: none }))).toEqual([
      403,
      'ErrorAccessDenied',
    ]);
    const reader = await withRoles(['Contacts.Read']);
    expect((await graph('GET', `/users/${ann}/contacts`, { token: reader })).status).toBe(200);
    expect((await graph('POST', `/users/${ann}/contacts`, { token: reader, body: {} })).status).toBe(403);
    expect((await graph('GET', `/users/${ann}/mailboxSettings`, { token: reader })).status).toBe(403);
    emulator.admin.revoke(tenantId, clientId);
    expect((await graph('GET', `/users/${ann}/contacts`, { token: reader })).status).toBe(200);
    expect(codeOf(await graph('GET', '/me/contacts'))).toEqual([400, 'BadRequest']);
  });

  it('narrows by access policy', async () => {
    const { emulator, graph, tenantId, clientId, ann, ben } = await createTestWorld();
    emulator.admin.setScope(tenantId, clientId, [ann]);
    expect((await graph('GET', `/users/${ann}/contacts`)).status).toBe(200);
    const outside = await graph('GET', `/users/${ben}/contacts`);
    expect(codeOf(outside)).toEqual([403, 'ErrorAccessDenied']);
    expect(outside.body.error.message).toContain('[RAOP]');
    emulator.admin.setScope(tenantId, clientId, 'all');
    expect((await graph('GET', `/users/${ben}/contacts`)).status).toBe(200);
  });

  it('adds RBAC grants to those of Entra', async () => {
    const { emulator, getToken, graph, tenantId, clientId, ann, ben } = await createTestWorld();
    emulator.admin.setScope(tenantId, clientId, { mailboxIds: ['ann@contoso.example'], mechanism: 'rbac' });
    expect((await graph('GET', `/users/${ben}/contacts`)).status).toBe(200);
    emulator.admin.revoke(tenantId, clientId);
    const token: string = (await getToken()).body.access_token;
    expect((await graph('GET', `/users/${ann}/contacts`, { token })).status).toBe(200);
    const outside = await graph('GET', `/users/${ben}/contacts`, { token });
    expect(codeOf(outside)).toEqual([403, 'ErrorAccessDenied']);
    expect(outside.body.error.message).toBe('Access is denied. Check credentials and try again.');
  });

  it('answers for the state of the mailbox, and keeps tenants apart', async () => {
    const { emulator, graph, ann, tenantId } = await createTestWorld();
    const states = [
      ['none', 404, 'MailboxNotEnabledForRESTAPI'],
      ['soft-deleted', 404, 'MailboxNotEnabledForRESTAPI'],
      ['moving', 503, 'ErrorMailboxMoveInProgress'],
      ['stale', 503, 'MailboxInfoStale'],
    ] as const;
    for (const [state, status, code] of states) {
      emulator.admin.setMailboxState(ann, state);
      expect(codeOf(await graph('GET', `/users/${ann}/contacts`))).toEqual([status, code]);
    }
    emulator.admin.setMailboxState(ann, 'normal');
    expect((await graph('GET', '/users/ANN@contoso.example/contacts')).status).toBe(200);
    expect(codeOf(await graph('GET', '/users/nobody/contacts'))).toEqual([404, 'ErrorInvalidUser']);
    expect(codeOf(await graph('GET', '/users/nobody'))).toEqual([404, 'Request_ResourceNotFound']);
    const other = emulator.admin.createTenant({ domain: 'fabrikam.example', displayName: 'Fabrikam' });
    const eve = emulator.admin.addUser(other.id, { mail: 'eve@fabrikam.example', displayName: 'Eve' });
    expect(codeOf(await graph('GET', `/users/${eve.id}/contacts`))).toEqual([404, 'ErrorInvalidUser']);
    emulator.admin.removeUser(ann);
    expect(codeOf(await graph('GET', `/users/${ann}/contacts`))).toEqual([404, 'ErrorInvalidUser']);
    expect((await graph('GET', '/users')).body.value).toHaveLength(1);
    expect(tenantId).not.toBe(other.id);
  });
});

describe('users', () => {
  it('lists with $select, $filter, $top and next links', async () => {
    const { emulator, graph, tenantId } = await createTestWorld();
    emulator.admin.addUser(tenantId, {
      mail: 'guest@else.example',
      displayName: 'Guest',
      userType: 'Guest',
      accountEnabled: false,
    });
    const all = await graph('GET', '/users?$select=id,mail,accountEnabled,assignedLicenses&$top=2');
    expect(all.body.value).toHaveLength(2);
    const rest = await graph('GET', all.body['@odata.nextLink']);
    expect(rest.body.value).toMatchObject([{ mail: 'guest@else.example', accountEnabled: false }]);
    const names = async (filter: string, headers = {}) => {
      const { status, body } = await graph(
        'GET',
        `/users?$count=${'consistencylevel' in headers}&$filter=${encodeURIComponent(filter)}`,
        { headers },
      );
      return status === 200
        ? body.value.map((user: { displayName: string }) => user.displayName)
        : body.error.code;
    };
    expect(await names("accountEnabled eq true and userType eq 'Member'")).toEqual(['Ann', 'Ben']);
    expect(await names("startswith(mail,'BEN')")).toEqual(['Ben']);
    expect(await names("endswith(mail,'else.example')")).toBe('Request_UnsupportedQuery');
    expect(await names("not startswith(mail,'ben')")).toBe('Request_UnsupportedQuery');
    const eventual = { consistencylevel: 'eventual' };
    expect(await names("endswith(mail,'else.example')", eventual)).toEqual(['Guest']);
    expect(await names("userType ne 'Guest'", eventual)).toEqual(['Ann', 'Ben']);
    expect((await graph('GET', '/users?$top=1000')).status).toBe(400);
    expect((await graph('GET', '/users?$orderby=mail')).status).toBe(400);
  });

  it('reads one, and the settings of the mailbox', async () => {
    const { graph, ann } = await createTestWorld();
    const one = await graph('GET', '/users/ann@contoso.example?$select=id,displayName');
    expect(one.body).toMatchObject({ id: ann, displayName: 'Ann' });
    const settings = await graph('GET', `/users/${ann}/mailboxSettings?$select=userPurpose`);
    expect(Object.keys(settings.body)).toEqual(['@odata.context', 'userPurpose']);
    expect(settings.body.userPurpose).toBe('user');
  });
});

describe('contact folders', () => {
  it('omits the default folder from lists, and knows it by name', async () => {
    const { graph, ann, emulator } = await createTestWorld();
    const path = `/users/${ann}/contactFolders`;
    expect((await graph('GET', path)).body.value).toEqual([]);
    const main = (await graph('GET', `${path}/contacts`)).body;
    expect(main.displayName).toBe('Contacts');
    const made = await graph('POST', path, { body: { displayName: 'Important contacts' } });
    expect([made.status, made.body.parentFolderId]).toEqual([201, main.id]);
    expect(codeOf(await graph('POST', path, { body: { displayName: 'IMPORTANT contacts' } }))).toEqual([
      409,
      'ErrorFolderExists',
    ]);
    const nested = await graph('POST', `${path}/${made.body.id}/childFolders`, {
      body: { displayName: 'Inner' },
    });
    expect(nested.body.parentFolderId).toBe(made.body.id);
    const list = await graph('GET', path);
    expect(list.body.value.map((folder: { id: string }) => folder.id)).toEqual([made.body.id]);
    expect((await graph('GET', `${path}/${made.body.id}/childFolders`)).body.value).toHaveLength(1);
    const renamed = await graph('PATCH', `${path}/${made.body.id}`, { body: { displayName: 'VIP' } });
    expect([renamed.status, renamed.body.displayName, renamed.body.id]).toEqual([200, 'VIP', made.body.id]);
    const inside = `${path}/${nested.body.id}/contacts`;
    expect((await graph('POST', inside, { body: { givenName: 'A' } })).body.parentFolderId).toBe(
      nested.body.id,
    );
    expect((await graph('GET', `/users/${ann}/contacts`)).body.value).toEqual([]);
    expect((await graph('GET', inside)).body.value).toHaveLength(1);
    expect((await graph('DELETE', `${path}/contacts`)).status).toBe(400);
    expect((await graph('DELETE', `${path}/${made.body.id}`)).status).toBe(204);
    expect((await graph('GET', inside)).status).toBe(404);
    expect(emulator.oracle.counts(ann)).toEqual({ contacts: 0, folders: 1, tombstones: 1 });
  });

  it('pages and filters by name', async () => {
    const { graph, ann, emulator } = await createTestWorld();
    for (let i = 0; i < 12; i += 1) emulator.admin.createFolder(ann, `F${i}`);
    const first = await graph('GET', `/users/${ann}/contactFolders`);
    expect(first.body.value).toHaveLength(10);
    expect((await graph('GET', first.body['@odata.nextLink'])).body.value).toHaveLength(2);
    const found = await graph('GET', `/users/${ann}/contactFolders?$filter=displayName eq 'f3'`);
    expect(found.body.value).toHaveLength(1);
  });
});

describe('throttling', () => {
  it('lets four requests of an app work at a mailbox at once', async () => {
    const { graph, ann, ben } = await createTestWorld();
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(() => graph('GET', `/users/${ann}/contacts`)));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(4);
    const refused = answers.find((answer) => answer.status === 429);
    expect(refused?.body.error).toMatchObject({
      code: 'ApplicationThrottled',
      message: 'Application is over its MailboxConcurrency limit.',
    });
    expect(refused?.headers.get('retry-after')).toBe('1');
    const both = [ann, ben].flatMap((id) => [1, 2, 3, 4].map(() => graph('GET', `/users/${id}/contacts`)));
    expect((await Promise.all(both)).every((answer) => answer.status === 200)).toBe(true);
  });

  it('holds the slot for the latency on its clock', async () => {
    const { graph, ann, clock } = await createTestWorld({ latencyMs: 100 });
    const settled: number[] = [];
    const path = `/users/${ann}/contacts`;
    const slow = [1, 2, 3, 4].map(() => graph('GET', path).then(({ status }) => settled.push(status)));
    expect((await graph('GET', path)).status).toBe(429);
    expect(settled).toEqual([]);
    clock.advance(100);
    await Promise.all(slow);
    expect(settled).toEqual([200, 200, 200, 200]);
  });

  it('counts requests in a sliding window', async () => {
    const { graph, ann, clock } = await createTestWorld({ throttle: { requests: 3 } });
    const get = () => graph('GET', `/users/${ann}/contacts`);
    for (const seconds of [0, 100, 100]) {
      clock.advance(seconds * 1000);
      expect((await get()).status).toBe(200);
    }
    const refused = await get();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '400']);
    clock.advance(399_000);
    expect((await get()).status).toBe(429);
    clock.advance(1_000);
    expect((await get()).status).toBe(200);
    expect((await get()).status).toBe(429);
  });
});
