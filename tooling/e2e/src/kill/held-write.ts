import type { HeldPoint } from './point.ts';
import { requireEnd } from './require-end.ts';
import { type Scene, sync, writesOf } from './scene.ts';

const POLL_MS = 10;
/** How long a request may take to arrive or to land before the scene is given up (milliseconds). */
const GIVE_UP_MS = 60_000;

async function until(holds: () => boolean): Promise<boolean> {
  for (let waited = 0; !holds(); waited += POLL_MS) {
    if (waited > GIVE_UP_MS) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return true;
}

/**
 * Row 17: the process dies while a request is on its way, and the request takes effect later: before the next process
 * looks, or after it has settled everything. Answers whether such a request was caught.
 */
export async function heldWrite(scene: Scene, { held, side, lands }: HeldPoint): Promise<boolean> {
  const service = side === 'a' ? scene.graph : scene.crm;
  const path = side === 'a' ? /\/contacts/i : /\/sobjects/;
  let land = (): void => {};
  const gate = new Promise<void>((resolve) => {
    land = resolve;
  });
  const hold = service.faults.inject({
    match: { method: held, path },
    fault: { kind: 'held', until: gate },
  });
  let kill = (): void => {};
  const run = sync(scene.folder, {
    onStart: (child) => {
      kill = () => child.kill('SIGKILL');
    },
  });
  let ended = false;
  void run.then(() => {
    ended = true;
  });
  const caught = await until(() => ended || hold.remaining() === 0);
  const reached = caught && !ended;
  kill();
  await run;
  if (lands === 'after' && reached) requireEnd(await sync(scene.folder), 'the sync before it landed');
  let answered = false;
  const stop = service.log.on(({ method }) => {
    answered ||= method === held;
  });
  const before = writesOf(scene);
  land();
  if (reached) await until(() => answered || writesOf(scene) > before);
  stop();
  return reached;
}
