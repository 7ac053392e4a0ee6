import type { Point, Series } from '../api/health.ts';

/** Where instants and values lie in a drawing. */
export interface Scale {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly from: number;
  readonly to: number;
  readonly most: number;
}

const MARGIN = { left: 58, right: 8, top: 10, bottom: 26 } as const;

/** What an axis ends with: a round number whose half is round, too. */
export function niceCeiling(value: number): number {
  if (value <= 2) return 2;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 4, 6, 8, 10].find((one) => one * power >= value) ?? 10;
  return step * power;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Null: there is nothing to draw. */
export function frameOf(series: readonly Series[], { width, height }: Size): Scale | null {
  const points = series.flatMap((one) => one.points);
  if (points.length === 0) return null;
  const instants = points.map(({ at }) => at);
  return {
    ...{ left: MARGIN.left, right: width - MARGIN.right, top: MARGIN.top, bottom: height - MARGIN.bottom },
    from: Math.min(...instants),
    to: Math.max(...instants),
    most: niceCeiling(Math.max(...points.map(({ value }) => value))),
  };
}

export const yOf = (value: number, { top, bottom, most }: Scale): number =>
  bottom - (value / most) * (bottom - top);

export function xOf(at: number, { left, right, from, to }: Scale): number {
  return to === from ? right : left + ((at - from) / (to - from)) * (right - left);
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** The points as a path; `closed`: the area down to the axis. */
export function pathOf(points: readonly Point[], scale: Scale, closed: boolean): string {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return '';
  const steps = points.map(
    ({ at, value }, index) =>
      `${index === 0 ? 'M' : 'L'}${round(xOf(at, scale))} ${round(yOf(value, scale))}`,
  );
  if (!closed) return steps.join('');
  return `${steps.join('')}L${round(xOf(last.at, scale))} ${scale.bottom}L${round(xOf(first.at, scale))} ${scale.bottom}Z`;
}

const LINES = [0, 0.5, 1] as const;

export const gridOf = (scale: Scale): readonly { readonly value: number; readonly y: number }[] =>
  LINES.map((share) => ({ value: scale.most * share, y: round(yOf(scale.most * share, scale)) }));
