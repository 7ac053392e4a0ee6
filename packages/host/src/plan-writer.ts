import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { InputError } from '@tidelock/core';
import { HeaderSchema, hashOfLines, PLAN_VERSION, type PlannedLane, rowLines } from './plan-format.ts';

const CHUNK_LINES = 1_000;

/** Is there a plan, or nothing, in the way? Anything else is not ours to overwrite. */
async function requireReplaceable(path: string): Promise<void> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  if (file === null) return;
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(64), 0, 64, 0);
    const head = buffer.subarray(0, bytesRead).toString('utf8');
    if (bytesRead === 0 || /^\{"tidelock":"plan"|^\{"createdAt"/.test(head)) return;
  } finally {
    await file.close();
  }
  const reason = 'exists already and is no plan; it is not overwritten';
  throw new InputError(`${path}: ${reason}`, [{ path, reason, remedy: 'Name another file with --out.' }]);
}

/**
 * Writes a plan, readable by its owner only: it holds names and values of people. The file appears whole or not at all.
 * Replaces an earlier plan; throws `InputError` for any other file in the way. Returns the plan's hash.
 */
export async function writePlan(
  path: string,
  plan: { readonly createdAt: number; readonly lanes: readonly PlannedLane[] },
): Promise<string> {
  await requireReplaceable(path);
  const lines = rowLines(plan.lanes);
  const hash = hashOfLines(lines);
  const emails = plan.lanes.reduce(
    (sum, lane) => lane.rows.reduce((inner, row) => inner + row.emails, sum),
    0,
  );
  const header = HeaderSchema.parse({
    tidelock: 'plan',
    version: PLAN_VERSION,
    createdAt: new Date(plan.createdAt).toISOString(),
    mailboxes: plan.lanes.map(({ laneId, mailbox }) => ({ id: laneId, mailbox })),
    rows: lines.length,
  });
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.write(`${JSON.stringify(header)}\n`);
    for (let start = 0; start < lines.length; start += CHUNK_LINES)
      await file.write(`${lines.slice(start, start + CHUNK_LINES).join('\n')}\n`);
    await file.write(`${JSON.stringify({ plan_hash: hash, emails })}\n`);
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
  return hash;
}
