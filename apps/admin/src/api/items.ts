import { get } from './client.ts';
import type { Fields, FieldValue, Side } from './records.ts';

export interface Sentence {
  readonly code: string;
  readonly tone: 'fine' | 'waits' | 'asks' | 'rests';
  readonly text: string;
  readonly decide: string | null;
}

export interface ItemHit {
  readonly laneId: string;
  readonly mailbox: string;
  readonly kind: 'pair' | 'record';
  readonly linkId: string | null;
  readonly title: string;
  readonly status: string;
  readonly sentences: readonly Sentence[];
}

export interface HistoryEntry {
  readonly seq: number;
  readonly at: number;
  readonly runId: string;
  readonly linkId: string;
  readonly mailbox: string;
  readonly title: string;
  readonly side: Side;
  readonly op: string;
  readonly field: string | null;
  readonly old: FieldValue;
  readonly new: FieldValue;
  readonly rule: string;
}

export interface Item extends ItemHit {
  readonly mailboxId: string | null;
  readonly crmId: string | null;
  readonly fields: readonly { readonly field: string; readonly sentences: readonly Sentence[] }[];
  /** What each side shows at this moment; null: it cannot be read, or is not there. */
  readonly records: Readonly<Record<Side, Fields | null>>;
  /** Newest first. */
  readonly history: readonly HistoryEntry[];
}

export const searchItems = (
  query: string,
): Promise<{ readonly items: readonly ItemHit[]; readonly more: boolean }> =>
  get('/items', { q: query, limit: 50 });

export const readItem = (laneId: string, linkId: string): Promise<Item> =>
  get<Item>(`/items/${encodeURIComponent(laneId)}/${encodeURIComponent(linkId)}`);
