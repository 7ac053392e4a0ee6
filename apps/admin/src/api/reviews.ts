import { act, get } from './client.ts';
import type { NamedRecord } from './records.ts';

export interface Question {
  readonly id: string;
  readonly kind: string;
  readonly laneId: string;
  readonly mailbox: string;
  readonly reasons: readonly string[];
  readonly score: number | null;
  readonly decisions: readonly string[];
  readonly askedAt: number | null;
  readonly records: readonly NamedRecord[];
}

export const readQuestions = async (): Promise<readonly Question[]> =>
  (await get<{ readonly questions: readonly Question[] }>('/reviews')).questions;

/** With the records' fields, read at this moment. */
export const readQuestion = (id: string): Promise<Question> =>
  get<Question>(`/reviews/${encodeURIComponent(id)}`);

export const decide = (id: string, decision: string): Promise<unknown> =>
  act('POST', `/reviews/${encodeURIComponent(id)}/decision`, { decision });
