import { answer, api, type Schemas } from './client.ts';

export type Question = Schemas['Review'];
export type WholeQuestion = Schemas['WholeReview'];

export interface Questions {
  readonly items: readonly Question[];
  readonly total: number;
  /** Why some names are missing. */
  readonly unread: string | null;
}

export const readQuestions = (): Promise<Questions> =>
  answer(api.GET('/api/v1/reviews', { params: { query: { limit: 200 } } }));

/** With the records' fields, read at this moment. */
export const readQuestion = (id: string): Promise<WholeQuestion> =>
  answer(api.GET('/api/v1/reviews/{id}', { params: { path: { id } } }));

export const decide = (id: string, decision: string): Promise<{ readonly effect: string }> =>
  answer(api.POST('/api/v1/reviews/{id}/decide', { params: { path: { id } }, body: { answer: decision } }));
