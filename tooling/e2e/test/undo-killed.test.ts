import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type CliRun, runCli } from '../src/cli.ts';
import { createScene, pictureOf, type Scene, syncHere } from '../src/kill/scene.ts';

/** The real program runs several times in each test. */
const PATIENCE_MS = 480_000;

const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.close();
});

interface Told {
  readonly scene: Scene;
  readonly before: ReturnType<typeof pictureOf>;
  readonly since: string;
}

/** A pass with creates, updates and deletes on both sides, and what was there before it. */
async function told(): Promise<Told> {
  const scene = await createScene();
  scenes.push(scene);
  const before = pictureOf(scene);
  const since = new Date().toISOString();
  await syncHere(scene);
  expect(pictureOf(scene)).not.toEqual(before);
  return { scene, before, since };
}

const tidelock = (at: Scene, words: readonly string[], env: Record<string, string> = {}): Promise<CliRun> =>
  runCli([...words], { cwd: at.folder, env });

const undo = ({ scene, since }: Told, env: Record<string, string> = {}): Promise<CliRun> =>
  tidelock(scene, ['undo', '--since', since, '--yes', '--json'], env);

describe('an undo that is killed in the middle, with the real program', () => {
  it(
    'is named by status, and finished by the next sync or by the same undo',
    async () => {
      const counted = await told();
      const file = join(counted.scene.folder, 'effects.txt');
      expect((await undo(counted, { TIDELOCK_COUNT_EFFECTS: file })).code).not.toBe(1);
      const expected = pictureOf(counted.scene);
      const effects = Number.parseInt(readFileSync(file, 'utf8'), 10);
      // One of them a run.
      const points = [
        [0.75, 'sync'],
        [0.85, 'undo'],
      ] as const;
      for (const [share, finish] of [points[randomInt(points.length)] ?? points[0]]) {
        const at = await told();
        const point = `${Math.floor(effects * share)}:after`;
        expect((await undo(at, { TIDELOCK_CRASH_AT: point })).code, point).toBe('SIGKILL');
        const { out } = await tidelock(at.scene, ['status']);
        expect(out, point).toMatch(/undo {2}ann@contoso.example: run [0-9a-f]{8} has not come to its end/);
        const next = finish === 'sync' ? await tidelock(at.scene, ['sync', '--json']) : await undo(at);
        expect(next.code, next.err).not.toBe(1);
        expect(pictureOf(at.scene), `${point} ${finish}`).toEqual(expected);
        const after = await tidelock(at.scene, ['status']);
        expect(after.out).toContain('paused');
        expect(after.out, `${point} ${finish} ${next.out} ${next.err}`).not.toContain(
          'has not come to its end',
        );
      }
    },
    PATIENCE_MS,
  );
});
