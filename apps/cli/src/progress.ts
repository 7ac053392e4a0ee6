import type { PlatformOptions } from '@tidelock/host';
import type { Cli } from './cli.ts';
import { clip } from './table.ts';
import { plural, SIDE } from './words.ts';

type OnProgress = NonNullable<PlatformOptions['onProgress']>;
type Step = Parameters<OnProgress>[1];

const VERB = {
  read: 'reading',
  match: 'matching',
  plan: 'comparing',
  write: 'writing',
  recover: 'settling earlier writes',
} as const;
const BAR = 24;
const LINE_EVERY_MS = 5000;

export interface ProgressLine {
  readonly onProgress: OnProgress;
  /** Names for lanes, once they are known. */
  name(labels: ReadonlyMap<string, string>): void;
  clear(): void;
}

function describe(label: string, step: Step): string {
  const where = step.side === undefined ? '' : ` ${SIDE[step.side]}`;
  const of = step.total === undefined ? '' : ` of ${step.total.toLocaleString('en')}`;
  return `${label}  ${VERB[step.phase]}${where}  ${step.done.toLocaleString('en')}${of}`;
}

function bar(step: Step): string {
  if (step.total === undefined || step.total === 0) return '';
  const full = Math.min(BAR, Math.round((step.done / step.total) * BAR));
  return `${'█'.repeat(full)}${'░'.repeat(BAR - full)}  `;
}

/** A bar that redraws itself on a terminal; plain lines, at most one every few seconds, anywhere else. */
export function createProgress(cli: Cli): ProgressLine {
  const { terminal } = cli;
  const silent = cli.globals().quiet;
  let labels: ReadonlyMap<string, string> = new Map();
  let drawn = false;
  let last = { key: '', at: 0 };
  const clear = (): void => {
    if (drawn) terminal.err('\r\x1b[2K');
    drawn = false;
  };
  return {
    name: (names) => {
      labels = names;
    },
    clear,
    onProgress(laneId, step) {
      if (silent) return;
      const text = describe(labels.get(laneId) ?? plural(labels.size, 'mailbox', 'mailboxes'), step);
      const at = performance.now();
      if (terminal.errIsTty) {
        const key = `${laneId} ${step.phase} ${step.side}`;
        if (key === last.key && at - last.at < 80 && step.done !== step.total) return;
        terminal.err(`\r\x1b[2K${clip(bar(step) + text, terminal.columns - 1)}`);
        drawn = true;
        last = { key, at };
        return;
      }
      if (last.at !== 0 && at - last.at < LINE_EVERY_MS) return;
      if (last.at === 0) last = { key: '', at };
      else {
        terminal.err(`${text}\n`);
        last = { key: '', at };
      }
    },
  };
}
