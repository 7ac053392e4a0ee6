import { randomInt } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type CliRun, runCli } from '../src/cli.ts';
import { measure } from '../src/kill/crash.ts';
import { createScene, pictureOf } from '../src/kill/scene.ts';
import { sample } from '../src/people.ts';
import type { Stage } from '../src/stage.ts';

/** The real program runs several times in each test. */
const PATIENCE_MS = 480_000;

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

async function scene(): Promise<Stage> {
  stage = await createScene();
  return stage;
}

const tidelock = (at: Stage, words: string, env: Record<string, string> = {}): Promise<CliRun> =>
  runCli([...words.split(' '), '--json'], { cwd: at.folder, env });

const writesOf = (at: Stage): number =>
  at.graph.oracle.writes().length +
  at.salesforce.oracle.writes().filter((entry) => entry.app !== undefined).length;

const rowsOf = (run: CliRun): Record<string, number> =>
  (JSON.parse(run.out) as { lanes: { rows: Record<string, number> }[] }).lanes[0]?.rows ?? {};

async function madePlan(at: Stage): Promise<{ hash: string; total: number }> {
  const before = { writes: writesOf(at), picture: pictureOf(at) };
  const run = await tidelock(at, 'plan --out plan.jsonl');
  expect(run.code, run.err + run.out).toBe(0);
  expect({ writes: writesOf(at), picture: pictureOf(at) }).toEqual(before);
  const document = JSON.parse(run.out) as { plan_hash: string; emails: number; lanes: { total: number }[] };
  expect(document.emails).toBe(0);
  return { hash: document.plan_hash, total: document.lanes[0]?.total ?? 0 };
}

describe('a plan as a file, with the real adapters and the real program', () => {
  it(
    'says the same twice, is carried out exactly, and does nothing the second time',
    async () => {
      const at = await scene();
      const { hash, total } = await madePlan(at);
      expect((await madePlan(at)).hash).toBe(hash);
      expect(statSync(join(at.folder, 'plan.jsonl')).mode & 0o777).toBe(0o600);
      const first = await tidelock(at, 'sync --plan plan.jsonl');
      expect(first.code, first.err + first.out).toBe(0);
      expect(rowsOf(first)).toMatchObject({ done: total, drift: 0, held: 0, pending: 0 });
      expect(pictureOf(at)).toEqual((await measure()).picture);
      const writes = writesOf(at);
      const second = await tidelock(at, 'sync --plan plan.jsonl');
      expect(second.code).toBe(0);
      expect(rowsOf(second)).toMatchObject({ done: 0, already: total });
      expect(writesOf(at)).toBe(writes);
    },
    PATIENCE_MS,
  );

  it(
    'does nothing to a record that was edited meanwhile, nothing that is not in it, and says so with exit code 7',
    async () => {
      const at = await scene();
      const { total } = await madePlan(at);
      const [person] = Object.values(at.people);
      const contacts = at.graph.oracle.contacts(person?.mailboxId ?? '');
      const planned = contacts.find((one) => one.surname === sample(0).last);
      at.graph.admin.updateContact(person?.mailboxId ?? '', planned?.id ?? '', {
        jobTitle: 'Edited meanwhile',
      });
      at.salesforce.admin.createContact({
        FirstName: 'Not',
        LastName: 'Planned',
        Email: 'not@planned.example',
      });
      const run = await tidelock(at, 'sync --plan plan.jsonl');
      expect(run.code, run.err).toBe(7);
      expect(rowsOf(run)).toMatchObject({ done: total - 1, drift: 1 });
      expect(run.out).toContain('the record in the mailbox was changed');
      const { mailbox, crm } = pictureOf(at);
      expect(crm.join()).not.toContain('Edited meanwhile');
      expect(crm.join()).not.toContain('Head of A');
      expect(mailbox.join()).not.toContain('not@planned.example');
      expect((JSON.parse(run.out) as { lanes: { beyond: number }[] }).lanes[0]?.beyond).toBe(1);
    },
    PATIENCE_MS,
  );

  it(
    'goes on where it was killed: no second record, nothing lost',
    async () => {
      const { picture } = await measure();
      const counted = await scene();
      await madePlan(counted);
      const file = join(counted.folder, 'effects.txt');
      await tidelock(counted, 'sync --plan plan.jsonl', { TIDELOCK_COUNT_EFFECTS: file });
      const effects = Number.parseInt(readFileSync(file, 'utf8'), 10);
      expect(effects).toBeGreaterThan(10);
      await counted.close();
      // One of them a run; `npm run kill` goes through every effect.
      const points = [
        [0.5, 'after'],
        [0.75, 'before'],
      ] as const;
      for (const [share, when] of [points[randomInt(points.length)] ?? points[0]]) {
        const at = await scene();
        await madePlan(at);
        const point = `${Math.floor(effects * share)}:${when}`;
        const killed = await tidelock(at, 'sync --plan plan.jsonl', { TIDELOCK_CRASH_AT: point });
        expect(killed.code, point).toBe('SIGKILL');
        const again = await tidelock(at, 'sync --plan plan.jsonl');
        expect(again.code, `${point} ${again.err}${again.out}`).toBe(0);
        expect(rowsOf(again)).toMatchObject({ drift: 0, pending: 0, open: 0 });
        expect(pictureOf(at), point).toEqual(picture);
        await at.close();
      }
      stage = undefined;
    },
    PATIENCE_MS,
  );
});
