import { act, get } from './client.ts';
import type { HistoryEntry } from './items.ts';
import type { Change, Side } from './records.ts';

export interface Run {
  readonly id: string;
  readonly laneId: string;
  readonly mailbox: string;
  readonly kind: 'sync' | 'plan' | 'undo';
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly stopReason: string | null;
}

export const readRuns = async (): Promise<readonly Run[]> =>
  (await get<{ readonly runs: readonly Run[] }>('/runs', { limit: 200 })).runs;

export interface TrailAsk {
  readonly run?: string;
  readonly query?: string;
  readonly limit: number;
}

export const readTrail = (
  ask: TrailAsk,
): Promise<{ readonly rows: readonly HistoryEntry[]; readonly more: boolean }> => get('/history', { ...ask });

export type UndoMode = 'hold' | 'revert-source' | 'detach';

export interface UndoAsk {
  /** Id of a run, or of a pair. */
  readonly what: string;
  readonly mode: UndoMode;
}

export interface UndoItem {
  readonly linkId: string;
  readonly title: string;
  readonly side: Side;
  readonly op: string;
  readonly changes: readonly Change[];
  readonly outcome: 'planned' | 'done' | 'skipped' | 'held' | 'failed' | 'open';
  readonly reason: string | null;
  readonly code: string | null;
}

export interface LaneUndo {
  readonly laneId: string;
  readonly mailbox: string;
  readonly items: readonly UndoItem[];
  readonly held: { readonly hash: string; readonly count: number; readonly reason: string } | null;
}

export const previewUndo = async (ask: UndoAsk): Promise<readonly LaneUndo[]> =>
  (await act<{ readonly lanes: readonly LaneUndo[] }>('POST', '/undo/preview', ask)).lanes;

export const carryOutUndo = async (ask: UndoAsk): Promise<readonly LaneUndo[]> =>
  (await act<{ readonly lanes: readonly LaneUndo[] }>('POST', '/undo', ask)).lanes;
