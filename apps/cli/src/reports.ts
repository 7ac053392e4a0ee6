import { type PassTrouble, type Platform, sayTroubles } from '@tidelock/host';
import type { Cli } from './cli.ts';
import { EXIT } from './exit-code.ts';
import { exitCodeOfKind } from './failure.ts';
import { printable, widthFor, wrap } from './table.ts';

type Engine = Awaited<ReturnType<Platform['engine']>>;
export type PassReport = Awaited<ReturnType<Engine['plan']>>[number];

/** Something of this pass waits for a person or for time. */
const isPartial = (report: PassReport): boolean =>
  report.held !== null || report.openOutcomes > 0 || report.counts.parked > 0 || report.status === 'busy';

function failureCode(reports: readonly PassReport[]): number {
  const kinds = reports.map((report) => report.error?.kind).filter((kind) => kind !== undefined);
  const [first] = kinds;
  if (first === undefined || kinds.length < reports.length) return EXIT.partial;
  const codes = kinds.map(exitCodeOfKind);
  if (codes.includes(EXIT.auth)) return EXIT.auth;
  return codes.every((code) => code === EXIT.unavailable) ? EXIT.unavailable : EXIT.unexpected;
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

function printOne(cli: Cli, name: string, trouble: PassTrouble): void {
  const { code: label, text, remedy: todo } = trouble;
  const { bad, warn, dim } = cli.style();
  const width = widthFor(cli) - 8;
  const head = (label === 'failed' ? bad : warn)(label.padEnd(6));
  wrap(printable(`${name}: ${text}`), width).forEach((line, index) => {
    cli.say(`${index === 0 ? head : '      '}  ${line}`);
  });
  if (todo === null) return;
  wrap(printable(todo), width - 2).forEach((line, index) => {
    cli.say(`        ${index === 0 ? dim('→') : ' '} ${line}`);
  });
}

/** Held deletes, failures and busy mailboxes, one by one, with what to do. True when there were any. */
export function printTrouble(
  cli: Cli,
  reports: readonly PassReport[],
  names: ReadonlyMap<string, string>,
): boolean {
  const troubles = reports.flatMap((report) => {
    const name = printable(names.get(report.laneId) ?? report.laneId);
    return sayTroubles(report, name).map((trouble) => ({ name, trouble }));
  });
  for (const { name, trouble } of troubles) printOne(cli, name, trouble);
  return troubles.length > 0;
}
