import { answer, api, type Schemas } from './client.ts';
import type { HistoryEntry } from './items.ts';
import type { Job } from './jobs.ts';

export type Run = Schemas['Run'];

export const readRuns = async (): Promise<readonly Run[]> =>
  (await answer(api.GET('/api/v1/runs', { params: { query: { limit: 200 } } }))).items;

export interface Trail {
  readonly items: readonly HistoryEntry[];
  readonly more: boolean;
}

export const readRun = (run: string, limit: number): Promise<Trail> =>
  answer(api.GET('/api/v1/history', { params: { query: { run, limit } } }));

export type UndoMode = 'hold' | 'revert-source' | 'detach';

export interface UndoAsk {
  /** Id of a run, or of a pair. */
  readonly what: string;
  readonly mode: UndoMode;
  /** Hash of deletes beyond the brake, where a person lets them go. */
  readonly approve?: string;
}

export type UndoPreview = Schemas['UndoPreview'];
export type UndoItem = UndoPreview['lanes'][number]['items'][number];

export const previewUndo = (ask: UndoAsk): Promise<UndoPreview> =>
  answer(api.POST('/api/v1/undo/preview', { body: ask }));

/** Takes back exactly what the preview said. */
export const carryOutUndo = (ask: UndoAsk, preview: string): Promise<Job> =>
  answer(api.POST('/api/v1/undo', { body: { ...ask, preview } }));
