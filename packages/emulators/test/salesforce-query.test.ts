import { describe, expect, it } from 'vitest';
import { createTestOrg, DATA, type Json, type TestOrg } from './salesforce-org.ts';

const names = (answer: { body: Json }): string[] =>
  answer.body.records.map((record: Json) => record.LastName);

async function createFilledOrg(): Promise<TestOrg> {
  const org = await createTestOrg();
  const { admin } = org.sf;
  const acme = admin.createAccount({ Name: 'Acme', Website: 'https://acme.example' });
  admin.createContact({
    LastName: 'Ash',
    FirstName: 'Ann',
    Email: 'ann@example.com',
    AccountId: acme,
    Birthdate: '1980-01-01',
  });
  org.clock.advance(1000);
  admin.createContact({ LastName: "O'Brien", Title: 'a_b%c', Email: 'brian@example.com' });
  org.clock.advance(1000);
  admin.createContact({ LastName: 'ash', Title: 'axbyc', TidelockKey__c: 'key-1' });
  return org;
}

describe('SOQL conditions', () => {
  const cases: [string, string[]][] = [
    ["LastName = 'ASH'", ['Ash', 'ash']],
    ["LastName != 'ash'", ["O'Brien"]],
    ["Title != 'axbyc'", ['Ash', "O'Brien"]],
    ["LastName = 'O\\'Brien'", ["O'Brien"]],
    ['Title = null', ['Ash']],
    ['Title <> NULL', ["O'Brien", 'ash']],
    ["LastName IN ('ash', 'x') AND Title = null", ['Ash']],
    ["LastName NOT IN ('ash')", ["O'Brien"]],
    ["Title LIKE 'a_b_c'", ["O'Brien", 'ash']],
    ["Title LIKE 'a\\_b\\%c'", ["O'Brien"]],
    ["Email LIKE '%@EXAMPLE.com'", ['Ash', "O'Brien"]],
    ["NOT (LastName LIKE 'a%' OR Title LIKE '%z')", ["O'Brien"]],
    ["(LastName = 'Ash' AND Title = null) OR TidelockKey__c = 'KEY-1'", ['Ash', 'ash']],
    ["Account.Name = 'acme'", ['Ash']],
    ['Account.Name = null', ["O'Brien", 'ash']],
    ['SystemModstamp > 2026-08-01T06:00:00Z', ["O'Brien", 'ash']],
    [
      'SystemModstamp >= 2026-08-01T08:00:01+02:00 AND SystemModstamp < 2026-08-01T06:00:02.000Z',
      ["O'Brien"],
    ],
    ['SystemModstamp = 2026-08-01T06:00:02Z OR SystemModstamp <= 2026-08-01T06:00:00Z', ['Ash', 'ash']],
    ['Birthdate < 1990-01-01', ['Ash']],
    ['IsDeleted = false AND IsEmailBounced != true', ['Ash', "O'Brien", 'ash']],
    ["CreatedBy.Username = 'rhea.person@example.com' AND LastName > 'b'", ["O'Brien"]],
  ];

  it.each(cases)('%s', async (condition, expected) => {
    const org = await createFilledOrg();
    const answer = await org.query(`SELECT LastName FROM Contact WHERE ${condition} ORDER BY Id`);
    expect(answer.body).toMatchObject({ totalSize: expected.length, done: true });
    expect(names(answer)).toEqual(expected);
  });

  it('takes ids in both lengths, and lists of them', async () => {
    const org = await createFilledOrg();
    const ids = org.sf.oracle.contacts().map((contact) => String(contact.Id));
    const list = [ids[2], ids[0]?.slice(0, 15)].map((id) => `'${id}'`).join(',');
    expect(names(await org.query(`SELECT LastName FROM Contact WHERE Id IN (${list})`))).toEqual([
      'Ash',
      'ash',
    ]);
    expect(
      names(await org.query(`SELECT LastName FROM Contact WHERE Id > '${ids[0]}' ORDER BY Id`)),
    ).toHaveLength(2);
  });
});

