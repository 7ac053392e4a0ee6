import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { LANE, SIZE } from './batch.ts';
import { describeWithServer, emptySchema, openState, serverUrl, startServer } from './server.ts';

await startServer();

const CHILD = fileURLToPath(new URL('./child/committer.ts', import.meta.url));

/** Kills the committer right after it acknowledged `acks` commits, so the next one is under way. */
async function commitAndKill(schema: string, from: number, acks: number): Promise<number> {
  const flags = ['--conditions=@tidelock/source', '--disable-warning=ExperimentalWarning', CHILD];
  const child = spawn(process.execPath, [...flags, serverUrl(), schema, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  let last = -1;
  let seen = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    last = Number(line);
    seen += 1;
    if (seen === acks) child.kill('SIGKILL');
  });
  await ended;
  return last;
}

async function batchSizes(schema: string): Promise<Map<number, { links: number; history: number }>> {
  const state = await openState(schema);
  const sizes = new Map<number, { links: number; history: number }>();
  const of = (batch: number) => {
    const entry = sizes.get(batch) ?? { links: 0, history: 0 };
    sizes.set(batch, entry);
    return entry;
  };
  for (let after = ''; ; ) {
    const page = await state.sync.links(LANE, { by: 'page', after, limit: 500 });
    for (const link of page) of(Number(link.id.split('-')[0])).links += 1;
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.id;
  }
  for (const row of await state.sync.history(LANE, { limit: 1_000_000 })) {
    of(Number(row.runId.slice(4))).history += 1;
  }
  await state.close();
  return sizes;
}

describeWithServer('kill -9 of a committing process', () => {
  it('never loses an acknowledged commit and never half-applies one', async () => {
    const schema = await emptySchema();
    let next = 0;
    for (const acks of [1, 5, 17]) {
      const last = await commitAndKill(schema, next, acks);
      expect(last).toBeGreaterThanOrEqual(next + acks - 1);
      const sizes = await batchSizes(schema);
      for (let batch = 0; batch <= last; batch++) {
        expect(sizes.get(batch), `acknowledged commit ${batch}`).toEqual({ links: SIZE, history: SIZE });
      }
      for (const [batch, size] of sizes) {
        expect(size, `commit ${batch}`).toEqual({ links: SIZE, history: SIZE });
      }
      next = Math.max(...sizes.keys()) + 1;
    }
  });
});
