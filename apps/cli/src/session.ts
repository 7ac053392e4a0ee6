import { resolve } from 'node:path';
import {
  createPlatform,
  type Platform,
  type PlatformFinding,
  type PreparedEngine,
  prepareEngine as prepare,
} from '@tidelock/host';
import type { Cli } from './cli.ts';
import { createEffectMeter } from './effect-meter.ts';
import { createProgress, type ProgressLine } from './progress.ts';
import { printable } from './table.ts';

export const configPath = (cli: Cli): string => resolve(cli.cwd, cli.globals().config);

export interface Session {
  readonly platform: Platform;
  readonly progress: ProgressLine;
}

/** Opens the platform for one command and closes it whatever happens. */
export async function withPlatform<R>(cli: Cli, use: (session: Session) => Promise<R>): Promise<R> {
  const meter = createEffectMeter(cli.env);
  const progress = createProgress(cli);
  const platform = await createPlatform({
    configPath: configPath(cli),
    resolveFrom: import.meta.url,
    env: cli.env,
    signal: cli.signal,
    onProgress: progress.onProgress,
    overrides: { onEffect: meter.onEffect },
  });
  try {
    return await use({ platform, progress });
  } finally {
    progress.clear();
    meter.finish();
    await platform.close();
  }
}

/** The engine of this session, with the names of its mailboxes on the progress line. */
export const prepareEngine = ({ platform, progress }: Session): Promise<PreparedEngine> =>
  prepare(platform, (names) => progress.name(names));

/** Findings of several mailboxes with the same words are one line. */
export function printFindings(cli: Cli, findings: readonly PlatformFinding[]): void {
  const { bad, warn, dim } = cli.style();
  const groups = new Map<string, { finding: PlatformFinding; mailboxes: Set<string> }>();
  for (const finding of findings.filter((one) => one.severity !== 'info')) {
    const key = `${finding.code} ${finding.text}`;
    const group = groups.get(key) ?? { finding, mailboxes: new Set<string>() };
    if (finding.mailbox !== null) group.mailboxes.add(finding.mailbox);
    groups.set(key, group);
  }
  for (const { finding, mailboxes } of groups.values()) {
    const label = finding.severity === 'block' ? bad('blocked') : warn('note');
    const names = [...mailboxes].filter((name) => !finding.text.startsWith(name));
    const shown =
      names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
    cli.say(`${label}  ${shown === '' ? '' : `${shown}: `}${printable(finding.text)}`);
    if (finding.remedy !== undefined) cli.say(`         ${dim('→')} ${printable(finding.remedy)}`);
  }
  if (groups.size > 0) cli.say();
}
