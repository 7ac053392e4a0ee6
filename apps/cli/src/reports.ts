import type { Platform } from '@tidelock/host';
import type { Cli } from './cli.ts';
import { EXIT } from './exit-code.ts';
import { exitCodeOfKind } from './failure.ts';
import { printable } from './table.ts';
import { plural, SIDE } from './words.ts';

type Engine = Awaited<ReturnType<Platform['engine']>>;
export type PassReport = Awaited<ReturnType<Engine['plan']>>[number];

/** Something of this pass waits for a person or for time. */
const isPartial = (report: PassReport): boolean =>
  report.held !== null || report.openOutcomes > 0 || report.counts.parked > 0 || report.status === 'busy';

function failureCode(reports: readonly PassReport[]): number {
  const kinds = reports.map((report) => report.error?.kind).filter((kind) => kind !== undefined);
  const [first] = kinds;
  if (first === undefined || kinds.length < reports.length) return EXIT.partial;
  return kinds.some((kind) => exitCodeOfKind(kind) === EXIT.auth) ? EXIT.auth : EXIT.unexpected;
}

/** `open`: mailboxes that took part; `blocked`: those that findings kept off. */
export function exitCodeOfReports(
  reports: readonly PassReport[],
  at: { readonly open: number; readonly blocked: number; readonly settled: boolean },
): number {
  if (at.open === 0) return EXIT.blocked;
  if (reports.length > 0 && reports.every((report) => report.status === 'busy')) return EXIT.busy;
  if (reports.some((report) => report.status === 'failed')) return failureCode(reports);
  return at.blocked > 0 || !at.settled || reports.some(isPartial) ? EXIT.partial : EXIT.ok;
}

/** Held deletes, failures and busy mailboxes, one by one, with what to do. */
export function printTrouble(
  cli: Cli,
  reports: readonly PassReport[],
  names: ReadonlyMap<string, string>,
): void {
  const { bad, warn, dim } = cli.style();
  for (const report of reports) {
    const name = printable(names.get(report.laneId) ?? report.laneId);
    if (report.error) {
      cli.say(`${bad('failed')}  ${name}: ${printable(report.error.message)} (${report.error.kind})`);
      if (report.error.remedy !== null) cli.say(`        ${dim('→')} ${printable(report.error.remedy)}`);
    }
    if (report.status === 'busy')
      cli.say(
        `${warn('busy')}    ${name}: another process works on this mailbox, or died within the last minute`,
      );
    if (report.status === 'paused')
      cli.say(`${warn('paused')}  ${name}: nothing was read or written; to go on: tidelock resume ${name}`);
    if (report.held) {
      const { count, side, reason, hash } = report.held;
      cli.say(
        `${warn('held')}    ${name}: ${plural(count, 'delete')} in the ${SIDE[side]} (${printable(reason)})`,
      );
      cli.say(`        ${dim('→')} tidelock review decide ${hash} apply|keep`);
    }
    if (report.openOutcomes > 0) {
      const text = `${plural(report.openOutcomes, 'write')} of unknown fate; the next sync settles it`;
      cli.say(`${warn('open')}    ${name}: ${text}`);
    }
  }
}
