import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { InputError } from '@tidelock/core';
import type { PlanItem } from '@tidelock/engine';
import type { z } from 'zod';
import {
  HeaderSchema,
  hashOfLines,
  PLAN_MAX_AGE_DAYS,
  PLAN_VERSION,
  type PlanFile,
  RowSchema,
  TrailerSchema,
} from './plan-format.ts';

const DAY_MS = 86_400_000;
const ANEW = 'Make a new plan: tidelock plan --out FILE';

function refuse(path: string, reason: string, remedy = ANEW): never {
  throw new InputError('The plan cannot be used.', [{ path, reason, remedy }]);
}

function parsed(path: string, line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    const what = number === 1 ? 'this is no plan of Tidelock' : `line ${number} is not complete JSON`;
    return refuse(path, `${what}: the file was cut off, or is something else`);
  }
}

/** The first thing that is wrong with a line, in words. */
function wrong(error: z.ZodError): string {
  const [issue] = error.issues;
  const where = issue?.path.join('.') ?? '';
  return `${where === '' ? '' : `"${where}": `}${issue?.message ?? 'not as the format says'}`;
}

function headerOf(path: string, line: string): z.infer<typeof HeaderSchema> {
  const value = parsed(path, line, 1);
  const head = value as { tidelock?: unknown; version?: unknown } | null;
  if (head?.tidelock !== 'plan') return refuse(path, 'this is no plan of Tidelock');
  if (typeof head.version === 'number' && head.version !== PLAN_VERSION) {
    const newer = head.version > PLAN_VERSION;
    const reason = `its format is version ${head.version}, this program reads version ${PLAN_VERSION}`;
    return refuse(path, reason, newer ? 'Use the program that made it, or a newer one.' : ANEW);
  }
  const header = HeaderSchema.safeParse(value);
  return header.success ? header.data : refuse(path, `its first line is damaged: ${wrong(header.error)}`);
}

interface Lines {
  readonly header: z.infer<typeof HeaderSchema>;
  readonly rows: readonly string[];
  readonly trailer: z.infer<typeof TrailerSchema>;
}

async function linesOf(path: string): Promise<string[]> {
  const lines: string[] = [];
  try {
    const input = createReadStream(path, 'utf8');
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }))
      if (line !== '') lines.push(line);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    refuse(path, code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`);
  }
  return lines;
}

async function readLines(path: string): Promise<Lines> {
  const lines = await linesOf(path);
  const header = headerOf(path, lines[0] ?? '');
  const last = TrailerSchema.safeParse(
    lines.length < 2 ? null : parsed(path, lines.at(-1) ?? '', lines.length),
  );
  const rows = lines.slice(1, last.success ? -1 : undefined);
  if (!last.success || rows.length < header.rows) {
    const reason = `it is cut off: ${rows.length} of ${header.rows} rows are there`;
    return refuse(
      path,
      last.success || rows.length < header.rows ? reason : 'it is cut off: its last line is missing',
    );
  }
  if (rows.length > header.rows)
    return refuse(path, `it was changed after it was made: ${rows.length} rows instead of ${header.rows}`);
  return { header, rows, trailer: last.data };
}

/**
 * Reads a plan and makes sure that it is one: whole, unchanged since it was made (its hash), of this format, not older
 * than 30 days. Throws `InputError` with the reason and the remedy. Whether it belongs to this installation is
 * `requireKnown`'s question.
 */
export async function readPlan(path: string, now: number): Promise<PlanFile> {
  const { header, rows, trailer } = await readLines(path);
  const hash = hashOfLines(rows);
  if (hash !== trailer.plan_hash) {
    refuse(
      path,
      `it was changed after it was made: its rows hash to ${hash.slice(0, 12)}…, not ${trailer.plan_hash.slice(0, 12)}…`,
    );
  }
  const createdAt = Date.parse(header.createdAt);
  const days = Math.floor((now - createdAt) / DAY_MS);
  if (days > PLAN_MAX_AGE_DAYS)
    refuse(path, `it is ${days} days old, and plans are good for ${PLAN_MAX_AGE_DAYS}`);
  const byLane = new Map(header.mailboxes.map(({ id }) => [id, [] as PlanItem[]]));
  for (const [index, line] of rows.entries()) {
    const row = RowSchema.safeParse(parsed(path, line, index + 2));
    if (!row.success) return refuse(path, `line ${index + 2} is no row of a plan: ${wrong(row.error)}`);
    const { lane, ...item } = row.data;
    const items =
      byLane.get(lane) ??
      refuse(path, `line ${index + 2} belongs to a mailbox that its first line does not name`);
    items.push(item as PlanItem);
  }
  const lanes = header.mailboxes.map(({ id, mailbox }) => ({
    laneId: id,
    mailbox,
    rows: byLane.get(id) ?? [],
  }));
  return { createdAt, lanes, hash };
}

/** Throws `InputError` when the plan was made for mailboxes that this configuration does not have. */
export function requireKnown(path: string, plan: PlanFile, laneIds: readonly string[]): void {
  const foreign = plan.lanes.filter((lane) => lane.rows.length > 0 && !laneIds.includes(lane.laneId));
  if (foreign.length === 0) return;
  const names = foreign.map((lane) => lane.mailbox).join(', ');
  const all = foreign.length === plan.lanes.length;
  const reason = all
    ? `it was made for another configuration: ${names} takes no part here under this tenant and CRM`
    : `${names} takes no part (any more) in this configuration`;
  refuse(path, reason, 'Use it with the configuration that it was made with, or make a new plan.');
}
