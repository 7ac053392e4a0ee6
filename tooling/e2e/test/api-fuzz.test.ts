import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type ApiDocument, requestsOver } from '../src/api-fuzz.ts';
import { toCrm } from '../src/people.ts';
import { createServerWorld, type ServerWorld } from '../src/server-world.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 60_000 });

/** A canary in what this process knows and nobody may hear. */
const SECRET = 'canary-4f1d';
const RUNS = Number(process.env.TIDELOCK_FUZZ_RUNS ?? 400);

/** A stream has no end, and each of these changes what all the others stand on. */
const SKIPPED =
  /^get \/api\/v1\/events$|keys\/rotate|\/retire$|\/revoke$|connections\/disconnect|connections\/secrets/;

let world: ServerWorld;
let document: ApiDocument;
let known: readonly string[];

beforeAll(async () => {
  world = await createServerWorld({ judged: false });
  world.stage.salesforce.admin.seedContacts(5, (n) => toCrm(n + 1));
  const { result } = await world.job('/plans');
  await world.job('/sync');
  await world.send('PUT', '/connections/secrets/fuzzed', { body: { value: SECRET }, role: 'setup' });
  const [pair] = (await world.get('/items?query=people.example')).body.items;
  const [run] = (await world.get('/runs')).body.items;
  const jobs = (await world.get('/jobs')).body.items;
  known = [
    ...[world.person().address, 'default', 'crm', 'tidelock', 'sales', result.planId, result.hash],
    ...[pair?.id, run?.id, jobs[0].id, jobs[0].createdAt].filter((one) => typeof one === 'string'),
  ];
  document = (await world.get('/openapi.json')).body;
});
afterAll(async () => world[Symbol.asyncDispose]());

it(`no request of ${RUNS} over all routes breaks the server, hangs it, or makes it tell a secret`, async () => {
  const requests = requestsOver(document, { known, skip: (route) => SKIPPED.test(route) });
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(requests, async ({ method, path, body }) => {
      const { status, text } = await world.raw(path, { method, body });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      expect(status, `${method} ${path} ${JSON.stringify(body)} ${text.slice(0, 300)}`).toBeLessThan(500);
      expect(text).not.toContain(SECRET);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  // Most of it was no nonsense, or nothing would have been tried.
  expect(statuses.get(200) ?? 0).toBeGreaterThan(RUNS / 20);
  expect((await world.get('/status')).status).toBe(200);
});
