import { answer, api, type Schemas } from './client.ts';

export type ItemHit = Schemas['Item'];
export type Item = Schemas['WholeItem'];
export type Sentence = Schemas['Sentence'];
export type HistoryEntry = Schemas['Change'];

export interface ItemHits {
  readonly items: readonly ItemHit[];
  readonly more: boolean;
  /** Why a reason may be missing. */
  readonly unasked: string | null;
}

export const searchItems = (query: string): Promise<ItemHits> =>
  answer(api.GET('/api/v1/items', { params: { query: { query, limit: 50 } } }));

export const readItem = (id: string): Promise<Item> =>
  answer(api.GET('/api/v1/items/{id}', { params: { path: { id } } }));
