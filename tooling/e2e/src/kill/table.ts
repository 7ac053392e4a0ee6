import type { References } from './crash.ts';
import type { CrashPoint, EffectPoint } from './point.ts';
import { rowsOfPoint } from './points.ts';
import { CRASH_ROWS } from './rows.ts';
import { faultsOf, type Verdict } from './verdict.ts';

/** A point that was played; null = it ended with an error, so nothing is known of what it left. */
export interface Played {
  readonly point: CrashPoint;
  readonly verdict: Verdict | null;
}

const METHOD = { POST: 'create', PATCH: 'update', DELETE: 'delete' } as const;

/** What was done to the process, without the place of the effect in the pass. */
function wayOf(point: CrashPoint, of: References): string {
  const at = ({ effect, when }: EffectPoint): string => `${when} ${of.alone.effects[effect - 1] ?? '?'}`;
  if ('effect' in point) return `killed ${at(point)}`;
  if ('write' in point) return 'killed while a write is carried out';
  if ('held' in point)
    return `killed with a ${METHOD[point.held]} on side ${point.side} to land ${point.lands} the next process`;
  if ('other' in point) return `killed ${at(point.other)}, another worker next`;
  if ('pause' in point) return `paused ${at(point.pause)}`;
  return 'one of two workers killed';
}

function counted(ways: readonly string[]): string[] {
  const numbers = new Map<string, number>();
  for (const way of ways) numbers.set(way, (numbers.get(way) ?? 0) + 1);
  return [...numbers].map(([way, n]) => (n === 1 ? way : `${way} ${n} x`));
}

const sum = (verdicts: readonly (Verdict | null)[], of: (verdict: Verdict) => number): number =>
  verdicts.reduce((total, verdict) => total + (verdict === null ? 0 : of(verdict)), 0);

function rowText(played: readonly Played[]): string {
  const verdicts = played.map(({ verdict }) => verdict);
  const good = verdicts.filter((verdict) => verdict !== null && faultsOf(verdict).length === 0).length;
  const numbers = [
    ...[played.length, good],
    sum(verdicts, ({ twice }) => twice),
    sum(verdicts, ({ lost, other }) => lost + other),
    sum(verdicts, ({ idleWrites }) => idleWrites),
  ];
  return numbers.map((number) => String(number).padStart(8)).join('');
}

/**
 * One line for each row of the crash table: points, those that came to rest as a run without a crash does, records that are
 * there twice, records that are lost, writes of the second pass; and below what was killed.
 */
export function tableText(title: string, played: readonly Played[], of: References): string {
  const lines = Object.entries(CRASH_ROWS).flatMap(([row, text]) => {
    const own = played.filter(({ point }) => rowsOfPoint(point, of).includes(Number(row)));
    const ways = counted(own.map(({ point }) => wayOf(point, of)));
    const head = `${row.padStart(4)}  ${text.padEnd(56)}`;
    return own.length === 0
      ? [`${head}    none`]
      : [`${head}${rowText(own)}`, ...ways.map((way) => `        ${way}`)];
  });
  const crew = played.filter(({ point }) => rowsOfPoint(point, of).length === 0);
  const rest =
    crew.length === 0 ? [] : [`      ${'two workers at once, one dies'.padEnd(56)}${rowText(crew)}`];
  const names = ['points', 'at rest', 'twice', 'lost', 'writes'].map((name) => name.padStart(8)).join('');
  return [`${title}`, ` row  ${'the process dies when it ...'.padEnd(56)}${names}`, ...lines, ...rest].join(
    '\n',
  );
}

/** Rows that no point of a run belongs to. */
export function missingRows(played: readonly Played[], of: References): string[] {
  const rows = new Set(played.flatMap(({ point }) => rowsOfPoint(point, of)));
  return Object.keys(CRASH_ROWS).filter((row) => !rows.has(Number(row)));
}

/** What makes one point differ from another of the same row, without its place in the pass. */
export const kindOf = (point: CrashPoint, of: References): string =>
  `${rowsOfPoint(point, of).join('+')} ${wayOf(point, of)}`;
