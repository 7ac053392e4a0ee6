import { answer, api, type Schemas } from './client.ts';

export type Job = Schemas['Job'];

export const isOver = ({ state }: Job): boolean => ['done', 'failed', 'cancelled'].includes(state);

export const readJob = (id: string): Promise<Job> =>
  answer(api.GET('/api/v1/jobs/{id}', { params: { path: { id } } }));

/** The last one of a kind that came to its end, with what came of it; null: none since the server began. */
export async function lastOf(kind: string): Promise<Job | null> {
  const { items } = await answer(api.GET('/api/v1/jobs', { params: { query: { limit: 200 } } }));
  return items.find((job) => job.kind === kind && job.state === 'done') ?? null;
}

export const cancelJob = (id: string): Promise<Job> =>
  answer(api.POST('/api/v1/jobs/{id}/cancel', { params: { path: { id } }, body: {} }));
