import { answer, api, type Schemas } from './client.ts';
import { type Job, lastOf } from './jobs.ts';
import type { Check } from './records.ts';

export type Health = Schemas['Health'];

export interface Point {
  readonly at: number;
  readonly value: number;
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

export const readHealth = (): Promise<Health> => answer(api.GET('/api/v1/health'));

export interface Checks {
  readonly checks: readonly Check[];
  readonly at: string | null;
}

/** The last look since the server began; null: none was made. */
export async function readChecks(): Promise<Checks | null> {
  const job = await lastOf('doctor');
  if (job === null) return null;
  const { checks } = job.result as { readonly checks: readonly Check[] };
  return { checks, at: job.endedAt };
}

export const runDoctor = (): Promise<Job> => answer(api.POST('/api/v1/doctor', { body: {} }));
