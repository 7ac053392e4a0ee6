import { randomInt } from 'node:crypto';
import { createSystemClock } from '@tidelock/emulators';
import { expect, it, vi } from 'vitest';
import { runCli } from '../src/cli.ts';
import { createKeyFolder } from '../src/key-folder.ts';
import { killStorm } from '../src/runner/kill-storm.ts';
import { createStage, type Stage } from '../src/stage.ts';

vi.setConfig({ testTimeout: 240_000 });

const DAY_MS = 86_400_000;
const KILLS = 3;

const openStage = async (): Promise<Stage> => {
  const key = await createKeyFolder(Date.now() - DAY_MS);
  const options = { mailboxes: ['ann'], stateFile: 'tidelock.db', judged: false };
  const stage = await createStage(createSystemClock(), key, options);
  const pace = { floorSeconds: 1, ceilingSeconds: 1 };
  stage.writeConfig({ ...stage.config, schedule: { mailbox: pace, crm: pace } });
  return stage;
};

interface Watching {
  readonly texts: readonly string[];
  readonly flags?: readonly string[];
  /** Called after the n-th text was said. */
  readonly said?: (n: number) => void;
}

/** Runs `tidelock watch` until it has said all of these, one after the other, and then ends it as a person would. */
async function watchUntil(stage: Stage, { texts, flags = [], said }: Watching) {
  return runCli(['watch', ...flags, '--config', stage.configPath], {
    cwd: stage.folder,
    onStart: (child) => {
      let text = '';
      let next = 0;
      child.stdout?.on('data', (chunk: Buffer) => {
        text += String(chunk);
        while (next < texts.length && text.includes(texts[next] ?? '')) {
          next += 1;
          said?.(next);
          if (next === texts.length) child.kill('SIGINT');
        }
      });
    },
  });
}

it('tidelock watch writes what changes, says it in a line each, and ends at a safe point', async () => {
  await using stage = Object.assign(await openStage(), {
    async [Symbol.asyncDispose]() {
      await stage.close();
    },
  });
  const person = stage.people.ann?.mailboxId ?? '';
  const contact = { givenName: 'Watched', surname: 'Person', jobTitle: 'First' };
  const { id } = stage.graph.admin.createContact(person, contact);
  const texts = ['created  Watched Person', 'updated  Watched Person (jobTitle)'];
  const said = (n: number): void => {
    if (n === 1) stage.graph.admin.updateContact(person, id, { jobTitle: 'Second' });
  };
  const run = await watchUntil(stage, { texts, said });
  expect(run.code).toBe(0);
  expect(run.out).toMatch(/\d\d:\d\d:\d\d {2}wrote {2}ann@contoso\.example {2}→ CRM/);
  expect(run.out).toContain('Stopped at a safe point.');
  expect(stage.salesforce.oracle.contacts().map(({ Title }) => Title)).toEqual(['Second']);
  const other = await watchUntil(stage, { texts: ['"state":"running"'], flags: ['--json'] });
  expect(other.code).toBe(0);
  const lines = other.out.split('\n').filter((line) => line.startsWith('{"id"'));
  expect(lines.map((line) => JSON.parse(line).type)).toContain('runner');
});

it(`leaves nothing twice and nothing lost when it is killed ${KILLS} times in the middle of its work`, async () => {
  const seed = Number(process.env.TIDELOCK_STORM_SEED ?? randomInt(2 ** 31));
  const result = await killStorm({ seed, kills: KILLS });
  expect({ seed, faults: result.faults }).toEqual({ seed, faults: [] });
  expect(result.changes).toBeGreaterThan(20);
});
