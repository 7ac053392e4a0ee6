import { describe, expect, it } from 'vitest';
import { CONTACTS, createTestAccount, type Json, START } from './hubspot-account.ts';

const SEARCH = `${CONTACTS}/search`;
const names = (answer: Json): string[] => answer.body.results.map((one: Json) => one.properties.firstname);
const where = (propertyName: string, operator: string, more: object = {}) => ({
  filterGroups: [{ filters: [{ propertyName, operator, ...more }] }],
  properties: ['firstname'],
});

async function withPeople() {
  const account = createTestAccount();
  await account.contact({ firstname: 'Ann', email: 'ann@one.example', jobtitle: 'Buyer' });
  account.clock.advance(1_000);
  await account.contact({ firstname: 'Ben', email: 'ben@two.example' });
  account.clock.advance(1_000);
  await account.contact({ firstname: 'Carla', email: 'carla@one.example', jobtitle: 'Head of Buying' });
  account.indexed();
  return account;
}

describe('hubspot: search', () => {
  it('lags behind, while reads and lists do not', async () => {
    const { contact, post, get, indexed } = createTestAccount();
    const id = await contact({ firstname: 'Ann' });
    expect((await post(SEARCH, {})).body.total).toBe(0);
    expect((await get(`${CONTACTS}/${id}`)).status).toBe(200);
    indexed();
    expect((await post(SEARCH, {})).body.total).toBe(1);
  });

  it('never shows archived records, nor ids that were merged away', async () => {
    const { contact, post, hubspot, indexed } = createTestAccount();
    const [ann, ben, carl] = [
      await contact({ firstname: 'Ann' }),
      await contact({ firstname: 'Ben' }),
      await contact({ firstname: 'Carl' }),
    ];
    hubspot.admin.archiveContact(carl);
    const merged = hubspot.admin.mergeContacts(ann, ben);
    indexed();
    expect((await post(SEARCH, {})).body.results.map((one: Json) => one.id)).toEqual([merged]);
  });

  it.each([
    { operator: 'EQ', property: 'firstname', more: { value: 'ANN' }, expected: ['Ann'] },
    { operator: 'NEQ', property: 'firstname', more: { value: 'ann' }, expected: ['Ben', 'Carla'] },
    {
      operator: 'IN',
      property: 'email',
      more: { values: ['ben@two.example', 'carla@one.example'] },
      expected: ['Ben', 'Carla'],
    },
    {
      operator: 'NOT_IN',
      property: 'email',
      more: { values: ['ben@two.example'] },
      expected: ['Ann', 'Carla'],
    },
    { operator: 'HAS_PROPERTY', property: 'jobtitle', more: {}, expected: ['Ann', 'Carla'] },
    { operator: 'NOT_HAS_PROPERTY', property: 'jobtitle', more: {}, expected: ['Ben'] },
    {
      operator: 'CONTAINS_TOKEN',
      property: 'email',
      more: { value: '*@one.example' },
      expected: ['Ann', 'Carla'],
    },
    {
      operator: 'NOT_CONTAINS_TOKEN',
      property: 'jobtitle',
      more: { value: 'head' },
      expected: ['Ann', 'Ben'],
    },
    {
      operator: 'GTE',
      property: 'lastmodifieddate',
      more: { value: String(START + 1_000) },
      expected: ['Ben', 'Carla'],
    },
    {
      operator: 'GT',
      property: 'lastmodifieddate',
      more: { value: new Date(START + 1_000).toISOString() },
      expected: ['Carla'],
    },
    {
      operator: 'LT',
      property: 'lastmodifieddate',
      more: { value: String(START + 1_000) },
      expected: ['Ann'],
    },
    {
      operator: 'LTE',
      property: 'createdate',
      more: { value: String(START + 1_000) },
      expected: ['Ann', 'Ben'],
    },
    {
      operator: 'BETWEEN',
      property: 'createdate',
      more: { value: String(START), highValue: String(START + 1_000) },
      expected: ['Ann', 'Ben'],
    },
  ])('$operator on $property', async ({ operator, property, more, expected }) => {
    const { post } = await withPeople();
    expect(names(await post(SEARCH, where(property, operator, more)))).toEqual(expected);
  });

  it('joins the filters of a group and offers groups as alternatives; one sort', async () => {
    const { post } = await withPeople();
    const filter = (propertyName: string, value: string) => ({ propertyName, operator: 'EQ', value });
    const body = {
      filterGroups: [
        { filters: [filter('firstname', 'ann'), filter('jobtitle', 'buyer')] },
        { filters: [filter('firstname', 'ben')] },
      ],
      properties: ['firstname'],
    };
    const sorted = (sorts: unknown) => post(SEARCH, { ...body, sorts });
    expect(names(await sorted([{ propertyName: 'firstname', direction: 'DESCENDING' }]))).toEqual([
      'Ben',
      'Ann',
    ]);
    expect(names(await sorted(['firstname']))).toEqual(['Ann', 'Ben']);
    expect((await sorted(['firstname', 'email'])).status).toBe(400);
  });

  it('refuses unknown operators and properties, and more filters than allowed', async () => {
    const { post } = await withPeople();
    for (const body of [
      where('firstname', 'LIKE', { value: 'a' }),
      where('no_such', 'EQ', { value: 'a' }),
      where('firstname', 'IN'),
      { filterGroups: Array.from({ length: 6 }, () => ({ filters: [] })) },
      { limit: 201 },
    ])
      expect((await post(SEARCH, body)).status).toBe(400);
  });

  it('pages by offset, up to 10,000 results', async () => {
    const { post } = await withPeople();
    const first = await post(SEARCH, { limit: 2 });
    expect([first.body.total, first.body.paging.next.after]).toEqual([3, '2']);
    const second = await post(SEARCH, { limit: 2, after: '2' });
    expect([second.body.results.length, second.body.paging]).toEqual([1, undefined]);
    expect((await post(SEARCH, { limit: 100, after: '10000' })).status).toBe(400);
    expect((await post(SEARCH, { limit: 100, after: '9900' })).status).toBe(200);
  });

  it('shows a contact again after the service computed something', async () => {
    const { post, hubspot, clock, indexed } = await withPeople();
    const [ann] = hubspot.oracle.contacts();
    clock.advance(60_000);
    const since = clock.now();
    hubspot.admin.touchContact(ann?.id ?? '');
    indexed();
    expect(names(await post(SEARCH, where('lastmodifieddate', 'GTE', { value: String(since) })))).toEqual([
      'Ann',
    ]);
  });
});
