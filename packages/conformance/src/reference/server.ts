import type { Fields, FieldValue, StoreCapabilities } from '@tidelock/core';
import { REFERENCE_CATALOGUE } from './catalogue.ts';

/** A record inside the server. */
export interface Row {
  readonly id: string;
  fields: Fields;
  stamp: string | null;
  version: number;
  /** Position in the order of changes. */
  seq: number;
  at: number;
  by: 'us' | 'other';
  state: 'live' | 'deleted' | 'out' | 'merged';
  into: string | null;
}

/** The server said no; nothing was executed, except that a 500 leaves it open. */
export class Refusal extends Error {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  constructor(status: number, retryAfterMs?: number) {
    super(`status ${status}`);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** No answer came. */
export class NoAnswer extends Error {}

export type Item =
  | { readonly op: 'create'; readonly stamp: string; readonly fields: Fields }
  | {
      readonly op: 'update';
      readonly id: string;
      readonly version: string | null;
      readonly patch: Fields;
      readonly stamp?: string;
    }
  | { readonly op: 'delete'; readonly id: string; readonly version: string | null };

export interface ItemAnswer {
  readonly status: 200 | 404 | 409 | 412 | 422;
  readonly row?: Row;
  readonly property?: string;
}

export interface ServerState {
  readonly rows: Map<string, Row>;
  seq: number;
  epoch: number;
  now: number;
  requests: number;
  fault: { status: string; only: 'read' | 'write' | null } | null;
  lose: { applied: boolean } | null;
  loop: boolean;
  dropItem: boolean;
  dropRead: boolean;
  /** What stands behind the page of an event that has an online meeting, by id; empty once somebody has lost it. */
  readonly blocks: Map<string, string>;
  /** Events of somebody else. */
  readonly foreign: Set<string>;
}

const COMPANIES = new Set(['Contoso', 'Fabrikam']);

export function createServerState(): ServerState {
  return {
    rows: new Map(),
    seq: 0,
    epoch: 1,
    now: 1_767_225_600_000,
    requests: 0,
    fault: null,
    lose: null,
    loop: false,
    dropItem: false,
    dropRead: false,
    blocks: new Map(),
    foreign: new Set(),
  };
}

/** Case carries meaning in these ids, as it does at real vendors. */
function newId(count: number): string {
  return `R${count % 2 === 0 ? 'a' : 'A'}${Math.floor(count / 2).toString(36)}Q`;
}

function touch(state: ServerState, row: Row, by: Row['by']): Row {
  state.seq += 1;
  row.seq = state.seq;
  row.version += 1;
  row.at = state.now;
  row.by = by;
  return row;
}

export function insertRow(
  state: ServerState,
  fields: Fields,
  from: { stamp: string | null; by: Row['by'] },
): Row {
  const id = newId(state.rows.size);
  const row: Row = { id, fields: {}, version: 0, seq: 0, at: 0, state: 'live', into: null, ...from };
  state.rows.set(id, row);
  row.fields = kept({ ...fields, createdVia: from.by });
  return touch(state, row, from.by);
}

/** What the server keeps: no blanks, and a company only when it knows it. */
function kept(fields: Fields): Fields {
  const entries = Object.entries(fields).filter(
    ([property, value]) => value !== null && (property !== 'company' || COMPANIES.has(String(value))),
  );
  return Object.fromEntries(entries);
}

export function changeRow(state: ServerState, row: Row, change: { patch: Fields; by: Row['by'] }): Row {
  row.fields = kept({ ...row.fields, ...change.patch });
  return touch(state, row, change.by);
}

export function endRow(
  state: ServerState,
  row: Row,
  end: { state: 'deleted' | 'out' | 'merged'; into?: string },
): Row {
  row.state = end.state;
  row.into = end.into ?? null;
  return touch(state, row, 'other');
}

function tooLong(value: FieldValue | undefined, limit: number | undefined): boolean {
  return limit !== undefined && typeof value === 'string' && value.length > limit;
}

function refusedProperty(fields: Fields, whole: boolean): string | null {
  for (const [property, spec] of Object.entries(REFERENCE_CATALOGUE)) {
    const value = fields[property];
    if (tooLong(value, spec.maxLength)) return property;
    if (spec.required && (value === null || (whole && value === undefined))) return property;
  }
  return null;
}

function execute(state: ServerState, item: Item, capabilities: StoreCapabilities): ItemAnswer {
  if (item.op === 'create') {
    const twin = [...state.rows.values()].find((row) => row.stamp === item.stamp && row.state === 'live');
    if (twin && capabilities.createKey === 'unique') return { status: 409, row: twin };
    const property = refusedProperty(item.fields, true);
    if (property !== null) return { status: 422, property };
    return { status: 200, row: insertRow(state, item.fields, { stamp: item.stamp, by: 'us' }) };
  }
  const row = state.rows.get(item.id);
  if (!row || row.state === 'deleted' || row.state === 'merged') return { status: 404 };
  if (item.version !== null && item.version !== `v${row.version}`) return { status: 412 };
  if (item.op === 'delete') return { status: 200, row: endRow(state, row, { state: 'deleted' }) };
  const property = refusedProperty(item.patch, false);
  if (property !== null) return { status: 422, property };
  if (item.stamp !== undefined) row.stamp = item.stamp;
  return { status: 200, row: changeRow(state, row, { patch: item.patch, by: 'us' }) };
}

export function liveRows(state: ServerState): readonly Row[] {
  return [...state.rows.values()].filter((row) => row.state === 'live');
}

/** What every request passes: the turn of the event loop that a network takes, then the scripted fault. */
export async function arrive(state: ServerState, sort: 'read' | 'write'): Promise<void> {
  state.requests += 1;
  await new Promise<void>((done) => setImmediate(done));
  const { fault } = state;
  if (fault === null || (fault.only !== null && fault.only !== sort)) return;
  if (fault.status === 'timeout') throw new NoAnswer('no answer');
  throw new Refusal(Number(fault.status), fault.status === '429' ? 3000 : undefined);
}

/** One batch of writes, each with an answer of its own. */
export async function sendBatch(
  state: ServerState,
  items: readonly Item[],
  capabilities: StoreCapabilities,
): Promise<readonly (ItemAnswer | undefined)[]> {
  await arrive(state, 'write');
  const lost = state.lose;
  state.lose = null;
  if (lost?.applied === false) throw new NoAnswer('no answer');
  const answers = items.map((item) => execute(state, item, capabilities));
  if (lost) throw new NoAnswer('no answer');
  if (!state.dropItem) return answers;
  state.dropItem = false;
  return answers.map((answer, index) => (index === answers.length - 1 ? undefined : answer));
}
