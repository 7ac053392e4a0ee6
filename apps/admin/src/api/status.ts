import { answer, api, type Schemas } from './client.ts';
import type { Job } from './jobs.ts';

export type Status = Schemas['Status'];
export type Lane = Schemas['LaneStatus'];
export type KeyLeft = Pick<Status['keys'][number], 'keyName' | 'days' | 'stage'>;

export const readStatus = (): Promise<Status> => answer(api.GET('/api/v1/status'));

/** Every mailbox, or those at these addresses. */
export const syncNow = (addresses: readonly string[]): Promise<Job> =>
  answer(api.POST('/api/v1/sync', { body: addresses.length === 0 ? {} : { mailboxes: [...addresses] } }));
