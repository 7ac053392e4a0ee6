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

  it('turns a missing scope and a dead token into findings', async () => {
    const account = createTestAccount();
    account.hubspot.faults.inject({ fault: { kind: 'named', name: 'expired-token' } });
    expect(await account.port.check()).toMatchObject([{ code: 'sign-in', severity: 'block' }]);
  });
});
