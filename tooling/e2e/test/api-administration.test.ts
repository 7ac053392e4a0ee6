import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toCrm, toOutlook } from '../src/people.ts';
import { type Body, createServerWorld, NAMES, type ServerWorld } from '../src/server-world.ts';

let world: ServerWorld;
beforeAll(async () => {
  world = await createServerWorld({ mailboxes: ['ann', 'bob'], records: 'own' });
  const { admin } = world.stage.salesforce;
  for (const n of [1, 2, 3]) admin.createContact(toCrm(n, { OwnerId: world.person('ann').crmUserId }));
  world.stage.graph.admin.createContact(world.person('bob').mailboxId, toOutlook(7));
  await world.job('/sync');
});
afterAll(async () => world[Symbol.asyncDispose]());

const file = () => readFileSync(world.stage.configPath, 'utf8');
const contacts = (name: string) => world.stage.graph.oracle.contacts(world.person(name).mailboxId);
const setup = (body: unknown) => ({ body, role: 'setup' as const });

describe('mailboxes', () => {
  it('are listed with rule, profile and CRM user, filtered and in pages', async () => {
    const { body } = await world.get('/mailboxes?limit=1');
    expect(body).toMatchObject({ total: 2, next: '1' });
    expect(body.items[0]).toMatchObject({
      ...{ address: world.person('ann').address, profile: 'default', state: 'takes part', reasons: [] },
      crmUser: { id: world.person('ann').crmUserId },
    });
    expect((await world.get('/mailboxes?search=bob')).body.total).toBe(1);
    expect((await world.get('/mailboxes?state=blocked')).body.total).toBe(0);
    expect((await world.get('/mailboxes?limit=0')).status).toBe(400);
  });

  it('are paused with a reason and resumed, under the name of whoever did it', async () => {
    const { address } = world.person('ann');
    const paused = await world.send('POST', '/mailboxes/pause', {
      body: { addresses: [address], reason: 'moving' },
    });
    expect(paused.body).toEqual({ changed: [address] });
    const { body } = await world.get('/status');
    const lane = body.lanes.find(({ label }: Body) => label === address);
    expect(lane).toMatchObject({
      state: { text: 'paused' },
      paused: { by: NAMES.operator, reason: 'moving' },
    });
    expect(lane.notes[0].text).toContain('nothing is lost');
    const resumed = await world.send('POST', '/mailboxes/resume', { body: { addresses: 'all' } });
    expect(resumed.body).toEqual({ changed: [address] });
    const acts = (await world.acts()).slice(0, 2).map(({ who, act }) => [who, act]);
    expect(acts).toEqual([
      [NAMES.operator, 'resume'],
      [NAMES.operator, 'pause'],
    ]);
  });

  it('that nobody knows are refused with those that are known', async () => {
    const body = { addresses: ['nobody@contoso.example'] };
    const { status, body: problem } = await world.send('POST', '/mailboxes/pause', { body });
    expect(status).toBe(422);
    expect(problem.problems[0].remedy).toContain(world.person('ann').address);
    expect((await world.send('POST', '/mailboxes/pause', { body, role: 'viewer' })).status).toBe(403);
  });

  it('are read again from the beginning', async () => {
    const { address } = world.person('bob');
    const { body } = await world.send('POST', '/mailboxes/reset', { body: { address } });
    expect(body).toEqual({ reset: address });
    expect((await world.job('/sync')).result).toMatchObject({ settled: true });
    expect(contacts('bob')).toHaveLength(1);
  });

  it('are matched many at a time, each by itself', async () => {
    const [ann, bob] = [world.person('ann'), world.person('bob')];
    const matches = [
      { address: bob.address, user: ann.crmUserId },
      { address: ann.address, user: 'nobody@contoso.example' },
    ];
    const { body } = await world.send('POST', '/mailboxes/match', { body: { matches } });
    expect(body.results[0]).toMatchObject({ crmUser: { id: ann.crmUserId }, problem: null });
    expect(body.results[1].problem.detail).toContain('has no user');
    const list = (await world.get('/mailboxes?search=bob')).body.items;
    expect(list[0]).toMatchObject({ crmUser: { id: ann.crmUserId }, matchedBy: 'decided' });
    const back = { matches: [{ address: bob.address, user: null }] };
    await world.send('POST', '/mailboxes/match', { body: back });
    const [first] = await world.acts();
    expect(first).toMatchObject({ who: NAMES.operator, act: 'mailbox.decided', subject: bob.address });
  });
});

