import { describe, expect, it, vi } from 'vitest';
import { CONSUMER_KEY, createTestOrg, SECRET } from '../src/conformance/org.ts';
import { adapter, defaultMapping } from '../src/index.ts';

const codes = (findings: readonly { readonly code: string; readonly severity: string }[]) =>
  findings.map(({ code, severity }) => `${severity} ${code}`);

describe('manifest', () => {
  it('names contract and package and ships the mapping', () => {
    expect([adapter.contract, adapter.name, adapter.mapping]).toEqual([
      'crm@1',
      '@tidelock/crm-salesforce',
      defaultMapping,
    ]);
  });
});

describe('check, setup and probe', () => {
  it('pass on a prepared org and make no request before they are asked', async () => {
    const org = createTestOrg();
    const store = org.open();
    expect(await store.feeds()).toHaveLength(1);
    expect(org.requests).toEqual([]);
    expect((await org.port.check()).filter((finding) => finding.severity !== 'info')).toEqual([]);
    expect(await org.port.setup()).toMatchObject([{ code: 'stamp-field', done: true }]);
  });

  it('name the fields of events where events take part, each with its clicks', async () => {
    const org = createTestOrg();
    const steps = await org.port.setup({ kinds: ['contact', 'event'] });
    expect(steps.map(({ code }) => code)).toEqual(['stamp-field', 'event-stamp-field', 'event-uid-field']);
    for (const { manual, automatic } of steps)
      expect([manual.length > 3, automatic]).toEqual([true, undefined]);
    expect(steps[2]?.manual.join(' ')).toContain('Object Manager > Activity');
    expect(await org.port.setup()).toHaveLength(1);
  });

  it('block without the stamp field and give the clicks', async () => {
    const org = createTestOrg({ stampField: false });
    const [finding] = await org.port.check();
    expect(finding).toMatchObject({ severity: 'block', code: 'stamp-field-missing' });
    expect(finding?.remedy).toContain('Object Manager > Contact > Fields & Relationships > New');
    const [step] = await org.port.setup();
    expect([step?.done, (step?.manual.length ?? 0) > 4]).toEqual([false, true]);
    expect(codes((await org.open().probe()).findings)).toContain('block stamp-field-missing');
    const list = await org.open().list('contacts', null);
    expect(list.records).toEqual([]);
  });

  it.each([
    [{ length: 64, unique: false, externalId: true }, 'stamp-field-not-unique'],
    [{ length: 64, unique: true, externalId: false }, 'stamp-field-not-external-id'],
    [{ length: 20, unique: true, externalId: true }, 'stamp-field-type'],
  ])('block on a stamp field that is %j', async (field, code) => {
    const org = createTestOrg({ stampField: false });
    org.sf.admin.addField('Contact', { name: 'TidelockKey__c', type: 'string', ...field });
    expect(codes(await org.port.check())).toContain(`block ${code}`);
  });

  it('name properties that the org does not have', async () => {
    const org = createTestOrg();
    const { findings } = await org.open(['LastName', 'Nonsense__c', 'Email2__c']).probe();
    expect(codes(findings)).toEqual(['warn unknown-property', 'info unknown-property']);
    expect(findings[0]?.text).toContain('Nonsense__c');
  });

  it('warn when the org runs out of requests', async () => {
    const org = createTestOrg({ emulator: { dailyApiRequests: 10 }, adapter: { dailyShare: 1 } });
    for (let count = 0; count < 7; count += 1) await org.open().list('contacts', null);
    expect(codes(await org.port.check())).toContain('warn api-budget-low');
  });

  it('read a field again after it has vanished from the describe', async () => {
    const org = createTestOrg();
    const store = org.open(['LastName', 'Extra__c']);
    await store.list('contacts', null);
    org.sf.admin.addField('Contact', { name: 'Extra__c', type: 'string', length: 40 });
    org.sf.admin.createContact({ LastName: 'Lee', Extra__c: 'x' });
    expect((await store.list('contacts', null)).records[0]?.fields).toEqual({ LastName: 'Lee' });
    await store.probe();
    expect((await store.list('contacts', null)).records[0]?.fields).toEqual({
      LastName: 'Lee',
      Extra__c: 'x',
    });
  });
});

describe('over a real socket', () => {
  it('reads and writes, and talks to no other host', async () => {
    const org = createTestOrg();
    const served = await org.sf.listen({ tls: false });
    const hosts = new Set<string>();
    try {
      const remote = createTestOrg({
        adapter: {
          auth: {
            flow: 'client-credentials',
            clientId: CONSUMER_KEY,
            clientSecret: SECRET,
            myDomainUrl: served.origin,
          },
          endpoint: { allow: true },
        },
      });
      remote.intercept = (request) => {
        hosts.add(new URL(request.url).host);
        return fetch(request);
      };
      const store = remote.open();
      const [outcome] = await store.write([
        { op: 'create', stamp: 'stamp-1', fields: { LastName: 'Müller', Description: 'a\nb' } },
      ]);
      const [result] = await store.read([outcome?.status === 'ok' ? outcome.id : '']);
      expect(result?.state === 'found' && result.record.fields).toMatchObject({
        LastName: 'Müller',
        Description: 'a\nb',
      });
      expect([...hosts]).toEqual([new URL(served.origin).host]);
    } finally {
      await served.close();
    }
  });
});

describe('users', () => {
  it('are found by address in any case, and never guessed', async () => {
    const org = createTestOrg();
    const { admin } = org.sf;
    const lee = admin.addUser({ username: 'lee@corp.example', email: 'lee@example.com', lastName: 'Lee' });
    const old = admin.addUser({ username: 'old@corp.example', email: 'lee@example.com', active: false });
    admin.addUser({ username: 'a@corp.example', email: 'twin@example.com' });
    admin.addUser({ username: 'b@corp.example', email: 'twin@example.com' });
    const left = admin.addUser({ username: 'left@corp.example', email: 'left@example.com', active: false });
    const federated = admin.addUser({
      username: 'f@corp.example',
      email: 'other@example.com',
      federationIdentifier: 'upn@example.com',
    });
    const asked = [
      'LEE@example.com',
      'twin@example.com',
      'left@example.com',
      'nobody@example.com',
      'upn@example.com',
    ];
    org.requests.length = 0;
    const users = await org.port.users(asked);
    expect(users.map((user) => user?.id ?? null)).toEqual([lee, null, left, null, federated]);
    expect(users[0]).toEqual({ id: lee, email: 'lee@example.com', name: 'Lee', active: true });
    expect(users[2]?.active).toBe(false);
    expect(old).not.toBe(lee);
    expect(org.requests).toHaveLength(2);
    expect(await org.port.users([])).toEqual([]);
  });

  it('are compared once each, however many mailboxes ask for theirs', async () => {
    const org = createTestOrg();
    const emails = Array.from({ length: 300 }, (_, n) => `user${n}@example.com`);
    for (const email of emails) org.sf.admin.addUser({ username: `${email}.corp`, email });
    const lowered = vi.spyOn(String.prototype, 'toLowerCase');
    try {
      const users = await org.port.users(emails);
      expect(users.map((user) => user?.email)).toEqual(emails);
      expect(lowered.mock.calls.length).toBeLessThan(300 * 100);
    } finally {
      lowered.mockRestore();
    }
  });
});
