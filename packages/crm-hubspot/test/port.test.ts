import { describe, expect, it } from 'vitest';
import { createTestAccount } from '../src/conformance/account.ts';

describe('probe and set-up', () => {
  it('blocks without the stamp property, and says where to make it', async () => {
    const account = createTestAccount({ stampProperty: false });
    const [finding] = await account.port.check();
    expect(finding).toMatchObject({ code: 'stamp-property-missing', severity: 'block' });
    expect(finding?.remedy).toContain('Require unique values');
    expect(await account.port.setup()).toMatchObject([{ code: 'stamp-property', done: false }]);
    account.hubspot.admin.addProperty('contacts', { name: 'tidelock_key' });
    expect((await account.port.check())[0]).toMatchObject({ code: 'stamp-property-not-unique' });
  });

  it('is content with a prepared account, and names optional rows that are left out', async () => {
    const account = createTestAccount();
    const findings = await account.port.check();
    expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(findings.some(({ text }) => text.includes('contact_notes'))).toBe(true);
    expect((await account.port.setup()).every(({ done }) => done)).toBe(true);
  });

  it('makes the stamp property when it is asked to, once, and the one that it wants', async () => {
    const account = createTestAccount({ stampProperty: false });
    const { port } = account;
    expect(await port.setup()).toMatchObject([{ code: 'stamp-property', done: false, automatic: true }]);
    expect(await port.provision?.(['something-else'])).toMatchObject([{ done: false }]);
    expect(await port.provision?.(['stamp-property'])).toMatchObject([{ done: true }]);
    const created = () =>
      account.requests.filter((request) => request === 'POST /crm/v3/properties/contacts');
    expect(created()).toHaveLength(1);
    await port.provision?.(['stamp-property']);
    expect(created()).toHaveLength(1);
    expect((await port.check()).filter(({ severity }) => severity === 'block')).toEqual([]);
    const stamp = '00000000-0000-4000-8000-000000000009';
    const create = { op: 'create', stamp, fields: { firstname: 'Ann' } } as const;
    expect(await account.open().write([create])).toMatchObject([{ status: 'ok' }]);
    expect(await account.open().write([create])).toMatchObject([{ status: 'duplicate' }]);
  });

  it('makes what meetings need where they take part, each once, and leaves contacts alone', async () => {
    const account = createTestAccount();
    const { port, hubspot } = account;
    const kinds = ['contact', 'event'] as const;
    for (const name of ['tidelock_key', 'tidelock_uid', 'tidelock_all_day'])
      hubspot.admin.removeProperty('meetings', name);
    const open = async () => (await port.setup({ kinds })).filter(({ done }) => !done);
    const missing = ['meeting-stamp-property', 'meeting-uid-property', 'meeting-all-day-property'];
    expect((await open()).map(({ code }) => code)).toEqual(missing);
    expect((await port.setup()).every(({ done }) => done)).toBe(true);
    await port.provision?.(missing.slice(1), { kinds });
    expect((await open()).map(({ code }) => code)).toEqual(missing.slice(0, 1));
    await port.provision?.(missing, { kinds });
    expect(await open()).toEqual([]);
    const posts = account.requests.filter((request) => request.startsWith('POST /crm/v3/properties/'));
    expect(posts).toEqual(Array.from({ length: 3 }, () => 'POST /crm/v3/properties/meetings'));
    const store = port.open({ kind: 'event' });
    expect((await store.probe()).findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
  });

  it('leaves a property of the same name that somebody else made to a person', async () => {
    const account = createTestAccount({ stampProperty: false });
    account.hubspot.admin.addProperty('contacts', { name: 'tidelock_key' });
    expect(await account.port.setup()).toMatchObject([{ done: false, automatic: false }]);
    const before = account.requests.length;
    expect(await account.port.provision?.(['stamp-property'])).toMatchObject([{ done: false }]);
    expect(account.requests.slice(before).every((request) => request.startsWith('GET'))).toBe(true);
  });

  it('says which right is missing where it may not make it, and takes one that came meanwhile', async () => {
    const account = createTestAccount({ stampProperty: false });
    const { admin } = account.hubspot;
    admin.setScopes(account.app.appId, ['crm.objects.contacts.read', 'crm.objects.contacts.write']);
    await expect(account.port.provision?.(['stamp-property'])).rejects.toMatchObject({
      kind: 'forbidden',
      code: 'MISSING_SCOPES',
    });
    const other = createTestAccount({ stampProperty: false });
    other.intercept = async (request, forward) => {
      if (request.method === 'POST')
        other.hubspot.admin.addProperty('contacts', { name: 'tidelock_key', hasUniqueValue: true });
      return forward();
    };
    expect(await other.port.provision?.(['stamp-property'])).toMatchObject([{ done: true }]);
  });

  it('turns a missing scope and a dead token into findings', async () => {
    const account = createTestAccount();
    account.hubspot.faults.inject({ fault: { kind: 'named', name: 'expired-token' } });
    expect(await account.port.check()).toMatchObject([{ code: 'sign-in', severity: 'block' }]);
  });
});
