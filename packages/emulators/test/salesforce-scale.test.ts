import { expect, it } from 'vitest';
import { createTestOrg, type Json } from './salesforce-org.ts';

const COUNT = 50_000;

it('seeds 50,000 contacts and pages through them without slowing down', async () => {
  const org = await createTestOrg();
  const began = performance.now();
  const ids = org.sf.admin.seedContacts(COUNT, (index) => {
    if (index % 100 === 0) org.clock.advance(1000);
    return { LastName: `Last ${index}`, Email: `c${index}@example.com`, TidelockKey__c: `key-${index}` };
  });
  const seeded = performance.now();
  const soql =
    'SELECT Id, LastName, SystemModstamp FROM Contact WHERE SystemModstamp >= 2026-08-01T00:00:00Z ORDER BY SystemModstamp, Id';
  let page = (await org.queryAll(soql)).body;
  const seen: string[] = page.records.map((row: Json) => row.Id);
  while (!page.done) {
    page = (await org.get(page.nextRecordsUrl)).body;
    for (const row of page.records) seen.push(row.Id);
  }
  expect(seen).toEqual(ids);
  const paged = performance.now();
  for (let index = 0; index < 500; index += 1) {
    const at = (index * 97) % COUNT;
    expect(
      (await org.query(`SELECT Id FROM Contact WHERE TidelockKey__c = 'KEY-${at}'`)).body.records[0].Id,
    ).toBe(ids[at]);
    await org.send('PATCH', `/sobjects/Contact/${ids[at]}`, { body: { Title: 'x' } });
    expect(
      (await org.query(`${soql.replace('2026-08-01T00:00:00Z', '2026-08-01T06:08:20Z')} LIMIT 1`)).body
        .totalSize,
    ).toBe(1);
  }
  const done = performance.now();
  // Generous against a busy machine: a scan per look-up or quadratic paging takes minutes.
  expect(seeded - began).toBeLessThan(15_000);
  expect(paged - seeded).toBeLessThan(15_000);
  expect(done - paged).toBeLessThan(15_000);
});
