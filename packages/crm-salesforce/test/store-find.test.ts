import { describe, expect, it } from 'vitest';
import { createTestOrg } from '../src/conformance/org.ts';

/** Long enough for several statements. */
const emailAt = (index: number): string => `lee${index}@${'long'.repeat(11)}.example.com`;
const EMAILS = Array.from({ length: 200 }, (_, index) => emailAt(index));

describe('look-ups of many values in one request', () => {
  it('are sent again when no answer came: they only ask', async () => {
    const org = createTestOrg();
    const store = org.open();
    await store.list('contacts', null);
    const id = org.sf.admin.createContact({ LastName: 'Lee', Email: emailAt(150) });
    org.requests.length = 0;
    org.sf.faults.inject({ match: { path: /\/composite$/ }, fault: { kind: 'lost', applied: false } });
    const found = await store.find('email', EMAILS);
    expect(found.flatMap((records) => records.map((record) => record.id))).toEqual([id]);
    expect(org.requests.filter((each) => each.endsWith('/composite'))).toHaveLength(2);
  });

  it('are not sent for ever', async () => {
    const org = createTestOrg();
    const store = org.open();
    await store.list('contacts', null);
    const fault = { kind: 'lost', applied: false } as const;
    org.sf.faults.inject({ match: { path: /\/services\/data/ }, fault, times: 50 });
    await expect(store.find('email', EMAILS)).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
