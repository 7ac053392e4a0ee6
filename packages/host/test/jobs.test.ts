import { AdapterError } from '@tidelock/core';
import { expect, test } from 'vitest';
import { createSystemClock, createSystemRandom, type Job } from '../src/index.ts';
import { createJobs, type JobContext, type JobOrder } from '../src/jobs/jobs.ts';
import { whenFree } from '../src/jobs/patience.ts';
import { quiet } from './fake-folder.ts';

const room = () => createJobs({ clock: createSystemClock(), random: createSystemRandom(), log: quiet });
const order = (run: JobOrder['run'], waits = true): JobOrder => ({
  ...{ kind: 'plan', subject: 'all', by: 'Ann', waits, run },
});
const ended = (jobs: ReturnType<typeof room>, id: string): Promise<Job> =>
  new Promise((resolve) => {
    const look = (job: Job): void => {
      if (job.id === id && job.endedAt !== null) resolve(job);
    };
    jobs.onChange(look);
    const now = jobs.find(id);
    if (now !== null) look(now);
  });

test('jobs on mailboxes come one after the other, others do not wait', async () => {
  const jobs = room();
  const seen: string[] = [];
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const first = jobs.start(order(async () => gate.then(() => seen.push('first'))));
  const second = jobs.start(order(async () => seen.push('second')));
  const look = jobs.start(order(async () => seen.push('look'), false));
  await ended(jobs, look.id);
  expect(jobs.find(second.id)?.state).toBe('waiting');
  open();
  await ended(jobs, second.id);
  expect(seen).toEqual(['look', 'first', 'second']);
  expect(jobs.find(first.id)).toMatchObject({ state: 'done', result: 2, by: 'Ann', failure: null });
  expect(jobs.list().map(({ id }) => id)).toEqual([look.id, second.id, first.id]);
});

test('a cancelled job ends at its next safe point, one that waits never starts', async () => {
  const jobs = room();
  const { promise: started, resolve: start } = Promise.withResolvers<JobContext>();
  const running = jobs.start(
    order((context) => {
      start(context);
      return new Promise((resolve) => context.signal.addEventListener('abort', () => resolve('half')));
    }),
  );
  const waiting = jobs.start(order(async () => 'never'));
  await started;
  expect(jobs.cancel(waiting.id)?.state).toBe('stopping');
  expect(jobs.cancel(running.id)?.state).toBe('stopping');
  expect(await ended(jobs, running.id)).toMatchObject({ state: 'cancelled', result: 'half' });
  expect(await ended(jobs, waiting.id)).toMatchObject({ state: 'cancelled', result: null, startedAt: null });
  expect(jobs.cancel(running.id)?.state).toBe('cancelled');
  expect(jobs.cancel('nobody')).toBeNull();
});

test('a failure says what to do, and one that nobody expected says nothing of its inside', async () => {
  const jobs = room();
  const refused = jobs.start(
    order(async () => {
      throw new AdapterError('auth', 'The certificate was refused.', {
        operation: 'x',
        remedy: 'Upload it.',
      });
    }),
  );
  const broken = jobs.start(
    order(async () => {
      throw new TypeError('canary');
    }),
  );
  expect((await ended(jobs, refused.id)).failure).toMatchObject({ code: 'auth', remedy: 'Upload it.' });
  const { state, failure } = await ended(jobs, broken.id);
  expect([state, failure?.code]).toEqual(['failed', 'unexpected']);
  expect(JSON.stringify(failure)).not.toContain('canary');
});

test('there is room for fifty at a time', async () => {
  const jobs = room();
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const started = Array.from({ length: 50 }, () => jobs.start(order(() => gate)));
  expect(() => jobs.start(order(() => gate))).toThrow('50 jobs wait or run already');
  open();
  await ended(jobs, started.at(-1)?.id ?? '');
  expect(jobs.start(order(() => gate)).state).toBe('waiting');
});

test('closing ends everything', async () => {
  const jobs = room();
  const { promise: started, resolve: start } = Promise.withResolvers<void>();
  const job = jobs.start(
    order(({ signal }) => {
      start();
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(null)));
    }),
  );
  await started;
  await jobs.close();
  expect(jobs.find(job.id)?.state).toBe('cancelled');
});

test('what is refused while another worker has the mailbox is repeated, and nothing else is', async () => {
  let now = 0;
  const clock = {
    now: () => now,
    mono: () => now,
    sleep: async (ms: number) => {
      now += ms;
    },
  };
  const refused = (operation: string) => new AdapterError('conflict', 'busy', { operation });
  let tries = 0;
  const work = async (): Promise<number> => {
    tries += 1;
    if (tries < 4) throw refused('undo.lane');
    return tries;
  };
  expect(await whenFree(work, { clock, patienceMs: 10_000 })).toBe(4);
  tries = -100;
  await expect(whenFree(work, { clock, patienceMs: 3_000 })).rejects.toThrow('busy');
  const other = () => Promise.reject(refused('config.edit'));
  await expect(whenFree(other, { clock, patienceMs: 10_000 })).rejects.toThrow('busy');
});
