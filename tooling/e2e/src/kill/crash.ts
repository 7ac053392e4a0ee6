import type { CliRun } from '../cli.ts';
import { heldWrite } from './held-write.ts';
import type { StatePlace } from './place.ts';
import type { CrashPoint, EffectPoint } from './point.ts';
import { requireEnd } from './require-end.ts';
import { createRowReader } from './rows.ts';
import { createScene, type Picture, pictureOf, type Scene, sync, syncHere, writesOf } from './scene.ts';
import { otherAfterDeath, paused, pausedAlone, sideBySide } from './two-workers.ts';

export interface Reference {
  readonly picture: Picture;
  /** What each effect of the pass was, in order: `a.write`, `commitLane`. */
  readonly effects: readonly string[];
  /** Rows of the crash table that each effect belongs to. */
  readonly rows: readonly (readonly number[])[];
  /** Numbers of the effects that ended with an error: nothing is to be seen after them. */
  readonly failed: ReadonlySet<number>;
}

/** The two scenes that are killed: one mailbox in trouble, and two mailboxes with two workers. */
const ALONE = { trouble: true } as const;
const CREW = { trouble: true, mailboxes: ['ann', 'ben'] } as const;

/** The edits of a scene without a crash. */
export async function measure(options: Parameters<typeof createScene>[0] = {}): Promise<Reference> {
  const scene = await createScene(options);
  try {
    const effects: string[] = [];
    const rows: (readonly number[])[] = [];
    const failed = new Set<number>();
    const rowsOf = createRowReader();
    await syncHere(scene, (effect, when) => {
      if (effect.kind !== 'store' && effect.kind !== 'state') return;
      if (when === 'after') {
        failed.delete(effects.length);
        return;
      }
      effects.push(effect.kind === 'store' ? `${effect.side}.${effect.method}` : effect.method);
      rows.push(rowsOf(effect));
      failed.add(effects.length);
    });
    return { picture: pictureOf(scene), effects, rows, failed };
  } finally {
    await scene.close();
  }
}

export interface References {
  readonly alone: Reference;
  readonly crew: Reference;
}

/** Both scenes without a crash; the same whatever state is used. */
export const measureBoth = async (): Promise<References> => ({
  alone: await measure(ALONE),
  crew: await measure(CREW),
});

export const referenceOf = (point: CrashPoint, of: References): Reference =>
  'crew' in point ? of.crew : of.alone;

/** Ends the process when the n-th write reaches one of the services. */
function killedAtWrite(scene: Scene, write: number): Promise<CliRun> {
  let left = write;
  let kill = (): void => {};
  const count = ({ method, path }: { readonly method: string; readonly path: string }): void => {
    const isWrite = method !== 'GET' && !/oauth2|\$batch$|\/composite$/.test(path);
    if (isWrite && --left === 0) kill();
  };
  const stops = [scene.graph.log.on(count), scene.salesforce.log.on(count)];
  return sync(scene.folder, {
    onStart: (child) => {
      kill = () => child.kill('SIGKILL');
    },
  }).finally(() => {
    for (const stop of stops) stop();
  });
}

const killedAt = ({ effect, when }: EffectPoint, folder: string): Promise<CliRun> =>
  sync(folder, { env: { TIDELOCK_CRASH_AT: `${effect}:${when}` } });

/** Everything that becomes of a scene at a point; answers whether the point was reached. */
async function happen(scene: Scene, point: CrashPoint, place: StatePlace): Promise<boolean> {
  if ('effect' in point) return (await killedAt(point, scene.folder)).code === 'SIGKILL';
  // A write that came last may have been answered before the signal was sent.
  if ('write' in point) {
    await killedAtWrite(scene, point.write);
    return true;
  }
  if ('held' in point) return heldWrite(scene, point);
  if ('other' in point) return otherAfterDeath(scene, point.other);
  if ('crew' in point) return sideBySide(scene, point.crew);
  return place.name === 'sqlite' ? pausedAlone(scene, point.pause) : paused(scene, point);
}

export interface Aftermath {
  /** It was killed there; false when it ended before it came that far. */
  readonly killed: boolean;
  readonly picture: Picture;
  /** Writes of the pass after the restarted one. */
  readonly idleWrites: number;
}

/** Kills or pauses a pass, starts again, and looks at what is there. */
export async function crash(point: CrashPoint, place: StatePlace): Promise<Aftermath> {
  const scene = await createScene({ ...('crew' in point ? CREW : ALONE), state: place.next() });
  try {
    const killed = await happen(scene, point, place);
    requireEnd(await sync(scene.folder), 'the restarted sync');
    const before = writesOf(scene);
    const picture = pictureOf(scene);
    await syncHere(scene);
    return { killed, picture, idleWrites: writesOf(scene) - before };
  } finally {
    await scene.close();
  }
}
