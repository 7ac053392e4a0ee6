import { act, get } from './client.ts';
import type { Change, FieldValue, Job, Side } from './records.ts';

export interface PlanStep {
  readonly lane: string;
  readonly linkId: string | null;
  readonly action: 'create' | 'update' | 'delete' | 'link' | 'review' | 'unlink' | 'freeze';
  readonly side: Side | null;
  readonly title: string;
  readonly rule: string;
  readonly risk: 'none' | 'fill' | 'create' | 'link' | 'review' | 'overwrite' | 'blank' | 'delete';
  readonly held: string | null;
  readonly emails: number;
  readonly withheld: number;
  readonly changes: readonly Change[];
  readonly conflicts: readonly {
    readonly field: string;
    readonly winner: Side;
    readonly kept: FieldValue;
    readonly lost: FieldValue;
    readonly rule: string;
  }[];
  readonly match: { readonly score: number; readonly reasons: readonly string[] } | null;
  readonly question: { readonly id: string; readonly reasons: readonly string[] } | null;
}

export interface PlanHead {
  readonly id: string;
  readonly state: 'making' | 'ready' | 'applying' | 'applied' | 'failed';
  readonly createdAt: number;
  readonly by: string;
  readonly hash: string | null;
  readonly steps: number;
  readonly emails: number;
  readonly job: Job | null;
  readonly failure: string | null;
}

export interface Plan extends PlanHead {
  readonly mailboxes: readonly { readonly id: string; readonly mailbox: string }[];
  readonly rows: readonly PlanStep[];
}

export const readPlans = async (): Promise<readonly PlanHead[]> =>
  (await get<{ readonly plans: readonly PlanHead[] }>('/plans')).plans;

export const readPlan = (id: string): Promise<Plan> => get<Plan>(`/plans/${encodeURIComponent(id)}`);

export const makePlan = (mailboxes: readonly string[]): Promise<{ readonly id: string }> =>
  act('POST', '/plans', { mailboxes });

/** Carries out exactly this plan; the hash says which one was looked at. */
export const applyPlan = (id: string, hash: string): Promise<unknown> =>
  act('POST', `/plans/${encodeURIComponent(id)}/apply`, { hash });
