import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditRow, TenantStore } from '@tidelock/core';
import * as z from 'zod';

/**
 * Acts that were done while the audit trail was not at hand: before the state could be opened, or while another process
 * held it. The next process that opens the state moves them there.
 */
const FILE = 'pending-acts.jsonl';
const TAKEN = /^pending-acts\.[0-9a-f-]+\.jsonl$/;

const ActSchema = z.object({
  id: z.string().min(1),
  tenantId: z.string().min(1),
  at: z.number(),
  who: z.string(),
  act: z.string(),
  subject: z.string(),
  laneId: z.string().nullable(),
  before: z.unknown().transform((value) => value ?? null),
  after: z.unknown().transform((value) => value ?? null),
});

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** Appends to the file and answers whether that one is still where it was. */
async function append(path: string, line: string, opened: () => void | Promise<void>): Promise<boolean> {
  const file = await open(path, 'a', 0o600);
  try {
    await opened();
    await file.appendFile(line);
    await file.sync();
    const { ino } = await file.stat();
    return (await stat(path)).ino === ino;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  } finally {
    await file.close();
  }
}

/** Durable when it returns. The file is its owner's alone. `opened`: awaited between opening it and writing, for tests. */
export async function notePendingAct(
  dataDir: string,
  act: AuditRow,
  opened: () => void | Promise<void> = () => {},
): Promise<void> {
  const line = `${JSON.stringify(act)}\n`;
  // Where the file was set aside meanwhile, it may have been read before this line stood in it. Twice is once: acts have ids.
  while (!(await append(join(dataDir, FILE), line, opened)));
}

/** What can be read of a line; a line that a crash cut off has not been promised to anybody. */
function toAct(line: string): AuditRow[] {
  try {
    const parsed = ActSchema.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return [];
  }
}

/** Whoever looks at the same time removes a file only when all of it stands in the trail. */
async function readTaken(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}

/** Sets the file aside first, so that an act that is noted meanwhile goes into a new one. */
async function setAside(dataDir: string): Promise<readonly string[]> {
  try {
    await rename(join(dataDir, FILE), join(dataDir, `pending-acts.${crypto.randomUUID()}.jsonl`));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return (await readdir(dataDir)).filter((name) => TAKEN.test(name));
}

/** Moves what waits into the trail, oldest first. Safe to repeat, also after a crash in the middle. */
export async function importPendingActs(
  dataDir: string,
  tenants: Pick<TenantStore, 'appendAudit'>,
): Promise<void> {
  const names = await setAside(dataDir);
  if (names.length === 0) return;
  const texts = await Promise.all(names.map((name) => readTaken(join(dataDir, name))));
  const acts = texts.flatMap((text) => text.split('\n').flatMap(toAct)).sort((x, y) => x.at - y.at);
  if (acts.length > 0) await tenants.appendAudit(acts);
  for (const name of names) await rm(join(dataDir, name), { force: true });
}
