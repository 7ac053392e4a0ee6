import type { LaneRow, Link, RunRow, SyncState } from '@tidelock/core';
import {
  type Canon,
  createMailLedger,
  type Desk,
  type UndoMode,
  type UndoReport,
  type UndoTarget,
} from '@tidelock/engine';
import { titleOfLink } from './explain.ts';
import { findItems } from './find-items.ts';

export interface UndoQuery {
  /** Id of a run or its beginning, or what `why` takes: an e-mail address, part of a name, an id. */
  readonly what?: string | undefined;
  /** Everything since then (milliseconds since the epoch), of the run's or the item's where one is named. */
  readonly since?: number | undefined;
}

/** What a query means, before anything is looked at in the stores. */
export interface UndoScope {
  readonly kind: 'run' | 'item' | 'period';
  /** The run, or what the record is called; empty for a period. */
  readonly title: string;
  readonly lanes: readonly {
    readonly laneId: string;
    readonly mailbox: string;
    readonly target: UndoTarget;
  }[];
}

export interface UndoChoice {
  readonly laneId: string;
  readonly mailbox: string;
  readonly linkId: string;
  readonly title: string;
}

export type UndoFound =
  | { readonly state: 'found'; readonly scope: UndoScope }
  | { readonly state: 'nothing' }
  /** Several records match: a person says which. */
  | { readonly state: 'several'; readonly choices: readonly UndoChoice[] };

export interface UndoContext {
  readonly state: SyncState;
  readonly canon: Canon;
  lanes(): Promise<readonly LaneRow[]>;
  desk(): Promise<Desk>;
}

const RUNS = 1_000;
const CHOICES = 20;
/** Fewer letters name too many runs, and too many words are made of them. */
const LEAST_RUN = 4;

async function runsLike(state: SyncState, laneId: string, text: string): Promise<readonly RunRow[]> {
  if (text.length < LEAST_RUN || !/^[0-9a-f-]+$/i.test(text)) return [];
  const like = text.toLowerCase();
  return (await state.runs(laneId, RUNS)).filter(({ id, kind }) => kind !== 'plan' && id.startsWith(like));
}

async function runScope(context: UndoContext, what: string, since?: number): Promise<UndoScope | null> {
  const lanes: UndoScope['lanes'][number][] = [];
  for (const lane of await context.lanes()) {
    const runs = await runsLike(context.state, lane.id, what);
    for (const { id } of runs)
      lanes.push({ laneId: lane.id, mailbox: lane.label, target: { runId: id, since } });
  }
  return lanes.length === 0 ? null : { kind: 'run', title: what, lanes };
}

async function itemsLike(context: UndoContext, what: string): Promise<(UndoChoice & { link: Link })[]> {
  const found: (UndoChoice & { link: Link })[] = [];
  for (const lane of await context.lanes()) {
    const { links } = await findItems(context.state, lane, {
      query: what,
      canon: context.canon,
      limit: CHOICES,
    });
    for (const link of links) {
      const base = { laneId: lane.id, mailbox: lane.label, linkId: link.id };
      found.push({ ...base, title: titleOfLink(link), link });
    }
  }
  return found;
}

/** A pair that went on in another one left an empty tombstone, which has the same name. */
const isLeft = ({ link }: { readonly link: Link }): boolean =>
  link.status === 'tomb' && link.a === null && link.b === null;

/** What is meant: a run, one record, or everything of a period. Reads what is remembered; makes no request. */
export async function findUndo(context: UndoContext, { what, since }: UndoQuery): Promise<UndoFound> {
  if (what === undefined) {
    if (since === undefined) return { state: 'nothing' };
    const lanes = (await context.lanes()).map(({ id, label }) => ({
      laneId: id,
      mailbox: label,
      target: { since },
    }));
    return { state: 'found', scope: { kind: 'period', title: '', lanes } };
  }
  const run = await runScope(context, what, since);
  if (run !== null) return { state: 'found', scope: run };
  const items = await itemsLike(context, what);
  const present = items.filter((item) => !isLeft(item));
  const [first] = present.length > 0 ? present : items;
  if (first === undefined) return { state: 'nothing' };
  if (present.length > 1)
    return { state: 'several', choices: present.map(({ link: _, ...choice }) => choice) };
  const { laneId, mailbox, title } = first;
  const linkIds = items.filter((item) => item.laneId === laneId).map((item) => item.linkId);
  return {
    state: 'found',
    scope: { kind: 'item', title, lanes: [{ laneId, mailbox, target: { linkIds, since } }] },
  };
}

export interface LaneUndo extends UndoReport {
  readonly mailbox: string;
}

/**
 * Takes back what the scope says, mailbox by mailbox, or (`preview`) says what that would do. Throws `conflict` while
 * another process works on one of them; what was done by then stays, and the same call goes on from there.
 */
export async function takeBack(
  context: UndoContext,
  scope: UndoScope,
  how: { readonly mode: UndoMode; readonly preview: boolean; readonly approved?: string | undefined },
): Promise<readonly LaneUndo[]> {
  const desk = await context.desk();
  const reports: LaneUndo[] = [];
  const spentOf = createMailLedger();
  for (const { laneId, mailbox, target } of scope.lanes) {
    const report = await desk.undo(laneId, { target, ...how, spentOf });
    if (report.items.length + report.open > 0) reports.push({ ...report, mailbox });
  }
  return reports;
}
