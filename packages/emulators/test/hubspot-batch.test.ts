import { describe, expect, it } from 'vitest';
import { CONTACTS, createTestAccount, type Json } from './hubspot-account.ts';

const people = (count: number, more: (index: number) => object = () => ({})) =>
  Array.from({ length: count }, (_, index) => ({
    properties: { email: `p${index}@example.com`, firstname: `P${index}` },
    ...more(index),
  }));

describe('hubspot: batches', () => {
  it('takes 100 inputs and no more', async () => {
    const { post, hubspot } = createTestAccount();
    expect((await post(`${CONTACTS}/batch/create`, { inputs: people(101) })).status).toBe(400);
    const { status, body } = await post(`${CONTACTS}/batch/create`, { inputs: people(100) });
    expect([status, body.status, body.results.length]).toEqual([201, 'COMPLETE', 100]);
    expect(hubspot.oracle.contacts()).toHaveLength(100);
  });

  it('does not promise the order of results', async () => {
    const { post } = createTestAccount();
    const { body } = await post(`${CONTACTS}/batch/create`, { inputs: people(20) });
    const names = body.results.map((one: Json) => one.properties.firstname);
    expect(names).not.toEqual(people(20).map(({ properties }) => properties.firstname));
    expect([...names].sort()).toEqual(
      people(20)
        .map(({ properties }) => properties.firstname)
        .sort(),
    );
  });

  it('is all or nothing without trace ids, and leaves nothing behind', async () => {
    const { contact, post, hubspot, indexed } = createTestAccount();
    await contact({ email: 'p3@example.com' });
    const refused = await post(`${CONTACTS}/batch/create`, { inputs: people(5) });
    expect([refused.status, refused.body.category]).toEqual([409, 'CONFLICT']);
    expect(hubspot.oracle.contacts()).toHaveLength(1);
    expect(hubspot.oracle.writes('Tidelock')).toHaveLength(1);
    indexed();
    const { body } = await post(`${CONTACTS}/search`, { filterGroups: [] });
    expect(body.total).toBe(1);
  });

  it('succeeds in part where every input has a trace id of its own', async () => {
    const { contact, post, hubspot } = createTestAccount();
    await contact({ email: 'p3@example.com' });
    const inputs = people(5, (index) => ({ objectWriteTraceId: `t${index}` }));
    const { status, body } = await post(`${CONTACTS}/batch/create`, { inputs });
    expect([status, body.numErrors, body.results.length]).toEqual([207, 1, 4]);
    expect(body.errors[0]).toMatchObject({
      category: 'CONFLICT',
      context: { objectWriteTraceId: ['t3'] },
    });
    expect(new Set(body.results.map((one: Json) => one.objectWriteTraceId))).toEqual(
      new Set(['t0', 't1', 't2', 't4']),
    );
    expect(hubspot.oracle.contacts()).toHaveLength(5);
  });

  it('reads what is there and names what is not; merged ids answer with another id', async () => {
    const { contact, post, hubspot } = createTestAccount();
    const [ann, ben, carl] = [
      await contact({ firstname: 'Ann' }),
      await contact({ firstname: 'Ben' }),
      await contact({ firstname: 'Carl' }),
    ];
    const merged = hubspot.admin.mergeContacts(ann, ben);
    hubspot.admin.archiveContact(carl);
    const inputs = [ben, carl, '99999999'].map((id) => ({ id }));
    const read = await post(`${CONTACTS}/batch/read`, { inputs, properties: ['firstname'] });
    expect([read.status, read.body.results.length, read.body.results[0].id]).toEqual([207, 1, merged]);
    expect(read.body.errors[0].context.ids).toEqual([carl, '99999999']);
    const archive = await post(`${CONTACTS}/batch/read?archived=true`, {
      inputs: [{ id: carl }],
      properties: ['firstname'],
    });
    expect(archive.body.results).toMatchObject([{ id: carl, archived: true }]);
  });

  it('updates, and refuses the same record twice in one batch', async () => {
    const { contact, post, hubspot } = createTestAccount();
    const ann = await contact({ firstname: 'Ann' });
    const input = { id: ann, properties: { phone: '1' } };
    expect((await post(`${CONTACTS}/batch/update`, { inputs: [input, input] })).status).toBe(400);
    const inputs = [
      { ...input, objectWriteTraceId: 'a' },
      { id: '99999999', properties: { phone: '2' }, objectWriteTraceId: 'b' },
    ];
    const { status, body } = await post(`${CONTACTS}/batch/update`, { inputs });
    expect([status, body.errors[0].context.objectWriteTraceId]).toEqual([207, ['b']]);
    expect(hubspot.oracle.contact(ann)?.properties.phone).toBe('1');
  });

  it('upserts by a unique property and tells new from known', async () => {
    const { post, hubspot } = createTestAccount();
    const input = (key: string, firstname: string) => ({
      id: key,
      idProperty: 'tidelock_key',
      properties: { firstname },
    });
    const path = `${CONTACTS}/batch/upsert`;
    expect((await post(path, { inputs: [input('k1', 'Ann')] })).body.results[0].new).toBe(true);
    const again = await post(path, { inputs: [input('k1', 'Anna'), input('k2', 'Ben')] });
    expect(
      Object.fromEntries(again.body.results.map((one: Json) => [one.properties.firstname, one.new])),
    ).toEqual({
      Anna: false,
      Ben: true,
    });
    expect(hubspot.oracle.contacts()).toHaveLength(2);
    const by = await post(path, { inputs: [{ id: 'x', idProperty: 'jobtitle', properties: {} }] });
    expect(by.status).toBe(400);
  });

  it('archives in one call, and does not mind what is gone already', async () => {
    const { contact, post, hubspot } = createTestAccount();
    const ann = await contact({ firstname: 'Ann' });
    const inputs = [{ id: ann }, { id: '99999999' }];
    expect((await post(`${CONTACTS}/batch/archive`, { inputs })).status).toBe(204);
    expect(hubspot.oracle.archivedContacts()).toMatchObject([{ id: ann }]);
  });

  it('plays its named faults: locked, a missing result, one refused record', async () => {
    const { post, hubspot } = createTestAccount();
    const create = () =>
      post(`${CONTACTS}/batch/create`, { inputs: people(2, (i) => ({ objectWriteTraceId: `${i}` })) });
    hubspot.faults.inject({ fault: { kind: 'named', name: 'locked' } });
    expect((await create()).status).toBe(423);
    expect(hubspot.oracle.contacts()).toHaveLength(0);
    hubspot.faults.inject({
      match: { path: /contacts\/new/ },
      fault: { kind: 'named', name: 'record-error' },
    });
    expect((await create()).status).toBe(207);
    hubspot.faults.inject({ fault: { kind: 'named', name: 'missing-result' } });
    const read = await post(`${CONTACTS}/batch/read`, { inputs: [], properties: [] });
    expect(read.status).toBe(400);
    const { status, body } = await post(`${CONTACTS}/batch/create`, {
      inputs: people(4).slice(2),
    });
    expect([status, body.results.length]).toEqual([201, 1]);
    expect(hubspot.oracle.contacts()).toHaveLength(3);
  });
});
