import { act, get } from './client.ts';
import type { Finding } from './records.ts';

export type Verdict = 'open' | 'closed' | 'too-wide' | 'missing' | 'no-mailbox' | 'unknown';

export interface ReachRow {
  readonly address: string;
  readonly name: string;
  readonly intended: boolean;
  readonly verdict: Verdict;
}

export interface ReachReport {
  readonly at: number;
  readonly rows: readonly ReachRow[];
  readonly findings: readonly Finding[];
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly asIntended: boolean;
}

/** The last proof; null: none was made yet. */
export const readReach = async (): Promise<ReachReport | null> =>
  (await get<{ readonly report: ReachReport | null }>('/reach')).report;

export const proveReach = async (): Promise<ReachReport | null> =>
  (await act<{ readonly report: ReachReport | null }>('POST', '/reach')).report;
