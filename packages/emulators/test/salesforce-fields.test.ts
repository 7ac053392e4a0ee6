import { describe, expect, it } from 'vitest';
import { createTestOrg, type Json, type TestOrg } from './salesforce-org.ts';

const stamp = '2026-08-01T06:00:00.000+0000';

async function createContact(org: TestOrg, fields: Record<string, unknown> = {}): Promise<string> {
  const answer = await org.send('POST', '/sobjects/Contact', { body: { LastName: 'Smith', ...fields } });
  expect(answer.status).toBe(201);
  return answer.body.id;
}

describe('field rules', () => {
  const cases: [string, Json, Json][] = [
    [
      'a missing last name',
      { FirstName: 'J' },
      { errorCode: 'REQUIRED_FIELD_MISSING', fields: ['LastName'] },
    ],
    ['a blank last name', { LastName: '  ' }, { errorCode: 'REQUIRED_FIELD_MISSING', fields: ['LastName'] }],
    [
      'text that is too long',
      { LastName: 'x'.repeat(81) },
      {
        errorCode: 'STRING_TOO_LONG',
        message: `Last Name: data value too large: ${'x'.repeat(81)} (max length=80)`,
      },
    ],
    [
      'an address that is none',
      { Email: 'jane.smith' },
      { errorCode: 'INVALID_EMAIL_ADDRESS', fields: ['Email'] },
    ],
    [
      'an unknown field',
      { Nick: 'J' },
      { errorCode: 'INVALID_FIELD', message: "No such column 'Nick' on sobject of type Contact" },
    ],
    [
      'a read-only field',
      { Name: 'J S' },
      { errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE', fields: ['Name'] },
    ],
    ['a stamp', { SystemModstamp: stamp }, { errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE' }],
    ['a day with a tail', { Birthdate: '1980-01-01 or so' }, { errorCode: 'JSON_PARSER_ERROR' }],
    ['a day that does not exist', { Birthdate: '2026-02-30' }, { errorCode: 'JSON_PARSER_ERROR' }],
    ['an object for text', { Title: { a: 1 } }, { errorCode: 'JSON_PARSER_ERROR' }],
    [
      'a wrong restricted value',
      { MailingGeocodeAccuracy: 'Near' },
      { errorCode: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST' },
    ],
    [
      'an owner that is no id',
      { OwnerId: 'INVALID_OWNER' },
      { errorCode: 'MALFORMED_ID', message: 'Owner ID: id value of incorrect type: INVALID_OWNER' },
    ],
    [
      'a parent of another object',
      { AccountId: '003000000000001AAA' },
      { errorCode: 'MALFORMED_ID', fields: ['AccountId'] },
    ],
    [
      'a parent that is not there',
      { AccountId: '001000000000001AAA' },
      { errorCode: 'INVALID_CROSS_REFERENCE_KEY' },
    ],
  ];

  it.each(cases)('refuse %s', async (_, fields, entry) => {
    const org = await createTestOrg();
    const answer = await org.send('POST', '/sobjects/Contact', {
      body: { LastName: 'Smith', ...fields, ...(fields.FirstName ? { LastName: undefined } : {}) },
    });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual([expect.objectContaining(entry)]);
    expect(org.sf.oracle.contacts()).toEqual([]);
  });

  it('trim text, keep phones as typed, clear by null and by empty text', async () => {
    const org = await createTestOrg();
    const fields = {
      LastName: ' Smith\n',
      Title: '  ',
      Phone: '+44 (0)20 7946-0018 ext. 5',
      Department: 'R&D',
      Birthdate: '1980-02-29',
    };
    const id = await createContact(org, fields);
    expect(org.sf.oracle.contact(id)).toMatchObject({
      LastName: 'Smith',
      Name: 'Smith',
      Title: null,
      Phone: '+44 (0)20 7946-0018 ext. 5',
      Birthdate: '1980-02-29',
    });
    await org.send('PATCH', `/sobjects/Contact/${id}`, { body: { Department: '', Birthdate: null } });
    expect(org.sf.oracle.contact(id)).toMatchObject({ Department: null, Birthdate: null });
    const cleared = await org.send('PATCH', `/sobjects/Contact/${id}`, { body: { LastName: null } });
    expect(cleared.body[0].errorCode).toBe('REQUIRED_FIELD_MISSING');
  });

  it('refuse inactive owners', async () => {
    const org = await createTestOrg();
    const owner = org.sf.admin.addUser({ username: 'gone@example.com', active: false });
    const answer = await org.send('POST', '/sobjects/Contact', { body: { LastName: 'S', OwnerId: owner } });
    expect(answer.body[0].errorCode).toBe('INACTIVE_OWNER_OR_USER');
  });

  it('keep unique fields unique, without case unless told, and let the recycle bin be', async () => {
    const org = await createTestOrg();
    const first = await createContact(org, { TidelockKey__c: 'abc' });
    const second = await org.send('POST', '/sobjects/Contact', {
      body: { LastName: 'S', TidelockKey__c: 'ABC' },
    });
    expect(second.status).toBe(400);
    expect(second.body[0]).toMatchObject({
      errorCode: 'DUPLICATE_VALUE',
      message: `duplicate value found: TidelockKey__c duplicates value on record with id: ${first}`,
    });
    await org.send('PATCH', `/sobjects/Contact/${first}`, {
      body: { TidelockKey__c: 'abc', Title: 'same key is fine' },
    });
    await org.send('DELETE', `/sobjects/Contact/${first}`);
    await createContact(org, { TidelockKey__c: 'abc' });
    expect(() => org.sf.admin.undelete(first)).toThrow(/DUPLICATE_VALUE/);

    org.sf.admin.addField('Contact', { name: 'Exact__c', type: 'string', unique: true, caseSensitive: true });
    await createContact(org, { Exact__c: 'k' });
    await createContact(org, { Exact__c: 'K' });
  });

  it('run validation and duplicate rules', async () => {
    const org = await createTestOrg();
    const { admin } = org.sf;
    admin.addValidationRule({
      object: 'Contact',
      message: 'No titles here',
      field: 'Title',
      failsWhen: (v) => v.Title === 'Dr',
    });
    const invalid = await org.send('POST', '/sobjects/Contact', { body: { LastName: 'S', Title: 'Dr' } });
    expect(invalid.body).toEqual([
      { message: 'No titles here', errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', fields: ['Title'] },
    ]);
    const twin = { body: { LastName: 'Smith', Email: 'Jane@example.com' } };
    await createContact(org, { Email: 'jane@example.com' });
    admin.settings.duplicateRule = 'alert';
    const detected = await org.send('POST', '/sobjects/Contact', twin);
    expect(detected).toMatchObject({ status: 400, body: [{ errorCode: 'DUPLICATES_DETECTED', fields: [] }] });
    const allow = { 'Sforce-Duplicate-Rule-Header': 'allowSave=true' };
    expect((await org.send('POST', '/sobjects/Contact', { ...twin, headers: allow })).status).toBe(201);
    admin.settings.duplicateRule = 'block';
    expect((await org.send('POST', '/sobjects/Contact', { ...twin, headers: allow })).status).toBe(400);
  });
});
