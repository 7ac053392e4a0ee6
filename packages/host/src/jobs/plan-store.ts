import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@tidelock/core';
import * as z from 'zod';
import { writeWhole } from '../editing/kept-files.ts';
import { hashOfPlan, PLAN_MAX_AGE_DAYS, type PlannedLane, RowSchema } from '../plan-format.ts';
import type { SealerSource } from '../sealing/sealer-source.ts';

const DAY_MS = 86_400_000;
const ROWS = 500;
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const OutcomeSchema = z.strictObject({
  at: z.number(),
  /** Rows by what became of them. */
  rows: z.record(z.string(), z.number()),
  settled: z.boolean(),
});

const MetaSchema = z.strictObject({
  version: z.literal(1),
  id: z.string().regex(ID),
  createdAt: z.number(),
  by: z.string(),
  hash: z.string(),
  emails: z.number(),
  withheld: z.number(),
  mailboxes: z.array(z.strictObject({ laneId: z.string(), mailbox: z.string(), rows: z.number() })),
  /** Steps by what they do: `create a`, `link`. */
  actions: z.record(z.string(), z.number()),
  approved: z.strictObject({ by: z.string(), at: z.number() }).nullable(),
  outcome: OutcomeSchema.nullable(),
});
/** A plan without its rows. Times are milliseconds since the epoch. */
export type PlanMeta = z.infer<typeof MetaSchema>;

/** Plans that were made here, sealed: they hold names and values of people. */
export interface PlanStore {
  /** Newest first. Those that are too old to be used are removed. */
  list(): Promise<readonly PlanMeta[]>;
  meta(id: string): Promise<PlanMeta | null>;
  /** Throws `InputError` for a plan that is not whole any more. */
  rows(meta: PlanMeta): Promise<readonly PlannedLane[]>;
  add(meta: PlanMeta, lanes: readonly PlannedLane[]): Promise<void>;
  update(meta: PlanMeta): Promise<void>;
  remove(id: string): Promise<void>;
}

const placeOf = (id: string, part: number) => ({ table: 'plan', column: 'rows', row: `${id}/${part}` });

interface Parts {
  readonly folder: string;
  readonly sealer: SealerSource;
  now(): number;
}

const fileOf = ({ folder }: Parts, id: string, kind: 'json' | 'rows'): string =>
  join(folder, `${id}.${kind}`);

async function readMeta(parts: Parts, id: string): Promise<PlanMeta | null> {
  if (!ID.test(id)) return null;
  try {
    return MetaSchema.parse(JSON.parse(await readFile(fileOf(parts, id, 'json'), 'utf8')));
  } catch {
    return null;
  }
}

async function remove(parts: Parts, id: string): Promise<void> {
  if (!ID.test(id)) return;
  await rm(fileOf(parts, id, 'json'), { force: true });
  await rm(fileOf(parts, id, 'rows'), { force: true });
}

async function list(parts: Parts): Promise<readonly PlanMeta[]> {
  const names = await readdir(parts.folder).catch(() => []);
  const ids = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5));
  const found: PlanMeta[] = [];
  for (const id of ids) {
    const meta = await readMeta(parts, id);
    if (meta === null) continue;
    if (parts.now() - meta.createdAt > PLAN_MAX_AGE_DAYS * DAY_MS) await remove(parts, id);
    else found.push(meta);
  }
  return found.sort((x, y) => y.createdAt - x.createdAt);
}

function damaged(id: string): InputError {
  const reason = 'it is not whole any more, or was changed';
  return new InputError('The plan cannot be used.', [{ path: id, reason, remedy: 'Make a new plan.' }]);
}

/** Rows of a part of the file, still as text: nobody has looked at them yet. */
async function sealedParts(parts: Parts, id: string): Promise<readonly string[]> {
  const text = await readFile(fileOf(parts, id, 'rows'), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

async function rows(parts: Parts, meta: PlanMeta): Promise<readonly PlannedLane[]> {
  const lines = await sealedParts(parts, meta.id);
  let sealer = await parts.sealer();
  const [first] = lines;
  if (first !== undefined && !sealer.knows(first)) sealer = await parts.sealer(true);
  const all = lines.flatMap((line, part) =>
    z.array(RowSchema).parse(sealer.open(placeOf(meta.id, part), line)),
  );
  const byLane = Map.groupBy(all, ({ lane }) => lane);
  const lanes = meta.mailboxes.map(({ laneId, mailbox }): PlannedLane => {
    const own = (byLane.get(laneId) ?? []).map(({ lane: _, ...item }) => item);
    return { laneId, mailbox, rows: own as PlannedLane['rows'] };
  });
  if (hashOfPlan(lanes) !== meta.hash) throw damaged(meta.id);
  return lanes;
}

async function add(parts: Parts, meta: PlanMeta, lanes: readonly PlannedLane[]): Promise<void> {
  await mkdir(parts.folder, { recursive: true, mode: 0o700 });
  const sealer = await parts.sealer();
  const all = lanes.flatMap(({ laneId, rows }) => rows.map((row) => ({ lane: laneId, ...row })));
  const path = fileOf(parts, meta.id, 'rows');
  const file = await open(`${path}.new`, 'wx', 0o600);
  try {
    for (let at = 0, part = 0; at < all.length; at += ROWS, part += 1)
      await file.write(`${sealer.seal(placeOf(meta.id, part), all.slice(at, at + ROWS))}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  await writeWhole(fileOf(parts, meta.id, 'json'), JSON.stringify(meta));
}

/** In a folder of the data directory, so that a plan survives the process that made it. */
export function createPlanStore(parts: Parts): PlanStore {
  return {
    list: () => list(parts),
    meta: (id) => readMeta(parts, id),
    rows: (meta) => rows(parts, meta),
    add: (meta, lanes) => add(parts, meta, lanes),
    update: (meta) => writeWhole(fileOf(parts, meta.id, 'json'), JSON.stringify(meta)),
    remove: (id) => remove(parts, id),
  };
}