describe('SOQL results', () => {
  it('have attributes, relationships and null, in the order selected', async () => {
    const org = await createFilledOrg();
    const [ash, brien] = (
      await org.query('select email, account.name, account.website, id from contact order by id')
    ).body.records;
    expect(Object.keys(ash)).toEqual(['attributes', 'Email', 'Account', 'Id']);
    expect(ash.Account).toEqual({
      attributes: { type: 'Account', url: expect.stringContaining(`${DATA}/sobjects/Account/001`) },
      Name: 'Acme',
      Website: 'https://acme.example',
    });
    expect(brien.Account).toBeNull();
  });

  it('sort by several fields, nulls first unless told', async () => {
    const org = await createFilledOrg();
    expect(names(await org.query('SELECT LastName FROM Contact ORDER BY Title DESC NULLS LAST'))).toEqual([
      'ash',
      "O'Brien",
      'Ash',
    ]);
    expect(names(await org.query('SELECT LastName FROM Contact ORDER BY Title'))[0]).toBe('Ash');
    expect(
      names(await org.query('SELECT LastName FROM Contact ORDER BY LastName ASC, Id DESC LIMIT 2')),
    ).toEqual(['ash', 'Ash']);
    expect(
      names(await org.query('SELECT LastName FROM Contact ORDER BY SystemModstamp, Id LIMIT 1 OFFSET 1')),
    ).toEqual(["O'Brien"]);
  });

  it('count, and read users and accounts', async () => {
    const org = await createFilledOrg();
    expect((await org.query('SELECT COUNT() FROM Contact')).body).toEqual({
      totalSize: 3,
      done: true,
      records: [],
    });
    const users = await org.query(
      "SELECT Id, Username, IsActive FROM User WHERE IsActive = true AND Email IN ('tidelock@example.com')",
    );
    expect(users.body.records).toEqual([expect.objectContaining({ Id: org.userId, IsActive: true })]);
    expect((await org.query('SELECT Name FROM Account')).body.records[0].Name).toBe('Acme');
  });
});

describe('SOQL errors', () => {
  const cases: [string, string, string][] = [
    ['SELECT Id FROM Task', 'INVALID_TYPE', "sObject type 'Task' is not supported"],
    ['SELECT Id, Nick FROM Contact', 'INVALID_FIELD', "No such column 'Nick' on entity 'Contact'"],
    ['SELECT Boss.Name FROM Contact', 'INVALID_FIELD', "Didn't understand relationship 'Boss'"],
    ['SELECT Id, Id FROM Contact', 'INVALID_FIELD', 'duplicate field selected: Id'],
    ['SELECT Id Contact', 'MALFORMED_QUERY', "unexpected token: 'Contact'"],
    ['SELECT FROM Contact', 'MALFORMED_QUERY', "unexpected token: 'FROM'"],
    [
      "SELECT Id FROM Contact WHERE Name = 'a' AND Title = 'b' OR Title = 'c'",
      'MALFORMED_QUERY',
      "unexpected token: 'OR'",
    ],
    ["SELECT Id FROM Contact WHERE Name = 'a", 'MALFORMED_QUERY', "mismatched character '<EOF>'"],
    ["SELECT Id FROM Contact WHERE Name = 'a\\x'", 'MALFORMED_QUERY', 'Illegal character sequence'],
    ['SELECT Id FROM Contact WHERE', 'MALFORMED_QUERY', 'unexpected token: <EOF>'],
    ['SELECT Id FROM Contact LIMIT x', 'MALFORMED_QUERY', "unexpected token: 'x'"],
    [
      "SELECT Id FROM Contact WHERE SystemModstamp > '2026-08-01T00:00:00Z'",
      'INVALID_FIELD',
      'should not be enclosed in quotes',
    ],
    ['SELECT Id FROM Contact WHERE LastName = 5', 'INVALID_FIELD', 'should be enclosed in quotes'],
    [
      "SELECT Id FROM Contact WHERE Description = 'x'",
      'INVALID_FIELD',
      "field 'Description' can not be filtered",
    ],
    ['SELECT Id FROM Contact ORDER BY Description', 'MALFORMED_QUERY', 'can not be sorted'],
    ["SELECT Id FROM Contact WHERE Id = 'abc'", 'INVALID_QUERY_FILTER_OPERATOR', 'invalid ID field: abc'],
    ['SELECT Id FROM Contact OFFSET 2001', 'NUMBER_OUTSIDE_VALID_RANGE', '2000'],
    ['', 'MALFORMED_QUERY', ''],
  ];

  it.each(cases)('%s', async (soql, errorCode, message) => {
    const org = await createTestOrg();
    const answer = await org.query(soql);
    expect(answer).toMatchObject({
      status: 400,
      body: [{ errorCode, message: expect.stringContaining(message) }],
    });
  });

  it('show the place', async () => {
    const org = await createTestOrg();
    const { message } = (await org.query('select count() from XYZZY')).body[0];
    expect(
      message.startsWith('\nselect count() from XYZZY\n                    ^\nERROR at Row:1:Column:21\n'),
    ).toBe(true);
  });

  it('URIs longer than 16,384 bytes give 414, but not inside a composite request', async () => {
    const org = await createTestOrg();
    const ids = Array.from({ length: 800 }, () => "'003000000000001AAA'").join(',');
    const soql = `SELECT Id FROM Contact WHERE Id IN (${ids})`;
    expect((await org.query(soql)).status).toBe(414);
    const url = `${DATA}/query?q=${encodeURIComponent(soql)}`;
    const compositeRequest = [{ method: 'GET', url, referenceId: 'a' }];
    const inner = await org.send('POST', '/composite', { body: { compositeRequest } });
    expect(inner.body.compositeResponse[0].httpStatusCode).toBe(200);
  });
});