describe('profiles', () => {
  const sales = { contacts: { direction: 'crm>mailbox', records: 'own' } };

  it('are written into the file, in force at once, and recorded', async () => {
    const { body: before } = await world.get('/profiles');
    const put = await world.send(
      'PUT',
      '/profiles/sales',
      setup({ profile: sales, version: before.version }),
    );
    expect(put).toMatchObject({ status: 200, body: { changed: true } });
    expect(file()).toContain('direction: crm>mailbox');
    const { body } = await world.get('/profiles/sales');
    expect(body).toMatchObject({ written: sales, effective: { contacts: { create: { crm: false } } } });
    const late = await world.send(
      'PUT',
      '/profiles/sales',
      setup({ profile: sales, version: before.version }),
    );
    expect(late).toMatchObject({ status: 409, body: { detail: expect.stringContaining('somebody else') } });
    const acts = await world.acts();
    expect(acts.find(({ act }) => act === 'config.changed')?.who).toBe(NAMES.setup);
  });

  it('mailboxes follow one after a bulk assignment', async () => {
    const addresses = [world.person('bob').address];
    const { body } = await world.send('POST', '/mailboxes/assign', setup({ addresses, profile: 'sales' }));
    expect(body.changed).toBe(true);
    const { items } = (await world.get('/mailboxes?profile=sales')).body;
    expect(items.map(({ address }: Body) => address)).toEqual(addresses);
    const operator = await world.send('POST', '/mailboxes/assign', { body: { addresses, profile: null } });
    expect(operator.status).toBe(403);
    const unknown = await world.send('POST', '/mailboxes/assign', setup({ addresses, profile: 'slaes' }));
    expect(unknown).toMatchObject({ status: 422 });
    expect(unknown.body.problems[0].remedy).toContain('sales');
  });

  it('with mistakes change nothing, and every mistake is named', async () => {
    const before = file();
    const profile = { contacts: { direction: 'up', colour: 'red' } };
    const { status, body } = await world.send('PUT', '/profiles/broken', setup({ profile }));
    expect(status).toBe(422);
    expect(body.problems.map(({ path }: Body) => path.replace(/ .*/, ''))).toEqual([
      'profiles.broken.contacts.direction',
      'profiles.broken.contacts.colour',
    ]);
    expect(file()).toBe(before);
    const check = await world.send('POST', '/profiles/broken/check', setup({ profile }));
    expect(check.status).toBe(422);
    expect((await world.get('/profiles/broken')).status).toBe(404);
  });

  it('in use are not taken away', async () => {
    const refused = await world.send('DELETE', '/profiles/sales', { role: 'setup' });
    expect(refused.status).toBe(422);
    const addresses = [world.person('bob').address];
    await world.send('POST', '/mailboxes/assign', setup({ addresses, profile: 'default' }));
    expect((await world.send('DELETE', '/profiles/sales', { role: 'setup' })).body.changed).toBe(true);
    expect((await world.get('/profiles/sales')).status).toBe(404);
  });
});

describe('the mapping', () => {
  const title = { field: 'jobTitle', mailbox: 'jobTitle', crm: 'Title' };

  it('says which properties there are, and which rows are in force', async () => {
    const { body } = await world.get('/mapping/fields');
    expect(body.crm.find(({ name }: Body) => name === 'Title')).toMatchObject({
      type: 'text',
      writable: true,
    });
    expect(body.mailbox.length).toBeGreaterThan(10);
    const { rows } = (await world.get('/mapping/default')).body;
    expect(rows.map(({ field }: Body) => field)).toContain('jobTitle');
    expect((await world.get('/mapping/nobody')).status).toBe(404);
  });

  it('that is shipped keeps the laws, on a real record too', async () => {
    const { body } = await world.send('POST', '/mapping/default/preview', { body: {} });
    expect(body.problems).toEqual([]);
    const email = body.fields.find(({ field }: Body) => field === 'email');
    expect(email).toMatchObject({ same: true, lost: [] });
    expect(email.mailbox.value).toMatch(/@people.example/);
  });

  it('that breaks a law is shown, and cannot be saved', async () => {
    const rows = [{ ...title, field: 'second', crm: 'Department', mailbox: 'jobTitle' }];
    const preview = await world.send('POST', '/mapping/default/preview', { body: { rows } });
    expect(preview.body.problems).toMatchObject([
      { path: 'second', reason: expect.stringContaining('"jobTitle" in the mailbox is written by') },
      { path: 'second', reason: expect.stringContaining('"Department" in the CRM is written by') },
    ]);
    const before = file();
    const saved = await world.send('PUT', '/mapping/default', setup({ rows }));
    expect(saved).toMatchObject({ status: 422, body: { code: 'mapping-laws' } });
    const absent = await world.send(
      'PUT',
      '/mapping/default',
      setup({ rows: [{ ...title, crm: 'Nothing__c' }] }),
    );
    expect(absent.body.problems[0].reason).toContain('no property "Nothing__c"');
    expect(file()).toBe(before);
  });

  it('that keeps them is saved, and the next sync follows it', async () => {
    const rows = [{ ...title, direction: 'crm>mailbox' }];
    const { status } = await world.send('PUT', '/mapping/default', setup({ rows }));
    expect(status).toBe(200);
    const row = (await world.get('/mapping/default')).body.rows.find(
      ({ field }: Body) => field === 'jobTitle',
    );
    expect(row.direction).toBe('crm>mailbox');
    await world.send('PUT', '/mapping/default', setup({ rows: [] }));
    expect(file()).not.toContain('mappingExtra');
  });
});
