import type { CheckResult, LaneUndo, PlanApplied, PlanMade, ReachReport, Synced } from '@tidelock/host';
import * as z from 'zod';
import { toReach } from './reach-answer.ts';
import { toUndone } from './undo-answer.ts';

const Finding = z
  .object({
    code: z.string(),
    severity: z.enum(['block', 'warn', 'info']),
    text: z.string(),
    remedy: z.string().nullable(),
    mailbox: z.string().nullable(),
  })
  .meta({ id: 'Finding' });

const Trouble = z
  .object({
    mailbox: z.string(),
    code: z.enum(['failed', 'busy', 'paused', 'held', 'open']),
    text: z.string(),
    remedy: z.string().nullable(),
  })
  .meta({ id: 'MailboxTrouble' });

const Status = z.enum(['done', 'busy', 'failed', 'paused', 'pending']);

/** Of a job of the kind `plan`. */
const PlanMadeSchema = z
  .object({
    planId: z
      .string()
      .nullable()
      .meta({ description: 'null: no mailbox could be planned; troubles and findings say why.' }),
    hash: z.string().nullable(),
    steps: z.int(),
    troubles: z.array(Trouble),
    findings: z.array(Finding),
  })
  .meta({ id: 'PlanMade' });

/** Of a job of the kind `apply`. */
const PlanAppliedSchema = z
  .object({
    planId: z.string(),
    settled: z.boolean().meta({ description: 'Nothing of the plan was left to do.' }),
    lanes: z.array(
      z.object({
        mailbox: z.string(),
        status: Status,
        rows: z.record(z.string(), z.int()).meta({
          description: 'Steps by what became of them: done, already, drift, held, parked, open, pending.',
        }),
        beyond: z.int().meta({ description: 'Changes that are not in the plan and wait.' }),
        drift: z.array(z.object({ title: z.string(), why: z.string() })),
      }),
    ),
    troubles: z.array(Trouble),
  })
  .meta({ id: 'PlanApplied' });

/** Of a job of the kind `sync`. */
const SyncedSchema = z
  .object({
    rounds: z.int(),
    settled: z.boolean().meta({ description: 'A last look found nothing to do.' }),
    lanes: z.array(z.object({ mailbox: z.string(), status: Status, counts: z.record(z.string(), z.int()) })),
    troubles: z.array(Trouble),
    findings: z.array(Finding),
  })
  .meta({ id: 'Synced' });

export const CheckSchema = z
  .object({
    name: z.string(),
    status: z.enum(['ok', 'warn', 'fail']),
    text: z.string(),
    remedy: z.string().nullable(),
  })
  .meta({ id: 'Check' });

/** Of a job of the kind `doctor`. */
const CheckedSchema = z.object({ checks: z.array(CheckSchema) }).meta({ id: 'Checks' });

type Findings = readonly { readonly remedy?: string | undefined }[];
const withRemedies = (findings: Findings) =>
  findings.map((finding) => ({ ...finding, remedy: finding.remedy ?? null }));

/** What came of a job, in the form that is promised for its kind. */
export function toResult(value: unknown, kind: string): unknown {
  switch (kind) {
    case 'plan': {
      const made = value as PlanMade;
      return PlanMadeSchema.parse({ ...made, findings: withRemedies(made.findings) });
    }
    case 'apply':
      return PlanAppliedSchema.parse(value as PlanApplied);
    case 'sync': {
      const synced = value as Synced;
      return SyncedSchema.parse({ ...synced, findings: withRemedies(synced.findings) });
    }
    case 'undo':
      return toUndone(value as readonly LaneUndo[]);
    case 'reach':
      return toReach(value as ReachReport);
    case 'doctor':
      return CheckedSchema.parse({ checks: value as readonly CheckResult[] });
    default:
      return null;
  }
}
