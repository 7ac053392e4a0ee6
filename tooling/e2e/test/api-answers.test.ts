import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sample, toCrm, toOutlook } from '../src/people.ts';
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

const contacts = (name: string) => world.stage.graph.oracle.contacts(world.person(name).mailboxId);

describe('questions', () => {
  it('are listed, looked at, and answered once', async () => {
    const { admin } = world.stage.salesforce;
    const owner = { OwnerId: world.person('bob').crmUserId };
    admin.createContact(toCrm(11, owner));
    admin.createContact(toCrm(11, owner));
    world.stage.graph.admin.createContact(world.person('bob').mailboxId, toOutlook(11));
    await world.job('/sync');
    const { body } = await world.get('/reviews');
    expect(body).toMatchObject({ total: 1, counts: { match: 1 }, unread: null });
    const [review] = body.items;
    expect(review).toMatchObject({ kind: 'match', question: 'Are these one person?' });
    expect(review.answers.map(({ answer }: Body) => answer)).toEqual(['link', 'separate']);
    const whole = (await world.get(`/reviews/${review.id}`)).body;
    expect(whole.shown.length).toBeGreaterThanOrEqual(2);
    expect(JSON.stringify(whole.shown)).toContain(sample(11).email);
    const wrong = await world.send('POST', `/reviews/${review.id}/decide`, { body: { answer: 'perhaps' } });
    expect(wrong.status).toBe(422);
    const many = await world.send('POST', '/reviews/decide', {
      body: { kind: 'match', answer: 'link', count: 5 },
    });
    expect(many).toMatchObject({ status: 409, body: { code: 'count' } });
    const done = await world.send('POST', `/reviews/${review.id}/decide`, { body: { answer: 'separate' } });
    expect(done.body).toEqual({ answered: [review.id], effect: 'it treats them as strangers, for good.' });
    expect(
      (await world.send('POST', `/reviews/${review.id}/decide`, { body: { answer: 'link' } })).status,
    ).toBe(404);
    expect((await world.acts())[0]).toMatchObject({ who: NAMES.operator, act: 'review.decided' });
  });
});

describe('undo', () => {
  it('is looked at first, and carried out as it was looked at', async () => {
    const { admin } = world.stage.salesforce;
    const [contact] = world.stage.salesforce.oracle.contacts();
    admin.updateContact(String(contact?.Id), { Title: 'Chief' });
    world.clock.advance(600_000);
    await world.job('/sync');
    const [run] = (await world.get('/runs')).body.items;
    const preview = await world.send('POST', '/undo/preview', { body: { what: run.id } });
    expect(preview.body).toMatchObject({ kind: 'run', counts: { planned: 1, done: 0 } });
    expect(preview.body.lanes[0].items[0].lines[0]).toContain("jobTitle: 'Chief' → ");
    const stale = await world.job('/undo', { what: run.id, preview: '0'.repeat(64) });
    expect(stale).toMatchObject({ state: 'failed', failure: { code: 'conflict' } });
    const job = await world.job('/undo', { what: run.id, preview: preview.body.preview });
    expect(job).toMatchObject({ state: 'done', result: { counts: { done: 1 }, lanes: [{ paused: true }] } });
    expect(contacts('ann').map(({ jobTitle }: Body) => jobTitle)).not.toContain('Chief');
    expect((await world.acts()).find(({ act }) => act === 'undo')?.who).toBe(NAMES.operator);
    await world.send('POST', '/mailboxes/resume', { body: { addresses: 'all' } });
  });

  it('says when nothing, or too little, is named', async () => {
    expect((await world.send('POST', '/undo/preview', { body: {} })).status).toBe(422);
    expect((await world.send('POST', '/undo/preview', { body: { what: 'nobody@x.example' } })).status).toBe(
      404,
    );
    const several = await world.send('POST', '/undo/preview', { body: { what: 'people.example' } });
    expect([404, 409]).toContain(several.status);
  });
});

describe('proofs', () => {
  it('the reach is proved by a job, and recorded', async () => {
    const { body } = { body: await world.job('/reach', { outside: [] }) };
    expect(body.result).toMatchObject({ asIntended: true, counts: { open: 2, 'too-wide': 0 } });
    expect(body.result.rows[0].text).toBe('open, as intended');
    expect((await world.acts())[0]).toMatchObject({ who: NAMES.operator, act: 'reach.proved' });
  });

  it('the doctor looks at everything', async () => {
    const { result } = await world.job('/doctor');
    expect(result.checks.map(({ name }: Body) => name)).toContain('key-canary');
    expect(result.checks.filter(({ status }: Body) => status === 'fail')).toEqual([]);
  });

  it('the trail is read in pages, filtered, and given away whole to setup alone', async () => {
    const first = (await world.get('/audit?limit=2')).body;
    const second = (await world.get(`/audit?limit=2&cursor=${first.next}`)).body;
    expect(first.items[1].seq).toBe(second.items[0].seq + 1);
    const kinds = (await world.get('/audit?act=mailbox')).body.items.map(
      ({ act }: Body) => act.split('.')[0],
    );
    expect(new Set(kinds)).toEqual(new Set(['mailbox']));
    const whole = await world.get('/audit.ndjson', 'setup');
    const lines = whole.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.length).toBe((await world.acts()).length);
    expect(lines[0]).toMatchObject({ seq: lines.length, at: expect.stringMatching(/Z$/) });
    expect((await world.get('/audit.ndjson', 'operator')).status).toBe(403);
  });

  it('reading changed nothing of it', async () => {
    const before = (await world.acts()).length;
    for (const path of [
      '/status',
      '/mailboxes',
      '/profiles',
      '/reviews',
      '/jobs',
      '/plans',
      '/runs',
      '/history',
    ])
      expect((await world.get(path)).status).toBe(200);
    expect((await world.acts()).length).toBe(before);
  });
});
