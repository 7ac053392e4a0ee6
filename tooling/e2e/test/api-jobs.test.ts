import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { toCrm } from '../src/people.ts';
import { type Body, createServerWorld, NAMES, type ServerWorld } from '../src/server-world.ts';

vi.setConfig({ testTimeout: 90_000 });

/** More than one job can do before somebody cancels it: the CRM takes 200 at a time. */
const MANY = 900;

let world: ServerWorld;
beforeEach(async () => {
  world = await createServerWorld({ stateFile: 'tidelock.db' });
});
afterEach(async () => world[Symbol.asyncDispose]());

const contacts = () => world.stage.graph.oracle.contacts(world.person().mailboxId).length;

async function until(wanted: () => Promise<boolean> | boolean): Promise<void> {
  for (let turn = 0; turn < 4_000; turn += 1) {
    if (await wanted()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('it never came to that');
}

const jobOf = async (id: string): Promise<Body> => (await world.get(`/jobs/${id}`)).body;

async function planned(): Promise<{ planId: string; hash: string }> {
  world.stage.salesforce.admin.seedContacts(MANY, (n) => toCrm(n + 1));
  const { result } = await world.job('/plans');
  expect(result.steps).toBe(MANY);
  return result;
}

it('a plan that was being carried out when the process ended goes on at the next start, once', async () => {
  const { planId, hash } = await planned();
  await world.send('POST', `/plans/${planId}/apply`, { body: { hash } });
  await until(() => contacts() > 0);
  await world.restart();
  expect(contacts()).toBeLessThan(MANY);
  const [job, ...more] = await world.work().plans.resume();
  expect(more).toEqual([]);
  await until(async () => (await jobOf(job?.id ?? '')).endedAt !== null);
  expect(contacts()).toBe(MANY);
  expect((await world.get(`/plans/${planId}`)).body).toMatchObject({ state: 'carried-out' });
  expect(await world.work().plans.resume()).toEqual([]);
});

it('a plan that was changed on the disk is not carried out, and says so', async () => {
  const { planId, hash } = await planned();
  const rows = `${world.stage.dataDir}/plans/${planId}.rows`;
  const [first = '', ...rest] = readFileSync(rows, 'utf8').split('\n');
  writeFileSync(rows, [first].join('\n'));
  const job = await world.job(`/plans/${planId}/apply`, { hash });
  expect(job).toMatchObject({ state: 'failed', failure: { problems: [{ remedy: 'Make a new plan.' }] } });
  expect(contacts()).toBe(0);
  expect((await world.get(`/plans/${planId}`)).body.state).toBe('open');
  const other = first[90] === 'A' ? 'B' : 'A';
  writeFileSync(rows, [`${first.slice(0, 90)}${other}${first.slice(91)}`, ...rest].join('\n'));
  expect((await world.job(`/plans/${planId}/apply`, { hash })).state).toBe('failed');
  writeFileSync(rows, [first, ...rest].join('\n'));
  expect((await world.job(`/plans/${planId}/apply`, { hash })).state).toBe('done');
});

it('a job that somebody cancels ends at a safe point, says what it did, and is not gone on with', async () => {
  const { planId, hash } = await planned();
  const { body } = await world.send('POST', `/plans/${planId}/apply`, { body: { hash } });
  await until(() => contacts() > 0);
  const { progress, state } = await jobOf(body.id);
  expect(state).toBe('running');
  expect(progress.mailbox).toBe(world.person().address);
  await world.send('POST', `/jobs/${body.id}/cancel`);
  await until(async () => (await jobOf(body.id)).endedAt !== null);
  const ended = await jobOf(body.id);
  expect(ended.state).toBe('cancelled');
  expect(ended.result.lanes[0].rows.pending).toBeGreaterThan(0);
  const made = contacts();
  expect(made).toBeLessThan(MANY);
  expect(await world.work().plans.resume()).toEqual([]);
  expect((await world.acts())[0]).toMatchObject({ who: NAMES.operator, act: 'job.cancelled' });
  // Nothing is lost, and nothing is doubled: what was left is done by the next sync.
  expect((await world.job('/sync')).result.settled).toBe(true);
  expect((await world.acts()).find(({ act }) => act === 'sync.started')?.who).toBe(NAMES.operator);
  expect(contacts()).toBe(MANY);
});

it('whoever started a job may leave: it is told to all who listen, and goes on', async () => {
  world.stage.salesforce.admin.seedContacts(30, (n) => toCrm(n + 1));
  const leaving = new AbortController();
  const events = await world.stream('/events', leaving.signal);
  const { body } = await world.send('POST', '/sync', { body: {} });
  const told: Body[] = [];
  for await (const event of events) {
    if (event.type !== 'job' || event.jobId !== body.id) continue;
    told.push(event);
    if (event.state === 'running') break;
  }
  leaving.abort();
  expect(told.map(({ state }) => state)).toEqual(['waiting', 'running']);
  await until(async () => (await jobOf(body.id)).endedAt !== null);
  expect((await jobOf(body.id)).state).toBe('done');
  expect(contacts()).toBe(30);
});

it('an edit of the rules interrupts no job: it ends under what it began with', async () => {
  const { planId, hash } = await planned();
  const { body } = await world.send('POST', `/plans/${planId}/apply`, { body: { hash } });
  await until(() => contacts() > 0);
  const sync = { body: { sync: { master: 'mailbox' } }, role: 'setup' as const };
  expect((await world.send('PUT', '/settings', sync)).status).toBe(200);
  expect((await jobOf(body.id)).state).toBe('running');
  await until(async () => (await jobOf(body.id)).endedAt !== null);
  expect(await jobOf(body.id)).toMatchObject({
    state: 'done',
    result: { lanes: [{ rows: { done: MANY } }] },
  });
  expect(contacts()).toBe(MANY);
});
