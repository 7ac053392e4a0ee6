import { answer, api, type Schemas } from './client.ts';
import { type Job, lastOf } from './jobs.ts';

export type ReachReport = Schemas['Reach'];
export type ReachRow = ReachReport['rows'][number];
export type Verdict = ReachRow['verdict'];

/** The last proof since the server began; null: none was made. */
export const readReach = async (): Promise<ReachReport | null> =>
  ((await lastOf('reach'))?.result ?? null) as ReachReport | null;

export const proveReach = (): Promise<Job> => answer(api.POST('/api/v1/reach', { body: {} }));
