import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sample, toCrm, toOutlook } from '../src/people.ts';
import { createServerWorld, NAMES, type ServerWorld } from '../src/server-world.ts';

let world: ServerWorld;
beforeAll(async () => {
  world = await createServerWorld({ stateFile: 'tidelock.db' });
  world.stage.salesforce.admin.seedContacts(4, (n) => toCrm(n + 1));
  world.stage.graph.admin.createContact(world.person().mailboxId, toOutlook(3));
});
afterAll(async () => world[Symbol.asyncDispose]());

const contacts = () => world.stage.graph.oracle.contacts(world.person().mailboxId);

describe('a plan', () => {
  let plan: { planId: string; hash: string };

  it('is made by a job that says how far it is, and writes to neither side', async () => {
    const job = await world.job('/plans');
    expect(job).toMatchObject({ kind: 'plan', state: 'done', by: NAMES.operator, failure: null });
    expect(job.result).toMatchObject({ steps: 4, troubles: [] });
    plan = job.result;
    expect(contacts()).toHaveLength(1);
    const { body } = await world.get(`/plans/${plan.planId}`);
    expect(body).toMatchObject({ id: plan.planId, hash: plan.hash, steps: 4, state: 'open', emails: 0 });
    expect(body.actions).toEqual([
      { action: 'link', side: null, heading: 'link, as one person on both sides', count: 1 },
      { action: 'create', side: 'mailbox', heading: 'create in the mailbox', count: 3 },
    ]);
  });

  it('is looked at step by step, page by page', async () => {
    const first = await world.get(`/plans/${plan.planId}/steps?limit=3`);
    expect(first.body).toMatchObject({ total: 4, next: '3' });
    const rest = await world.get(`/plans/${plan.planId}/steps?limit=3&cursor=3`);
    expect(rest.body).toMatchObject({ total: 4, next: null });
    const links = await world.get(`/plans/${plan.planId}/steps?action=link`);
    expect(links.body.items).toMatchObject([{ title: `${sample(3).first} ${sample(3).last}`, risk: 'link' }]);
  });

  it('is not on the disk in clear', async () => {
    const { readdirSync, readFileSync } = await import('node:fs');
    const folder = `${world.stage.dataDir}/plans`;
    const texts = readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, 'utf8'));
    expect(texts).toHaveLength(2);
    expect(texts.join()).not.toContain(sample(1).last);
    expect(texts.join()).not.toContain('555-00');
  });

  it('is approved by its hash and by nothing else', async () => {
    const wrong = await world.send('POST', `/plans/${plan.planId}/apply`, { body: { hash: '0'.repeat(64) } });
    expect(wrong).toMatchObject({ status: 409, body: { remedy: 'Look at the plan again.' } });
    const viewer = await world.send('POST', `/plans/${plan.planId}/apply`, {
      ...{ body: { hash: plan.hash }, role: 'viewer' },
    });
    expect(viewer.status).toBe(403);
    expect(contacts()).toHaveLength(1);
  });

  it('outlives the process that made it, and is carried out exactly as it was approved', async () => {
    await world.restart();
    world.stage.salesforce.admin.createContact(toCrm(9));
    const job = await world.job(`/plans/${plan.planId}/apply`, { hash: plan.hash });
    expect(job).toMatchObject({ kind: 'apply', state: 'done' });
    expect(job.result.lanes).toMatchObject([{ rows: { done: 4 }, beyond: 1, drift: [] }]);
    expect(contacts()).toHaveLength(4);
    const { body } = await world.get(`/plans/${plan.planId}`);
    expect(body).toMatchObject({
      state: 'carried-out',
      approved: { by: NAMES.operator },
      outcome: { rows: { done: 4 } },
    });
    const again = await world.send('POST', `/plans/${plan.planId}/apply`, { body: { hash: plan.hash } });
    expect(again.status).toBe(409);
    const acts = await world.acts();
    expect(acts.find(({ act }) => act === 'plan.approved')?.who).toBe(NAMES.operator);
  });

  it('that nobody knows is refused, and so is a mailbox that takes no part', async () => {
    expect((await world.get('/plans/nobody')).status).toBe(404);
    const job = await world.job('/plans', { mailboxes: ['else@contoso.example'] });
    expect(job).toMatchObject({ state: 'failed', failure: { problems: [{ path: 'else@contoso.example' }] } });
    const malformed = await world.send('POST', '/plans', { body: { mailboxes: ['x'], more: 1 } });
    expect(malformed.status).toBe(400);
  });
});

describe('syncing, and what is said afterwards', () => {
  it('a sync job does the rest, and the status says that all is well', async () => {
    const job = await world.job('/sync');
    expect(job).toMatchObject({ state: 'done', result: { settled: true, troubles: [] } });
    expect(contacts()).toHaveLength(5);
    const { body } = await world.get('/status');
    expect(body).toMatchObject({
      connected: true,
      refused: null,
      lanes: [{ label: world.person().address, state: { tone: 'good', text: 'ok' }, pairs: 5, notes: [] }],
    });
  });

  it('runs and history say what was changed, and why', async () => {
    const runs = (await world.get('/runs')).body.items;
    expect(runs.map(({ kind }: { kind: string }) => kind)).toContain('sync');
    const { body } = await world.get(`/history?query=${sample(9).email}`);
    expect(body.items[0]).toMatchObject({ side: 'mailbox', because: expect.stringContaining('because') });
    expect((await world.get('/history?since=yesterday')).status).toBe(400);
  });

  it('an item shows both records, its history and the reasons', async () => {
    const found = await world.get(`/items?query=${sample(2).email}`);
    expect(found.body.items).toHaveLength(1);
    const { body } = await world.get(`/items/${found.body.items[0].id}`);
    const email = body.fields.find(({ field }: { field: string }) => field === 'email');
    expect(email).toMatchObject({
      mailbox: { value: sample(2).email },
      crm: { value: sample(2).email },
      differs: false,
    });
    expect(body.history.length).toBeGreaterThan(0);
    expect(body.sentences.length).toBeGreaterThan(0);
    expect((await world.get('/items/00000000-nothing')).status).toBe(404);
    expect((await world.get('/items?query=x')).status).toBe(400);
  });

  it('a cancelled job ends, and one that is unknown is not there', async () => {
    const { body } = await world.send('POST', '/sync', { body: {} });
    const cancelled = await world.send('POST', `/jobs/${body.id}/cancel`);
    expect(['stopping', 'cancelled', 'done']).toContain(cancelled.body.state);
    expect((await world.get('/jobs/nobody')).status).toBe(404);
    expect((await world.send('POST', `/jobs/${body.id}/cancel`, { role: 'viewer' })).status).toBe(403);
    expect((await world.get('/jobs?limit=2')).body.items).toHaveLength(2);
  });
});
