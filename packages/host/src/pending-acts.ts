import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
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

/** Durable when it returns. The file is its owner's alone. */
export async function notePendingAct(dataDir: string, act: AuditRow): Promise<void> {
  const file = await open(join(dataDir, FILE), 'a', 0o600);
  try {
    await file.appendFile(`${JSON.stringify(act)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
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

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

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
  const texts = await Promise.all(names.map((name) => readFile(join(dataDir, name), 'utf8')));
  const acts = texts.flatMap((text) => text.split('\n').flatMap(toAct)).sort((x, y) => x.at - y.at);
  if (acts.length > 0) await tenants.appendAudit(acts);
  for (const name of names) await rm(join(dataDir, name), { force: true });
}