describe('paging', () => {
  it('follows relative locators in batches, and reads what the query found', async () => {
    const org = await createTestOrg();
    org.sf.admin.seedContacts(450, (index) => ({ LastName: `L${index}` }));
    const soql = 'SELECT LastName FROM Contact ORDER BY SystemModstamp, Id';
    const pages = [(await org.query(soql, { 'Sforce-Query-Options': 'batchSize=200' })).body];
    expect(pages[0]).toMatchObject({ totalSize: 450, done: false });
    expect(pages[0].nextRecordsUrl).toMatch(/^\/services\/data\/v66\.0\/query\/01g\w{15}-200$/);
    org.sf.admin.createContact({ LastName: 'too late' });
    while (!pages.at(-1).done) pages.push((await org.get(pages.at(-1).nextRecordsUrl)).body);
    expect(pages.map((page) => page.records.length)).toEqual([200, 200, 50]);
    const all = pages.flatMap((page) => names({ body: page }));
    expect(new Set(all).size).toBe(450);
    expect(all).not.toContain('too late');
    expect(pages.at(-1).nextRecordsUrl).toBeUndefined();
  });

  it('locators end after two days, with the eleventh cursor, and on demand', async () => {
    const org = await createTestOrg();
    org.sf.admin.seedContacts(300, (index) => ({ LastName: `L${index}` }));
    const headers = { 'Sforce-Query-Options': 'batchSize=1' };
    const open = async () =>
      (await org.query('SELECT Id FROM Contact', headers)).body.nextRecordsUrl as string;
    const first = await open();
    expect((await org.get(first)).status).toBe(200);
    for (let index = 0; index < 10; index += 1) await open();
    const invalid = { status: 400, body: [{ errorCode: 'INVALID_QUERY_LOCATOR' }] };
    expect(await org.get(first)).toMatchObject(invalid);
    const second = await open();
    org.sf.faults.inject({ fault: { kind: 'named', name: 'expired-locator' } });
    expect(await org.get(second)).toMatchObject(invalid);
    expect((await org.get(second)).status).toBe(200);
    org.sf.admin.settings.sessionTimeoutMs = 3 * 86_400_000;
    await org.get('/limits');
    org.clock.advance(2 * 86_400_000);
    expect(await org.get(second)).toMatchObject(invalid);
  });

  it('can come back empty as if access had been lost', async () => {
    const org = await createFilledOrg();
    org.sf.faults.inject({ match: { path: /queryAll/ }, fault: { kind: 'named', name: 'empty-query' } });
    expect((await org.query('SELECT Id FROM Contact')).body.totalSize).toBe(3);
    expect((await org.queryAll('SELECT Id FROM Contact')).body).toEqual({
      totalSize: 0,
      done: true,
      records: [],
    });
    expect((await org.queryAll('SELECT Id FROM Contact')).body.totalSize).toBe(3);
  });

  it('can be made endless', async () => {
    const org = await createTestOrg();
    org.sf.admin.seedContacts(300, (index) => ({ LastName: `L${index}` }));
    const first = await org.query('SELECT Id FROM Contact', { 'Sforce-Query-Options': 'batchSize=200' });
    org.sf.faults.inject({ times: 2, fault: { kind: 'named', name: 'endless-pages' } });
    const again = await org.get(first.body.nextRecordsUrl);
    expect(again.body).toMatchObject({ done: false, nextRecordsUrl: first.body.nextRecordsUrl });
  });
});
