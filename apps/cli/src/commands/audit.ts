import type { AuditEntry } from '@tidelock/core';
import { Command } from 'commander';
import { toInstant, toLimit } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { withPlatform } from '../session.ts';
import { printable, table } from '../table.ts';

const COLUMNS = [
  { title: 'When' },
  { title: 'Who' },
  { title: 'Act' },
  { title: 'What' },
  { title: 'Change' },
] as const;

const LONG = 120;

function brief(value: unknown): string {
  if (value === null || value === undefined) return '–';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > LONG ? `${text.slice(0, LONG)}…` : text;
}

/** `contacts.direction: "both" → "crm>mailbox"`, one part for each thing that changed. */
function changeOf({ before, after }: AuditEntry): string {
  const isMap = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap(before) || !isMap(after))
    return before === null ? brief(after) : `${brief(before)} → ${brief(after)}`;
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = keys.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  return changed.map((key) => `${key}: ${brief(before[key])} → ${brief(after[key])}`).join('; ');
}

const when = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ');

export function auditCommand(cli: Cli): Command {
  return new Command('audit')
    .description('who did what and when: every administrative act, newest first')
    .option('--since <when>', '30m, 2h, 3d, or a date', (text) => toInstant(text, Date.now()))
    .option('--limit <n>', 'acts shown', toLimit, 50)
    .addHelpText(
      'after',
      '\nThe trail only grows: acts are never changed or removed. With --json, each act in full, for archives:\n  tidelock audit --json --limit 1000000 > audit.json',
    )
    .action(async (options: { since?: number; limit: number }) => {
      const acts = await withPlatform(cli, ({ platform }) =>
        platform.administration.audit({ since: options.since, limit: Math.max(1, options.limit) }),
      );
      cli.json({ acts });
      if (acts.length === 0) {
        cli.say('Nothing was done yet.');
        return;
      }
      const rows = acts.map((act) => [
        when(act.at),
        printable(act.who),
        act.act,
        printable(act.subject),
        printable(changeOf(act)),
      ]);
      cli.say(table(COLUMNS, rows, cli.style().bold));
      if (acts.length === options.limit)
        cli.say(cli.style().dim(`\nOlder ones: --limit ${options.limit * 10}`));
    });
}
