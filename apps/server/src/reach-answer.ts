import { type ReachReport, sayVerdict } from '@tidelock/host';
import * as z from 'zod';
import { Instant, toInstant } from './answers.ts';

const Verdict = z.enum(['open', 'closed', 'too-wide', 'missing', 'no-mailbox', 'unknown']);

export const Reach = z
  .object({
    at: Instant,
    asIntended: z.boolean(),
    counts: z.record(Verdict, z.int()),
    rows: z.array(
      z.object({
        address: z.string(),
        name: z.string(),
        intended: z.boolean().meta({ description: 'A rule of the configuration names it.' }),
        verdict: Verdict,
        text: z.string(),
      }),
    ),
    findings: z.array(
      z.object({ code: z.string(), severity: z.string(), text: z.string(), remedy: z.string().nullable() }),
    ),
  })
  .meta({ id: 'Reach' });

export function toReach({ at, asIntended, counts, rows, findings }: ReachReport): z.infer<typeof Reach> {
  return {
    ...{ at: toInstant(at), asIntended, counts: { ...counts } },
    rows: rows.map((row) => ({ ...row, text: sayVerdict(row.verdict) })),
    findings: findings.map(({ code, severity, text, remedy = null }) => ({ code, severity, text, remedy })),
  };
}
