import { answer, api, type Schemas } from './client.ts';
import type { Job } from './jobs.ts';

export type Plan = Schemas['Plan'];
export type PlanStep = Schemas['PlanStep'];

export const readPlans = async (): Promise<readonly Plan[]> =>
  (await answer(api.GET('/api/v1/plans', { params: { query: { limit: 100 } } }))).items;

export const readPlan = (id: string): Promise<Plan> =>
  answer(api.GET('/api/v1/plans/{id}', { params: { path: { id } } }));

export interface PlanSteps {
  readonly items: readonly PlanStep[];
  readonly total: number;
  readonly next: string | null;
}

const PAGE = 500;

export const readSteps = (id: string, cursor: string | null): Promise<PlanSteps> =>
  answer(
    api.GET('/api/v1/plans/{id}/steps', {
      params: { path: { id }, query: cursor === null ? { limit: PAGE } : { limit: PAGE, cursor } },
    }),
  );

/** Its result names the plan. */
export const makePlan = (): Promise<Job> => answer(api.POST('/api/v1/plans', { body: {} }));

/** What a job that made a plan says; a plan of nobody has no id. */
export interface PlanMade {
  readonly planId: string | null;
  readonly findings: readonly { readonly text: string; readonly remedy: string | null }[];
}

/** Carries out exactly this plan; the hash says which one was looked at. */
export const applyPlan = (id: string, hash: string): Promise<Job> =>
  answer(api.POST('/api/v1/plans/{id}/apply', { params: { path: { id } }, body: { hash } }));
